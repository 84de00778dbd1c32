"""Annotations on the lines of the user's program, from the facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from upshot.job import Job
from upshot.model import Facts, Failure, PolicyViolation, Receipt, ReceiptStatus
from upshot.publish.interface import Publication, PullRequestContext
from upshot.runner.commands import RunnerLog, cut_utf16

_NAME: Final = "annotations"
_LONGEST_TITLE: Final = 200
MOST: Final = 8
"""Of a kind; the runner drops what is beyond 10, and two are left for what else is to be said."""


class Annotation(Struct, frozen=True):
    """One finished annotation."""

    level: str
    """`error` or `warning`."""
    message: str
    title: str = ""
    file: str = ""
    """As the log names it; empty when unknown."""
    line: int = 0
    """1-based; 0 when unknown."""


def publish(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """An annotation for each failure, at its place in the user's program where that is known."""
    if publication.is_joined:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="each job annotates its own failures")
    if not job.inputs.publish.annotations:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="'annotations' is off")
    found = build_annotations(publication.facts)
    return publish_annotations(job.log, found, relative_path=job.workspace.relative_path)


def build_annotations(facts: Facts) -> tuple[Annotation, ...]:
    """What failed by itself, in order, then broken policies; what only followed is left out."""
    failed = [_from_failure(failure) for failure in facts.failures if not failure.is_cascade]
    return (*failed, *map(_from_violation, facts.policy_violations))


def publish_annotations(
    log: RunnerLog,
    annotations: Sequence[Annotation],
    *,
    relative_path: Callable[[str], str | None],
) -> Receipt:
    """Prints at most 8 of a kind and counts the rest.

    `relative_path` gives a path inside the workspace, None for any other: those are left out,
    so that a log cannot put its words on a file of its choice (threat T40).
    """
    if not annotations:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="nothing to annotate")
    for level, say in (("error", log.error), ("warning", log.warning)):
        mine = [annotation for annotation in annotations if annotation.level == level]
        for annotation in mine[:MOST]:
            file = (relative_path(annotation.file) if annotation.file else None) or ""
            say(annotation.message, title=annotation.title, file=file, line=annotation.line)
        if len(mine) > MOST:
            say(f"{len(mine) - MOST} more in the job summary", title="Pulumi")
    return Receipt(_NAME, ReceiptStatus.POSTED)


def _from_failure(failure: Failure) -> Annotation:
    where = failure.location
    what = " ".join(filter(None, (failure.operation, failure.type, failure.name)))
    return Annotation(
        "error",
        failure.headline or failure.message,
        title=_line(f"Pulumi: {what} failed") if failure.is_resource else "Pulumi",
        file=where.file if where else "",
        line=where.line if where else 0,
    )


def _from_violation(violation: PolicyViolation) -> Annotation:
    level = "error" if violation.enforcement == "mandatory" else "warning"
    title = _line(f"Pulumi policy {violation.pack}: {violation.policy}")
    return Annotation(level, violation.message, title=title)


def _line(title: str) -> str:
    """A title is one line of at most 255 characters (GitHub's OpenAPI description)."""
    return cut_utf16(" ".join(title.split()), _LONGEST_TITLE)
