"""The order of verdicts and risks, and the one table of how a verdict is shown."""

from __future__ import annotations

import pytest

from upshot.model import Outcome, RiskLevel, VerdictStatus


def test_the_worst_verdict_comes_first() -> None:
    found = sorted(VerdictStatus, key=lambda status: status.rank)
    assert found == ["failed", "cancelled", "unknown", "succeeded", "no-changes"]


@pytest.mark.parametrize("text", ["", "FAILED", "exploded", "@everyone"])
def test_any_other_text_is_an_unknown_verdict(text: str) -> None:
    assert VerdictStatus.read(text) is VerdictStatus.UNKNOWN


def test_the_name_of_a_verdict_is_read_back() -> None:
    assert [VerdictStatus.read(status.value) for status in VerdictStatus] == list(VerdictStatus)
    assert [VerdictStatus.read(outcome).shown.outcome for outcome in Outcome] == list(Outcome)


def test_each_verdict_is_shown_by_words_of_its_own() -> None:
    shown = [status.shown for status in VerdictStatus]
    for name in ("icon", "ending", "alone", "tally", "reason"):
        assert len({getattr(each, name) for each in shown}) == len(shown)
    assert {each.commit_state for each in shown} <= {"error", "failure", "pending", "success"}


def test_a_report_says_a_risk_from_medium_on() -> None:
    levels = sorted(RiskLevel, key=lambda level: level.rank)
    assert levels == ["none", "low", "medium", "high", "critical"]
    assert [level for level in levels if level.is_notable] == ["medium", "high", "critical"]
