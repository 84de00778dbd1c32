"""The case: which update is meant, and what the engine said about it.

Evidence, best first: `events-file`, Pulumi Cloud's events of the update, its record, its text as
the CLI prints it, `log-file`. A source that is missing is a notice, never an end.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot import evidence  # its functions load when they are first used
from upshot.event import Event
from upshot.http.client import ServiceClient
from upshot.inputs import Inputs
from upshot.inputs.choices import Mode
from upshot.model import Facts, ReasonCode, StackRef, Subject
from upshot.modes.job import Job
from upshot.modes.shared.cloud import CloudEvidence, Read
from upshot.modes.shared.files import read_files
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.report.content import map_texts
from upshot.subject import subject_from_links
from upshot.verdict.decide import settle_outcome

_BEST_FIRST: Final = ("events-file", CLOUD, "log-file")


class Case(Struct, frozen=True):
    """What is known before anybody is asked; every text in it is redacted."""

    facts: Facts
    subject: Subject | None = None
    stack: StackRef | None = None
    organization: str = ""
    looked_at: tuple[str, ...] = ()
    """Where an update was looked for, in words for people."""
    is_refused: bool = False
    """Pulumi Cloud refused the token: asking an AI with it would fail again."""


def gather_evidence(inputs: Inputs, event: Event, cloud: ServiceClient | None, job: Job) -> Case:
    """Reads files, then Pulumi Cloud where there is a client. Raises nothing but bugs."""
    files = read_files(inputs, job)
    subject = inputs.subject.update or _subject_of(files, inputs.subject.stack, job)
    stack = inputs.subject.stack or (subject.stack if subject else None) or _stack_of(files)
    desk = CloudEvidence(inputs, event, cloud, job)
    read = desk.read(subject, stack, files)
    facts = evidence.merge_facts(sorted(read.facts, key=_rank))
    facts = settle_outcome(facts, inputs.subject.outcome)
    stack = stack or facts.stack
    if not facts.sources and inputs.mode is Mode.EXPLAIN:
        _tell_nothing_found(read, job)
    job.log.info(_tell_facts(facts, read.subject))
    return Case(
        facts=map_texts(facts, job.redactor.redact),
        subject=read.subject,
        stack=stack,
        organization=inputs.subject.organization or (stack.organization if stack else ""),
        looked_at=read.looked_at,
        is_refused=read.is_refused,
    )


def _tell_facts(facts: Facts, subject: Subject | None) -> str:
    """For the job log: words of ours, names that were checked, numbers."""
    what = "an update that is not known" if subject is None else str(subject.stack)
    if subject and subject.version:
        what += f", update {subject.version}"
    sources = ", ".join(facts.sources) or "nothing"
    failed = len(facts.failed_resources)
    count = f", {failed} failed" if failed else ""
    return f"About {what}; evidence from {sources}: {facts.kind} {facts.outcome}{count}"


def _tell_nothing_found(read: Read, job: Job) -> None:
    """Unless the reason has been told already: Pulumi Cloud could not be read."""
    if ReasonCode.PULUMI_UNAVAILABLE in job.warnings.codes:
        return
    if read.subject is not None:
        job.warnings.degraded(ReasonCode.NO_EVIDENCE, "Nothing tells what happened in the update.")
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
