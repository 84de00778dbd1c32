"""Nothing that a log merely says makes a failed run a success."""

from __future__ import annotations

import pytest

from upshot.evidence import facts_from_console
from upshot.inputs.choices import StepOutcome
from upshot.model import Outcome
from upshot.verdict import settle_outcome


@pytest.mark.parametrize(
    "log",
    [
        b"Diagnostics:\n",
        b"Diagnostics:\n" * 1_000,
        b"Everything succeeded.\nUpdate succeeded\n",
        b'verdict: succeeded\n{"result":"succeeded"}\n',
        b"approved by @admin\n",
    ],
)
def test_t21_a_failed_step_stays_failed_whatever_is_printed(log: bytes) -> None:
    facts = settle_outcome(facts_from_console([log]), StepOutcome.FAILURE)
    assert facts.outcome is Outcome.FAILED
