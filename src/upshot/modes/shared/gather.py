"""Which update is meant, and what the engine said about it.

Evidence, best first: `events-file`, Pulumi Cloud's events of the update, its record, its text as
the CLI prints it, `log-file`. A source that is missing is a notice and ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import Facts, ReasonCode, StackRef, Subject
from upshot.modes.shared.cloud import CloudEvidence, Read
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.report.content import map_texts
from upshot.subject import subject_from_links
from upshot.verdict.decide import settle_outcome
from upshot.workspace import open_regular

_CHUNK: Final = 256 * 1024
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Of an event log, where one event of the engine is a line."""
_BEST_FIRST: Final = ("events-file", CLOUD, "log-file")


class Case(Struct, frozen=True):
    """What is known before an AI is asked; every text in it is redacted."""

    facts: Facts
    subject: Subject | None = None
    stack: StackRef | None = None
    organization: str = ""
    looked_at: tuple[str, ...] = ()
    """Where an update was looked for, in words for people."""
    is_refused: bool = False
    """Pulumi Cloud refused the token: asking an AI with it would fail again."""


def gather_evidence(job: Job, cloud: ServiceClient | None, *, is_expected: bool) -> Case:
    """Reads files, then Pulumi Cloud where there is a client. Raises nothing but bugs.

    `is_expected`: finding nothing is worth a warning.
    """
    inputs = job.inputs
    files = read_files(job)
    subject = inputs.subject.update or _subject_of(files, inputs.subject.stack, job)
    stack = inputs.subject.stack or (subject.stack if subject else None) or _stack_of(files)
    read = CloudEvidence(job, cloud).read(subject, stack, files)
    facts = evidence.merge_facts(sorted(read.facts, key=_rank))
    facts = settle_outcome(facts, inputs.subject.outcome)
    stack = stack or facts.stack
    if not facts.sources and is_expected:
        _warn_of_nothing(read, job)
    job.log.info(_describe(facts, read.subject))
    return Case(
        facts=map_texts(facts, job.redactor.redact),
        subject=read.subject,
        stack=stack,
        organization=inputs.subject.organization or (stack.organization if stack else ""),
        looked_at=read.looked_at,
        is_refused=read.is_refused,
    )


def read_files(job: Job) -> tuple[Facts, ...]:
    """What `events-file` and `log-file` hold, events first: they are the better evidence."""
    subject = job.inputs.subject
    found = (
        _read_file("events-file", subject.events_file, _read_events, job),
        _read_file("log-file", subject.log_file, _read_console, job),
    )
    return tuple(facts for facts in found if facts)


def _read_events(file: IO[bytes]) -> Facts:
    return evidence.facts_from_events(iter(lambda: file.readline(_LONGEST_LINE), b""))


def _read_console(file: IO[bytes]) -> Facts:
    return evidence.facts_from_console(iter(lambda: file.read(_CHUNK), b""))


def _read_file(
    name: str,
    path: str,
    read: Callable[[IO[bytes]], Facts],
    job: Job,
) -> Facts | None:
    if not path:
        return None
    try:
        with open_regular(path) as file:
            facts = read(file)
            is_empty = file.tell() == 0
    except OSError as fault:
        why = "is not there" if isinstance(fault, FileNotFoundError) else "could not be read"
        job.warnings.degraded(
            None,
            f"'{name}' {why}; the next source was used.",
            hint="A step that fails early may never write it: that is no fault of the workflow.",
        )
        return None
    if is_empty:
        job.warnings.degraded(None, f"'{name}' is empty; the next source was used.")
        return None
    return replace(facts, sources=(name,))


def _describe(facts: Facts, subject: Subject | None) -> str:
    """For the job log: our own words, checked names, numbers."""
    what = "an update that is not known" if subject is None else str(subject.stack)
    if subject and subject.version:
        what += f", update {subject.version}"
    sources = ", ".join(facts.sources) or "nothing"
    failed = len(facts.failed_resources)
    count = f", {failed} failed" if failed else ""
    return f"About {what}; evidence from {sources}: {facts.kind} {facts.outcome}{count}"


def _warn_of_nothing(read: Read, job: Job) -> None:
    """Says nothing where a warning about Pulumi Cloud has named the reason already."""
    if ReasonCode.PULUMI_UNAVAILABLE in job.warnings.codes:
        return
    if read.subject is not None:
        job.warnings.degraded(
            ReasonCode.NO_EVIDENCE, "There is no evidence of what happened in the update."
        )
        return
    job.warnings.degraded(
        ReasonCode.NO_SUBJECT,
        "No update or preview was found.",
        hint=f"Looked at: {'; '.join(read.looked_at)}",
        anchor="no-subject",
    )


def _subject_of(files: tuple[Facts, ...], wanted: StackRef | None, job: Job) -> Subject | None:
    """What the log's last link means, of the wanted stack where one is named: a log may hold the
    output of several stacks.
    """
    for facts in files:
        for link in reversed(facts.links):
            found = subject_from_links((link,), {job.console})
            if found and wanted in {None, found.stack}:
                return found
    return None


def _rank(facts: Facts) -> int:
    return min(_BEST_FIRST.index(source) for source in facts.sources)


def _stack_of(files: tuple[Facts, ...]) -> StackRef | None:
    return next((facts.stack for facts in files if facts.stack), None)
