"""Many reports as one: the worst verdict counts, numbers add up, nothing that failed is lost."""

from __future__ import annotations

from msgspec.structs import replace
from tests.golden.report.scenarios import (
    RUN,
    cancelled,
    failed_preview,
    failed_update,
    no_changes,
    risky_preview,
    succeeded,
)

from upshot.model import NoAnswer, RiskLevel, UpdateKind, VerdictStatus
from upshot.modes.joined.join import MOST_ROWS, join_reports
from upshot.report.content import Report


def join(*reports: Report) -> Report:
    return join_reports(reports, run=RUN, now=5.0)


def test_the_worst_verdict_counts() -> None:
    assert join(succeeded(), failed_update()).verdict.status is VerdictStatus.FAILED
    assert join(succeeded(), cancelled()).verdict.status is VerdictStatus.CANCELLED
    assert join(no_changes(), succeeded()).verdict.status is VerdictStatus.SUCCEEDED
    assert join(no_changes(), no_changes()).verdict.status is VerdictStatus.NO_CHANGES


def test_the_highest_risk_counts() -> None:
    assert join(succeeded(), risky_preview()).verdict.risk_level is RiskLevel.CRITICAL


def test_a_breach_says_of_which_stack() -> None:
    [breach] = join(succeeded(), risky_preview()).verdict.breaches
    assert str(breach).startswith("acme/webshop/prod: fail-on: ")


def test_counts_are_summed() -> None:
    counts = join(succeeded(), failed_update(), no_changes()).facts.counts or {}
    parts = [report().facts.counts or {} for report in (succeeded, failed_update, no_changes)]
    assert counts["create"] == sum(part.get("create", 0) for part in parts)
    unknown = replace(succeeded(), facts=replace(succeeded().facts, counts=None))
    assert join(unknown, unknown).facts.counts is None


def test_replacements_are_summed_however_each_stack_counts_them() -> None:
    def counting(**counts: int) -> Report:
        steps = {step.replace("_", "-"): count for step, count in counts.items()}
        return replace(succeeded(), facts=replace(succeeded().facts, counts=steps))

    joined = join(counting(replace=1, create_replacement=1), counting(create_replacement=2))
    assert joined.facts.counts == {"replace": 3}


def test_everything_that_failed_is_there_the_worst_stack_first() -> None:
    joined = join(succeeded(), failed_update(), failed_preview())
    one, other = failed_update().facts.failures, failed_preview().facts.failures
    assert len(joined.facts.failures) == len(one) + len(other)
    assert joined.diagnosis.failure_class in {
        failed_update().diagnosis.failure_class,
        failed_preview().diagnosis.failure_class,
    }


def test_rows_beyond_the_bound_are_counted() -> None:
    facts = failed_update().facts
    many = replace(failed_update(), facts=replace(facts, failures=facts.failures[:1] * MOST_ROWS))
    joined = join(many, many)
    assert len(joined.facts.failures) == MOST_ROWS
    assert joined.facts.failures_omitted == MOST_ROWS


def test_the_kind_is_reported_where_all_agree() -> None:
    assert join(succeeded(), failed_update()).facts.kind is UpdateKind.UPDATE
    assert join(succeeded(), risky_preview()).facts.kind is UpdateKind.UNKNOWN


def test_no_ai_answered_for_all_of_them_but_their_calls_are_counted() -> None:
    joined = join(succeeded(), failed_update())
    assert isinstance(joined.reply, NoAnswer)
    assert joined.reply.calls == succeeded().reply.calls + failed_update().reply.calls
