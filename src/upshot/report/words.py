"""Upshot's words for states of the engine and of services: fixed values, never a model's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from upshot.gate.grammar import is_id
from upshot.model import (
    ApprovalRequest,
    Facts,
    ResourceChange,
    TaskStatus,
    UpdateKind,
    VerdictStatus,
)
from upshot.model.operations import OPERATIONS, fold_replacements, operation_of
from upshot.model.verdict import RUNNING_ICON, WARNING_ICON
from upshot.report.content import Report

KINDS: Final = {
    UpdateKind.UPDATE: "Update",
    UpdateKind.PREVIEW: "Preview",
    UpdateKind.REFRESH: "Refresh",
    UpdateKind.DESTROY: "Destroy",
    UpdateKind.IMPORT: "Import",
}
_FOUND: Final = {"update": "changed outside of Pulumi", "delete": "gone", "create": "found"}
"""What a refresh found, by the engine's word for it."""
_ERRORED: Final = "errored"
"""The word for failed resources in the CLI's summary."""
TASKS: Final = {
    TaskStatus.NONE: "no task",
    TaskStatus.RUNNING: "still working",
    TaskStatus.AWAITING_APPROVAL: "waiting for an approval",
    TaskStatus.AWAITING_ANSWER: "waiting for an answer",
    TaskStatus.FINISHED: "finished",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "cancelled",
    TaskStatus.TIMED_OUT: "out of time",
}


def lines_to_answer(asked: ApprovalRequest) -> tuple[str, ...]:
    """The comments that answer what a Neo task asks; empty for an id that no comment can name."""
    if asked.kind == "question":
        return ("/upshot reply YOUR ANSWER",)
    if not is_id(asked.id):
        return ()
    no = f"/upshot reject {asked.id} --reason WHAT TO DO INSTEAD"
    return (f"/upshot approve {asked.id}", no)


def kind_word(report: Report) -> str:
    """`Update`, `Preview`, …; `Update` when neither the evidence nor the subject has a kind."""
    word = KINDS.get(report.facts.kind)
    if word is not None:
        return word
    return "Preview" if report.subject is not None and report.subject.is_preview else "Update"


def is_preview(report: Report) -> bool:
    return kind_word(report) == "Preview"


def headline(report: Report) -> tuple[str, str]:
    """The icon and the phrase of the heading, made of the verdict and the facts alone."""
    kind, status = kind_word(report), report.verdict.status
    if report.facts.is_running:
        return RUNNING_ICON, f"{kind} still running"
    icon, phrase = status.shown.icon, f"{kind} {status.shown.ending}"
    if status is VerdictStatus.NO_CHANGES:
        phrase = "Nothing changes" if is_preview(report) else "Nothing changed"
    elif status is VerdictStatus.SUCCEEDED:
        phrase = _worst(report) or phrase
        if report.verdict.breaches or needs_attention(report):
            icon = WARNING_ICON
    elif status is VerdictStatus.CANCELLED and not is_preview(report):
        phrase += _how_far(report.facts)
    elif status is VerdictStatus.UNKNOWN and not (report.subject or report.facts.sources):
        phrase = "No update found"
    return icon, phrase


def _how_far(facts: Facts) -> str:
    """` after 4 of 9 changes`; without the second number where no preview of it is known."""
    done, planned = _count_changes(facts.counts), _count_changes(facts.planned)
    if planned > done:
        return f" after {done:,} of {number(planned, 'change')}"
    return f" after {number(done, 'change')}" if done else ""


def _worst(report: Report) -> str:
    """What a reader must know before all else of a run that succeeded; mostly empty."""
    lost, drifted = len(lost_data(report.facts)), count_drifted(report.facts)
    if drifted:
        gone = f", {number(lost, 'resource')} with data gone" if lost else ""
        return f"Drift in {number(drifted, 'resource')}{gone}"
    if lost:
        kind, planned = kind_word(report), is_preview(report)
        verb = "would be" if planned else "was" if lost == 1 else "were"
        return f"{kind}: {number(lost, 'resource')} with data {verb} lost"
    return ""


def count_drifted(facts: Facts) -> int:
    """How many resources a refresh found changed or gone; 0 for any other run."""
    if facts.kind is not UpdateKind.REFRESH:
        return 0
    listed = sum(change.is_drift for change in facts.changes)
    return max(listed + facts.changes_omitted, _count_changes(facts.counts))


def _count_changes(counts: Mapping[str, int] | None) -> int:
    folded = fold_replacements(counts or {})
    return sum(n for word, n in folded.items() if operation_of(word).changes)


def lost_data(facts: Facts) -> list[ResourceChange]:
    """Resources that hold data and are replaced or deleted."""
    return [change for change in facts.changes if change.stateful and change.destroys]


def needs_attention(report: Report) -> bool:
    """Whether data would be lost, or was, or drift was found: then the heading has a warning sign."""
    return bool(lost_data(report.facts) or count_drifted(report.facts))


def count_failed(facts: Facts) -> int:
    """How many resources failed: at least those that are known, or the number in the CLI's summary."""
    known = len(facts.failed_resources) + facts.failures_omitted
    return max(known, (facts.counts or {}).get(_ERRORED, 0))


def counted(counts: Mapping[str, int], *, planned: bool, is_refresh: bool = False) -> list[str]:
    """`3 to create`, `2 deleted`: what happened, or would happen. A replacement counts once.

    A refresh changes nothing: its counts say what it found. Failed resources are not among them: see `count_failed`.
    """
    numbers = {word: n for word, n in fold_replacements(counts).items() if word != _ERRORED}
    known = [word for word in OPERATIONS if word in numbers]
    found = [operation_of(word) for word in (*known, *(w for w in numbers if w not in known))]
    words = _FOUND if is_refresh else {}
    return [
        f"{numbers[each.word]:,} "
        f"{words.get(each.word) or (each.would if planned else each.happened)}"
        for each in found
        if numbers[each.word]
    ]


def could_not(operation: str) -> str:
    """`could not be created`."""
    done = operation_of(operation).could_not
    return f"could not be {done}" if done else "failed"


def duration(seconds: float) -> str:
    """`42 s`, `3 min 5 s`, `1 h 4 min`."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3_600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(epoch_s: float) -> str:
    """`2026-11-21 22:54 UTC`, from seconds since the Unix epoch."""
    return datetime.fromtimestamp(epoch_s, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")


def number(count: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    plural = noun if count == 1 else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {plural}"
