"""What the real CLI printed and logged, read again: each program's truth was known before it ran.

The recordings come from `make judge-cli` (tools/judges/cli), which also says how to make them anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import pytest
from tools.judges.cli.programs import PROGRAMS, Program, Truth
from tools.scoring import display_type

from upshot.evidence import diagnose, facts_from_console, facts_from_events, merge_facts
from upshot.evidence.text import strip_colour
from upshot.evidence.urn import STACK_TYPE
from upshot.model import Facts, Meaning, Outcome
from upshot.model.operations import operation_of

FOLDER: Final = Path(__file__).resolve().parents[2] / "corpus" / "cli"
LOGS: Final = [each for each in PROGRAMS if (FOLDER / f"{each.name}.log").exists()]
EVENTS: Final = [each for each in PROGRAMS if (FOLDER / f"{each.name}.events.jsonl").exists()]
PRINTED: Final = {each.name: each for each in LOGS}


def log_of(program: Program) -> Facts:
    raw = (FOLDER / f"{program.name}.log").read_bytes()
    return facts_from_console(raw.splitlines(keepends=True))


def events_of(program: Program) -> Facts:
    raw = (FOLDER / f"{program.name}.events.jsonl").read_bytes()
    return facts_from_events(raw.splitlines(keepends=True))


def failed_in(facts: Facts) -> dict[tuple[str, str], str]:
    """Operation by type and name; a program's own error is the stack's in a log, and nameless in
    events.
    """
    return {
        (display_type(f.type), f.name): f.operation
        for f in facts.failed_resources
        if f.type != STACK_TYPE
    }


def changed(facts: Facts, meaning: Meaning) -> list[str]:
    return sorted({change.name for change in facts.changes if change.means is meaning})


def changing(counts: dict[str, int] | None) -> dict[str, int]:
    """What a truth counts: the operations that change something."""
    return {op: n for op, n in (counts or {}).items() if n and operation_of(op).changes}


def check(
    facts: Facts, truth: Truth, kind: str, *, failed: tuple[tuple[str, str, str], ...]
) -> None:
    assert facts.outcome == truth.outcome
    assert facts.kind == kind
    assert failed_in(facts) == {(display_type(a), b): step for a, b, step in failed}
    if truth.counts is not None:
        assert changing(facts.counts) == truth.counts
    if truth.replaced is not None:
        assert changed(facts, Meaning.REPLACE) == sorted(truth.replaced)
    if truth.deleted is not None:
        assert changed(facts, Meaning.DELETE) == sorted(truth.deleted)
    found = diagnose(facts).failure_class
    no_class = "success" if facts.outcome is Outcome.SUCCEEDED else "unknown"
    assert (found or no_class) in {truth.failure_class, *truth.also}
    if truth.cause:
        assert facts.root_cause
        assert truth.cause in facts.root_cause.headline


def test_every_program_is_recorded_with_its_truth() -> None:
    lines = (FOLDER / "cases.jsonl").read_bytes().splitlines()
    known = {case.pop("name"): case for case in map(msgspec.json.decode, lines)}
    assert known == {
        each.name: msgspec.json.decode(msgspec.json.encode(each.truth)) for each in PROGRAMS
    }
    assert len(LOGS) == len(PROGRAMS) >= 40


@pytest.mark.parametrize("program", LOGS, ids=lambda each: each.name)
def test_a_printed_run_is_read_as_what_it_was(program: Program) -> None:
    truth, facts = program.truth, log_of(program)
    if truth.outcome_in_log:
        assert facts.outcome == truth.outcome_in_log
    elif truth.in_events_only:
        assert (facts.outcome, facts.kind) == (truth.outcome, truth.kind)
        assert failed_in(facts) == {}
    else:
        failed = truth.failed if truth.failed_in_log is None else truth.failed_in_log
        check(facts, truth, truth.kind, failed=failed)


@pytest.mark.parametrize("program", EVENTS, ids=lambda each: each.name)
def test_a_logged_run_is_read_as_what_it_was(program: Program) -> None:
    truth = program.truth
    facts = events_of(program)
    if truth.in_log_only:
        assert facts.outcome is Outcome.SUCCEEDED
    elif truth.before_events:
        assert facts.outcome is Outcome.UNKNOWN
    else:
        check(facts, truth, truth.kind_of_events or truth.kind, failed=truth.failed)


@pytest.mark.parametrize("program", EVENTS, ids=lambda each: each.name)
def test_both_sources_together_end_as_the_run_did(program: Program) -> None:
    events, log = events_of(program), log_of(program)
    assert merge_facts([events, log]).outcome == program.truth.outcome
    if log.counts is not None and not events.is_running:
        assert changing(log.counts) == changing(events.counts)


@pytest.mark.parametrize("program", LOGS, ids=lambda each: each.name)
def test_a_run_that_failed_is_no_success_however_its_log_is_cut(program: Program) -> None:
    truth = program.truth
    if truth.outcome == "succeeded" or truth.in_log_only:
        return
    lines = (FOLDER / f"{program.name}.log").read_text(encoding="utf-8").split("\n")
    lines = [strip_colour(line) for line in lines]
    begins = [at for at, line in enumerate(lines) if line.startswith(("Updating", "Destroying"))]
    if not program.whole:
        lines = lines[begins[-1] :] if begins else lines
    for at in range(len(lines)):
        # Without its beginning, a log of several runs may be that of a good one.
        for kept in (lines[:at],) if program.whole else (lines[:at], lines[at:]):
            if truth.outcome == "cancelled" and not any("^C received" in line for line in kept):
                continue  # the engine may have ended all that it had begun
            found = facts_from_console(["\n".join(kept).encode()])
            assert found.outcome is not Outcome.SUCCEEDED, "\n".join(kept)
