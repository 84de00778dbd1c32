"""What still has to be loaded when the AI has answered: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import io, json, os, sys, threading
import upshot.http
import httpx
from upshot.__main__ import Action
from upshot.http.network import SENT
from upshot.timing import SystemClock

POWABASE = {
    "/api/workflows/3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11": {"id": "w", "version": 1, "edges": [],
        "blocks": [{"id": "11111111-1111-4111-8111-111111111111", "type": "agent", "name": "A", "config": {}}]},
    "/api/copilot/sessions": {"id": "s"},
}
TURN = {"event": "complete", "message_id": "m", "content": "**Because.**",
    "workflow_diff": {"update_blocks": [{"id": "A", "config": {"model": "o3"}}]}}
ANSWER = {"conversationId": "c", "messages": [
    {"role": "assistant", "kind": "response", "content": "**Because.**\\n\\n1. one\\n2. two"}]}
before = set()

def answer(request):
    if request.url.path in POWABASE:
        return httpx.Response(200, json=POWABASE[request.url.path])
    if request.url.path not in {"/api/ai/chat/preview", "/api/copilot/sessions/s/chat"}:
        return httpx.Response(404, json={"code": 404, "message": "not found"})
    for thread in threading.enumerate():
        if thread.name == "background":
            thread.join()
    before.update(sys.modules)
    if request.url.path.endswith("/chat"):
        stream = f"data: {json.dumps(TURN)}\\n\\n"
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=stream)
    return httpx.Response(200, json=ANSWER)

class Slow(httpx.MockTransport):
    def handle_request(self, request):
        sent = request.extensions.get(SENT)
        if sent:
            sent()
        return super().handle_request(request)

exit_code = Action(dict(os.environ), io.StringIO(), SystemClock(), http=Slow(answer)).run()
print(json.dumps([exit_code, len(before), sorted(set(sys.modules) - before)]))
"""
LOG = """\
Updating (prod)

View Live: https://app.pulumi.com/acme/web/prod/updates/41

Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): BucketAlreadyExists: The name is taken.
"""


POWABASE = {
    "INPUT_MODE": "powabase",
    "INPUT_PROMPT": "Use o3.",
    "INPUT_POWABASE-URL": "https://acme.p.powabase.ai",
    "INPUT_POWABASE-KEY": "service-role-key-0123456789",
    "INPUT_WORKFLOW-ID": "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11",
}
HEAD = {"sha": "0" * 40, "repo": {"id": 1, "full_name": "acme/web"}}
EVENT = {"number": 7, "pull_request": {"number": 7, "head": HEAD, "base": HEAD}}


@pytest.mark.parametrize("given", [{"INPUT_LOG-FILE": "pulumi.log"}, POWABASE])
def test_the_report_loads_nothing_that_the_warmup_did_not(
    tmp_path: Path, given: dict[str, str]
) -> None:
    (tmp_path / "pulumi.log").write_text(LOG, encoding="utf-8")
    (tmp_path / "event.json").write_text(json.dumps(EVENT), encoding="utf-8")
    env = {
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_EVENT_NAME": "pull_request" if given is POWABASE else "schedule",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "RUNNER_TEMP": str(tmp_path),
        "INPUT_PULUMI-ACCESS-TOKEN": "pul-" + "0" * 40,
        **given,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT], env=env, check=True, capture_output=True, text=True
    )
    exit_code, before, loaded = json.loads(done.stdout)
    assert exit_code == 0
    assert before > 300
    assert "Because." in (tmp_path / "summary").read_text(encoding="utf-8")
    assert loaded == []
