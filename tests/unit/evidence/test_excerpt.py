"""The cut of the evidence: what survives, and that the rest is counted."""

from __future__ import annotations

import pytest

from upshot.evidence import Excerpt, facts_from_console
from upshot.model import EngineWarning, Facts, Failure, Outcome, ResourceChange, UpdateKind

CAUSE = "creating SQS Queue (orders): api error AccessDenied: not allowed"
NOISE = "".join(f" +   ├─ aws:s3:BucketObject  object-{n:04}  created (0.4s)\n" for n in range(800))
TAIL = "\nOutputs:\n" + "".join(f'    url{n}: "https://example.com/{n}"\n' for n in range(60))
COUNTS = "\nResources:\n    + 800 created\n\nDuration: 3m\n"


def failure(name: str, message: str, **more: object) -> Failure:
    return Failure(
        message=message,
        headline=message.split("\n", maxsplit=1)[0],
        type="aws:sqs:Queue",
        name=name,
        is_resource=True,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "log",
    [
        f"Diagnostics:\n  aws:sqs:Queue (orders):\n    error: {CAUSE}\n",
        f"error: {CAUSE}\n",
        f" +  aws:sqs:Queue orders creating (3s) error: {CAUSE}\n",
        f"  pulumi:pulumi:Stack (shop-dev):\n    ValueError: {CAUSE}\n",
        f"failed to run: exit status 255, stderr: error: {CAUSE}\n",
    ],
)
def test_the_root_cause_survives_60_kb_of_output_around_it(log: str) -> None:
    facts = facts_from_console([(NOISE + log + TAIL + COUNTS).encode()])
    assert CAUSE in Excerpt(facts).cut(4_000)


def test_the_cause_comes_before_what_only_followed() -> None:
    facts = Facts(
        outcome=Outcome.FAILED,
        kind=UpdateKind.UPDATE,
        failures=(failure("late", "update failed", is_cascade=True), failure("first", CAUSE)),
    )
    text = Excerpt(facts).cut(4_000)
    assert text.index(CAUSE) < text.index("aws:sqs:Queue late: update failed")
    assert "[only followed]" in text


def test_everything_is_there_when_it_fits() -> None:
    facts = Facts(
        outcome=Outcome.SUCCEEDED,
        kind=UpdateKind.UPDATE,
        counts={"create": 1},
        changes=(ResourceChange("", "aws:rds:Instance", "main", "replace", stateful=True),),
        warnings=(EngineWarning("old option", count=3),),
    )
    assert Excerpt(facts).cut(4_000).split("\n") == [
        "Outcome: update succeeded",
        "Warnings:",
        "  warning: old option (3 times)",
        "Resources: create 1",
        "Changes:",
        "  replace aws:rds:Instance main (holds data)",
    ]


@pytest.mark.parametrize("budget_bytes", [0, 1, 20, 200, 1_000, 4_000])
def test_the_budget_is_kept_in_bytes_and_what_is_left_out_is_counted(budget_bytes: int) -> None:
    facts = Facts(
        outcome=Outcome.FAILED,
        failures=tuple(failure(f"größe-{n}", f"ü{n} " * 40) for n in range(50)),
    )
    text = Excerpt(facts).cut(budget_bytes)
    assert len(text.encode()) <= budget_bytes
    assert "�" not in text
    if budget_bytes >= 200:
        assert "more lines left out" in text


def test_t09_the_cut_text_is_redacted_as_a_whole_and_keeps_to_the_budget() -> None:
    facts = Facts(outcome=Outcome.FAILED, failures=(failure("orders", "key:\nline one\nline two"),))

    def redact(text: str) -> str:
        return text.replace("  line one\n  line two", "[redacted]" * 50)

    text = Excerpt(facts, redact).cut(4_000)
    assert "line two" not in text
    assert "[redacted]" in text
    assert len(Excerpt(facts, redact).cut(200).encode()) <= 200
