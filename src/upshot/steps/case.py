"""The case: which update is meant, and what the engine said about it.

Evidence, best first: `events-file`, Pulumi Cloud's events of the update, its record, its text as
the CLI prints it, `log-file`. A source that is missing is a notice, never an end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.errors import PulumiAuthError, PulumiError
from upshot.event import Event
from upshot.inputs import Inputs
from upshot.inputs.choices import Mode
from upshot.model import Facts, Outcome, ReasonCode, StackRef, Subject
from upshot.pulumi.events import EventLines
from upshot.pulumi.search import Criteria, find_update
from upshot.pulumi.transport import CloudClient
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.pulumi.update_info import UpdateInfo, facts_from_update, subject_from_update
from upshot.pulumi.updates import Updates
from upshot.report.content import map_texts
from upshot.steps.world import World
from upshot.subject import subject_from_links
from upshot.verdict.decide import settle_outcome
from upshot.workspace import open_regular

_CHUNK: Final = 256 * 1024
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Of an event log, where one event of the engine is a line."""


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


def open_case(inputs: Inputs, event: Event, cloud: CloudClient | None, world: World) -> Case:
    """Reads files, then Pulumi Cloud where there is a client. Raises nothing but bugs."""
    files = _read_files(inputs, world)
    subject = inputs.subject.update or subject_from_links(
        (link for facts in files for link in facts.links), {world.console}
    )
    stack = inputs.subject.stack or (subject.stack if subject else None) or _stack_of(files)
    desk = _CloudDesk(inputs, event, cloud, world)
    read = desk.read(subject, stack, files)
    facts = evidence.merge_facts(sorted(read.facts, key=_rank))
    facts = settle_outcome(facts, inputs.subject.outcome)
    stack = stack or facts.stack
    if not facts.sources and inputs.mode is Mode.EXPLAIN:
        _tell_nothing_found(read, world)
    world.log.info(_tell_facts(facts, read.subject))
    return Case(
        facts=map_texts(facts, world.redactor.redact),
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
    return (
        f"About {what}; evidence from {sources}: {facts.kind} {facts.outcome}, "
        f"{len(facts.failures) + facts.failures_omitted} failures"
    )


def _tell_nothing_found(read: _Read, world: World) -> None:
    """Unless the reason has been told already: Pulumi Cloud could not be read."""
    if ReasonCode.PULUMI_UNAVAILABLE in world.ledger.codes:
        return
    if read.subject is not None:
        world.ledger.degrade(ReasonCode.NO_EVIDENCE, "Nothing tells what happened in the update.")
        return
    world.ledger.degrade(
        ReasonCode.NO_SUBJECT,
        "No update or preview was found.",
        hint=f"Looked at: {'; '.join(read.looked_at)}",
        anchor="no-subject",
    )


class _Read(Struct, frozen=True):
    facts: tuple[Facts, ...]
    subject: Subject | None
    looked_at: tuple[str, ...] = ()
    is_refused: bool = False


class _CloudDesk:
    """Reads from Pulumi Cloud what the files do not tell."""

    def __init__(
        self, inputs: Inputs, event: Event, cloud: CloudClient | None, world: World
    ) -> None:
        self._inputs = inputs
        self._event = event
        self._cloud = cloud
        self._world = world

    def read(
        self, subject: Subject | None, stack: StackRef | None, files: tuple[Facts, ...]
    ) -> _Read:
        looked_at = self._files_looked_at()
        if self._cloud is None:
            why = "Pulumi Cloud: not asked, there is no access token"
            return _Read(files, subject, () if subject else (*looked_at, why))
        if stack is None:
            why = "Pulumi Cloud: not asked, 'stack-name' does not say which stack is meant"
            return _Read(files, subject, () if subject else (*looked_at, why))
        info = None
        try:
            if subject is None:
                found = find_update(
                    self._cloud, stack, self._criteria(), console=self._world.console
                )
                subject, info = found.subject, found.info
                looked_at += tuple(f"Pulumi Cloud: {place}" for place in found.looked_at)
            if subject is None or _tell_enough(files):
                return _Read(files, subject, looked_at)
            return self._read_update(Updates(self._cloud, stack), subject, info, files)
        except PulumiError as error:
            notice = "Pulumi Cloud could not be read"
            self._world.ledger.degrade_by(ReasonCode.PULUMI_UNAVAILABLE, notice, error)
            looked_at += (f"Pulumi Cloud: {error.message}",)
            return _Read(files, subject, looked_at, isinstance(error, PulumiAuthError))

    def _read_update(
        self,
        updates: Updates,
        subject: Subject,
        info: UpdateInfo | None,
        files: tuple[Facts, ...],
    ) -> _Read:
        if info is None:
            is_preview, version = subject.is_preview, subject.version
            info = (
                updates.get_preview(subject.update_id)
                if is_preview or version is None
                else updates.get_update(version)
            )
        subject = subject_from_update(info, updates.stack, subject.console)
        record = facts_from_update(info, updates.stack)
        lines = updates.read_events(info.update_id or str(info.version))
        said = evidence.facts_from_events(lines)
        facts = [_of_cloud(said, record, lines)]
        if lines.error is not None:
            notice = "The engine events could not be read to their end"
            self._world.ledger.degrade_by(ReasonCode.PULUMI_UNAVAILABLE, notice, lines.error)
        if record.outcome is Outcome.FAILED and not said.failures:
            text = updates.get_text(info.update_id)
            facts.append(replace(evidence.facts_from_console([text.encode()]), sources=(CLOUD,)))
        return _Read((*facts, record, *files), subject)

    def _criteria(self) -> Criteria:
        event = self._event
        shas = dict.fromkeys((event.head_sha, self._world.env.get("GITHUB_SHA", "")))
        return Criteria(
            build_id=event.run.run_id,
            shas=tuple(sha for sha in shas if sha),
            pr_number=event.number,
        )

    def _files_looked_at(self) -> tuple[str, ...]:
        subject = self._inputs.subject
        if subject.log_file:
            return ("'log-file': no line `View Live:` with an address of the console",)
        return ("inputs: neither 'update-url' nor 'log-file' is given",)


_BEST_FIRST: Final = ("events-file", CLOUD, "log-file")


def _rank(facts: Facts) -> int:
    return min(_BEST_FIRST.index(source) for source in facts.sources)


def _of_cloud(said: Facts, record: Facts, lines: EventLines) -> Facts:
    """What the events said; the record knows better whether the update has ended."""
    return replace(
        said,
        sources=(CLOUD,),
        is_running=record.is_running and said.outcome is Outcome.UNKNOWN,
        is_incomplete=said.is_incomplete or lines.error is not None,
    )


def _read_files(inputs: Inputs, world: World) -> tuple[Facts, ...]:
    """Events first: they are the better evidence."""
    subject = inputs.subject
    found = (
        _read_file("events-file", subject.events_file, _read_events, world),
        _read_file("log-file", subject.log_file, _read_console, world),
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
    world: World,
) -> Facts | None:
    if not path:
        return None
    try:
        with open_regular(path) as file:
            facts = read(file)
            is_empty = file.tell() == 0
    except OSError as fault:
        why = "is not there" if isinstance(fault, FileNotFoundError) else "could not be read"
        world.ledger.degrade(
            None,
            f"'{name}' {why}; the next source was used.",
            hint="A step that fails early may never write it: that is no fault of the workflow.",
        )
        return None
    if is_empty:
        world.ledger.degrade(None, f"'{name}' is empty; the next source was used.")
        return None
    return replace(facts, sources=(name,))


def _tell_enough(files: tuple[Facts, ...]) -> bool:
    """An event log that says how the run ended leaves nothing to ask."""
    return any(
        "events-file" in facts.sources and facts.outcome is not Outcome.UNKNOWN for facts in files
    )


def _stack_of(files: tuple[Facts, ...]) -> StackRef | None:
    return next((facts.stack for facts in files if facts.stack), None)
