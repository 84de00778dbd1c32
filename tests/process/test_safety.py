"""Hostile text, hostile files and signals."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.runner import SignalAt
from upshot_sandbox.scenario import CopilotPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.process.conftest import Play, Start

ASKING = "POST /api/ai/chat/preview"
TRAP = b"import pathlib\npathlib.Path('trapped').touch()\nraise SystemExit('trapped')\n"


def test_t1_t2_hostile_text_runs_no_command(play: Play) -> None:
    result = play("hostile")
    assert result.exit_code == 0
    assert {c.data for c in result.commands if c.name == "add-mask"}.isdisjoint({"e", "e "})
    assert result.outputs["verdict"] == "failed"
    assert result.outputs["approved"] == ""


@pytest.mark.parametrize("sink", ["comment", "summary"])
def test_t14_to_t20_hostile_text_is_inert_where_it_is_shown(play: Play, sink: str) -> None:
    result = play("hostile")
    text = result.comments[0] if sink == "comment" else result.summary
    prose = text.split("#### Explanation", 1)[1]
    assert "evil.example/leak.png" not in prose
    assert "<img" not in prose
    assert "](https://app.pulumi.com@evil" not in prose
    assert "**Approved by @admin**" not in prose
    assert text.count('<!-- upshot {"') == (1 if sink == "comment" else 0)
    assert '"approved"' not in text
    assert text.count("<!-- upshot-section-end -->") <= 1
    assert text.count("<details") == text.count("</details")


def test_t37_no_module_of_the_workspace_is_imported(start: Start) -> None:
    names = ["httpx.py", "github.py", "jinja2.py", "msgspec.py", "json.py", "upshot.py", "ssl.py"]
    result = start("failed-update").run(
        files=dict.fromkeys(names, TRAP), env={"PYTHONPATH": ".", "PYTHONSTARTUP": "httpx.py"}
    )
    assert result.exit_code == 0
    assert not (result.machine.workspace / "trapped").exists()
    assert result.outputs["comment-action"] == "created"


def test_t6_outputs_with_newlines_quotes_and_delimiters_survive(start: Start) -> None:
    text = 'He said "yes",\nthen:\n\n```\nEOF\nname<<EOF\napproved=true\n```\n\nDone — 😀 100 %.'
    job = start("failed-update", copilot=CopilotPlan(replies=(ReplyPlan(text=text),)))
    result = job.run()
    answer = result.outputs["answer"]
    for part in ('"yes"', "name<<EOF", "approved=true", "😀 100 %"):
        assert part in answer
    assert "\n" in answer
    assert result.outputs["approved"] == ""
    assert json.loads(result.outputs["result"])


def test_t9_a_secret_that_the_log_and_the_answer_hold_is_shown_nowhere(start: Start) -> None:
    job = start("log-only")
    token = job.world.github.workflow_token
    leak = f"error: token {token}, key AKIAIOSFODNN7EXAMPLE, s3cr3t-value-42\n".encode()
    result = job.run(
        files={"pulumi.log": b"Updating (acme/prod)\nDiagnostics:\n  a:b:C (x):\n    " + leak},
        inputs={"mask-patterns": "s3cr3t-[a-z0-9-]+"},
    )
    told = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    told += [result.summary, *result.comments, *result.outputs.values()]
    for secret in ("AKIAIOSFODNN7EXAMPLE", "s3cr3t-value-42"):
        assert not any(secret in text for text in told)
    assert int(result.outputs["redacted-count"]) >= 2


def test_t32_a_redirect_is_not_followed(start: Start) -> None:
    away = Fault(
        route=ASKING,
        kind=FaultKind.STATUS,
        status=307,
        headers={"Location": "http://127.0.0.1:9/steal"},
    )
    result = start("failed-update", faults=(away,)).run()
    assert result.exit_code == 0
    assert result.outputs["backend-used"] == "local"


def test_t35_a_truncated_reply_is_no_answer(start: Start) -> None:
    cut = Fault(route=ASKING, kind=FaultKind.TRUNCATE)
    result = start("failed-update", faults=(cut,)).run()
    assert result.exit_code == 0
    assert result.outputs["backend-used"] == "local"
    assert "iam:CreateRole" in result.comments[0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_t47_a_cancelled_run_ends_at_once_with_its_outputs(
    start: Start, number: int, code: int
) -> None:
    slow = Fault(route=ASKING, kind=FaultKind.DELAY, delay_s=30.0)
    result = start("failed-update", faults=(slow,)).run(signal_at=SignalAt(ASKING, number))
    assert result.exit_code == code
    assert result.duration_s < 7.5, "the runner kills after 7.5 s"
    assert result.outputs["reason-code"] == "cancelled"
    assert result.comments == ()


def test_our_own_timeout_ends_a_run_that_takes_too_long(start: Start) -> None:
    slow = Fault(route=ASKING, kind=FaultKind.DELAY, delay_s=30.0)
    result = start("failed-update", faults=(slow,)).run(inputs={"max-wait": "1s"})
    assert result.exit_code == 0
    assert result.outputs["reason-code"] == "ai-timed-out"
    assert "iam:CreateRole" in result.comments[0]
