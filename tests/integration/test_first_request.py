"""What is loaded when the first AI request leaves (docs/decisions/0004)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

HEAVY = {
    "github",
    "jinja2",
    "markdown_it",
    "cryptography",
    "jwt",
    "requests",
    "urllib3",
    "pydantic",
    "rich",
    "click",
    "asyncio",
    "tomllib",
    "argparse",
}
SCRIPT = """
import io, json, os, sys
import upshot.http
import httpx
from upshot.__main__ import Action
from upshot.timing import SystemClock

def answer(request):
    if request.url.path != "/api/ai/chat/preview":
        return httpx.Response(404, json={"code": 404, "message": "not found"})
    print(json.dumps(sorted(sys.modules)), file=sys.__stdout__, flush=True)
    return httpx.Response(402, text="Usage limit reached")

Action(dict(os.environ), io.StringIO(), SystemClock(), http=httpx.MockTransport(answer)).run()
"""
LOG = """\
Updating (prod)

View Live: https://app.pulumi.com/acme/web/prod/updates/41

Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): BucketAlreadyExists: The name is taken.
"""

MOST_OWN: Final = 106
"""Modules of ours; `bench.start` bounds all of them, which depend on Python's version."""


def loaded_before_the_first_ai_request(folder: Path) -> set[str]:
    (folder / "pulumi.log").write_text(LOG, encoding="utf-8")
    env = {
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_EVENT_NAME": "schedule",
        "INPUT_LOG-FILE": "pulumi.log",
        "INPUT_PULUMI-ACCESS-TOKEN": "pul-" + "0" * 40,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT], env=env, check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout))


def test_nothing_heavy_is_loaded_before_the_first_ai_request(tmp_path: Path) -> None:
    loaded = loaded_before_the_first_ai_request(tmp_path)
    assert "upshot.backends.copilot" in loaded
    heavy = {name.partition(".")[0] for name in loaded} & HEAVY
    assert heavy == set()


def test_no_room_that_only_reports_is_loaded_before_the_first_ai_request(tmp_path: Path) -> None:
    loaded = loaded_before_the_first_ai_request(tmp_path)
    telling = (
        "upshot.report.render",
        "upshot.publish",
        "upshot.result",
        "upshot.modes.shared.publish_report",
    )
    neo = ("upshot.backends.neo.backend", "upshot.pulumi.neo.tasks", "upshot.http.sse")
    assert not [name for name in loaded if name.startswith((*telling, *neo))]


def test_no_more_of_upshot_than_the_question_needs_is_loaded_before_it_leaves(
    tmp_path: Path,
) -> None:
    loaded = loaded_before_the_first_ai_request(tmp_path)
    own = sorted(name for name in loaded if name.partition(".")[0] == "upshot")
    assert len(own) <= MOST_OWN, own
