"""Drift is news: it is no success without a word, and what differs is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from upshot.evidence import diagnose, facts_from_console, facts_from_events
from upshot.inputs.values import PolicyInputs
from upshot.model import BackendName, Facts, NoAnswer, Outcome, Run, UpdateKind
from upshot.report.build import RunContext, build_report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.verdict.decide import decide

LOGS = Path(__file__).parents[2] / "corpus" / "cli"


def render(facts: Facts) -> str:
    redactor = Redactor(())
    report = build_report(
        facts,
        diagnose(facts),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=decide(facts, policy=PolicyInputs()),
        subject=None,
        context=RunContext(Run("", "", "", ""), 0.0),
        redactor=redactor,
    )
    return Renderer(redactor=redactor).summary(report).text


def drift(form: str) -> Facts:
    path = LOGS / f"refresh-drift.{form}"
    read = facts_from_console if form == "log" else facts_from_events
    with path.open("rb") as lines:
        return read(lines)


@pytest.mark.parametrize("form", ["log", "events.jsonl"])
def test_a_refresh_that_found_drift_says_so_and_names_it(form: str) -> None:
    text = render(drift(form))
    assert text.startswith("### ⚠️ Drift in 2 resources")
    assert "1 changed outside of Pulumi · 1 gone · 1 unchanged" in text
    assert "#### 2 resources drifted" in text
    assert "gone **`jobs`**" in text
    assert "assets" in text
    assert "✅" not in text


def test_the_old_and_the_new_value_are_shown() -> None:
    assert '! value: "a" → "changed"' in render(drift("events.jsonl"))


def test_a_record_with_counts_alone_is_drift_too() -> None:
    facts = Facts(Outcome.SUCCEEDED, UpdateKind.REFRESH, counts={"update": 3, "same": 4})
    assert render(facts).startswith("### ⚠️ Drift in 3 resources")


def test_a_refresh_that_found_nothing_is_calm() -> None:
    facts = Facts(Outcome.SUCCEEDED, UpdateKind.REFRESH, counts={"same": 4})
    assert render(facts).startswith("### ⚪ Nothing changed")
