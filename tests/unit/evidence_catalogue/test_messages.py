"""Messages as providers, the engine and language runtimes word them, and the class of each.

A table of wordings is what keeps the signals general: a change that helps one provider and
breaks another shows here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from upshot.evidence.diagnosis import diagnose
from upshot.model import Facts, Failure, Outcome

TABLE = Path(__file__).with_name("messages.txt")
STATUS = re.compile(r"(?:StatusCode: |Error |Status=|status |\[|: )([45]\d\d)\b")
TYPES = {
    "pulumi": "pulumi:pulumi:Stack",
    "command": "command:local:Command",
    "docker-build": "docker-build:index:Image",
}


def rows() -> list[tuple[str, ...]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    fields = (line.split("|", 4) for line in lines if line and not line.startswith("#"))
    return [tuple(part.strip() for part in parts) for parts in fields]


def type_of(provider: str, message: str) -> str:
    if provider == "docker":
        return "docker:index:Container" if message.startswith("Unable to") else "docker:index:Image"
    return TYPES.get(provider, f"{provider}:module/thing:Thing")


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]}-{row[4][:40]}")
def test_a_message_gets_its_class(row: tuple[str, ...]) -> None:
    expected, also, provider, operation, message = row
    status = STATUS.search(message)
    failure = Failure(
        message=message,
        headline=message,
        type=type_of(provider, message),
        provider=provider,
        operation=operation,
        status_code=int(status[1]) if status else None,
        is_resource=True,
    )
    found = diagnose(Facts(outcome=Outcome.FAILED, failures=(failure,)))
    assert found.failure_class in {expected, *also.split(",")}
