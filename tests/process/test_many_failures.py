"""Counts are true where more failed than is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.process.conftest import Start

MANY = 1_001


def console() -> bytes:
    blocks = (
        f"  aws:sqs:Queue (q{n}):\n    error: creating SQS Queue (q{n}): AccessDenied: no\n"
        for n in range(MANY)
    )
    return ("Updating (acme/shop/prod)\nDiagnostics:\n" + "".join(blocks)).encode()


def events() -> bytes:
    lines: list[str] = []
    for n in range(MANY):
        urn = f"urn:pulumi:prod::shop::aws:sqs/queue:Queue::q{n}"
        said = {"urn": urn, "prefix": "error: ", "message": "AccessDenied: no", "severity": "error"}
        step = {"op": "create", "urn": urn, "type": "aws:sqs/queue:Queue"}
        lines.append(json.dumps({"diagnosticEvent": said}))
        lines.append(json.dumps({"resOpFailedEvent": {"metadata": step, "status": 0, "steps": 1}}))
    lines.append(json.dumps({"summaryEvent": {"resourceChanges": {"same": 1}}}))
    return "\n".join(lines).encode()


@pytest.mark.parametrize("source", ["log-file", "events-file"])
def test_each_failure_counts_once(start: Start, source: str) -> None:
    name, content = ("up.log", console()) if source == "log-file" else ("up.jsonl", events())
    inputs = {"log-file": "", "outcome": "failure", source: name}
    result = start("log-only").run(inputs=inputs, files={name: content})
    assert result.outputs["failed-count"] == str(MANY)
    assert "**1,001 failed**" in result.comments[0]
    assert result.outputs["truncated"] == "true"
