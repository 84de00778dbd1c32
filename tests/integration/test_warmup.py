"""What still has to be loaded when the AI has answered: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import io, json, os, sys, threading
import upshot.http
import httpx
from upshot.__main__ import Action
from upshot.timing import SystemClock

ANSWER = {"conversationId": "c", "messages": [
    {"role": "assistant", "kind": "response", "content": "**Because.**\\n\\n1. one\\n2. two"}]}
before = set()

def answer(request):
    if request.url.path != "/api/ai/chat/preview":
        return httpx.Response(404, json={"code": 404, "message": "not found"})
    for thread in threading.enumerate():
        if thread.name == "background":
            thread.join()
    before.update(sys.modules)
    return httpx.Response(200, json=ANSWER)

class Slow(httpx.MockTransport):
    def handle_request(self, request):
        trace = request.extensions.get("trace")
        if trace:
            trace("http11.send_request_body.complete", {})
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


def test_the_report_loads_nothing_that_the_warmup_did_not(tmp_path: Path) -> None:
    (tmp_path / "pulumi.log").write_text(LOG, encoding="utf-8")
    env = {
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "RUNNER_TEMP": str(tmp_path),
        "INPUT_LOG-FILE": "pulumi.log",
        "INPUT_PULUMI-ACCESS-TOKEN": "pul-" + "0" * 40,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT], env=env, check=True, capture_output=True, text=True
    )
    exit_code, before, loaded = json.loads(done.stdout)
    assert exit_code == 0
    assert before > 300
    assert "Because." in (tmp_path / "summary").read_text(encoding="utf-8")
    assert loaded == []
