"""Evidence that needs no Pulumi Cloud: files and inputs of this job, logs of other jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.evidence.runs import by_stack
from upshot.job import Job
from upshot.model import Facts, StackRef
from upshot.timing import Deadline
from upshot.workspace import BoundedFile, open_regular

_CHUNK: Final = 256 * 1024
MOST_EVENT_BYTES: Final = 2 * 1024 * 1024 * 1024
"""A million engine events are 620 MB."""
MOST_CONSOLE_BYTES: Final = 512 * 1024 * 1024
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Of an event log, where one event of the engine is a line."""
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_PROJECT_FILE_BYTES: Final = 65_536

Accounts = tuple[Facts, ...]


class Group(Struct, frozen=True):
    """What is said of one stack."""

    accounts: Accounts = ()
    """One a source, the better source first."""
    job: str = ""
    """Name of the job whose log it is; untrusted text. Empty for this job's own evidence."""


class FilesRead(Struct, frozen=True):
    """What files and logs say."""

    groups: tuple[Group, ...]
    """One for each stack; one empty group when there is no evidence at all."""
    is_explained: bool = False
    """Why there is no evidence is said already, or is no fault."""


def read_files(
    job: Job, *, most_events: int = MOST_EVENT_BYTES, most_console: int = MOST_CONSOLE_BYTES
) -> FilesRead:
    """What `events-file`, `log-file`, `log` and `log-from` say. Raises nothing but bugs.

    `most_events` and `most_console` are the bytes that are read of the first two.
    """
    subject = job.inputs.subject
    events = _read_file(
        "events-file", subject.events_file, _read_events, job, limit_bytes=most_events
    )
    console = _read_file("log-file", subject.log_file, _read_console, job, limit_bytes=most_console)
    if subject.log:
        found = evidence.accounts_from_console([subject.log.encode("utf-8", "replace")])
        console = (*console, *_named("log", found))
    groups = tuple(map(Group, pair(events, console)))
    if subject.log_from is None:
        return FilesRead(groups or (Group(),))
    from upshot.modes.shared.job_logs import read_job_logs  # it loads GitHub's wire

    read = read_job_logs(job)
    for each in read.found:
        groups = add_job(groups, each.job, each.accounts)
    return FilesRead(groups or (Group(),), read.is_explained)


def add_job(groups: tuple[Group, ...], name: str, accounts: Accounts) -> tuple[Group, ...]:
    """With what a job's log says, beside the same stack's other accounts.

    Of a stack that several jobs ran, as a preview and its update, the last job's word counts.
    """
    for facts in accounts:
        at = next((n for n, group in enumerate(groups) if _takes(group, facts)), None)
        if at is None:
            groups = (*groups, Group((facts,), name))
        else:
            joined = replace(groups[at], accounts=_with(groups[at].accounts, facts))
            groups = (*groups[:at], joined, *groups[at + 1 :])
    return groups


def _takes(group: Group, facts: Facts) -> bool:
    """Only where both name project and stack: two jobs may run a `dev` of two projects."""
    names = [other.stack for other in group.accounts if other.stack]
    return bool(names) and all(map(partial(_is_surely, facts.stack), names))


def _is_surely(one: StackRef | None, other: StackRef) -> bool:
    return one is not None and one.agrees(other) and one.count_common(other) > 1


def _with(accounts: Accounts, facts: Facts) -> Accounts:
    for at, other in enumerate(accounts):
        if other.sources == facts.sources:
            (joined,) = by_stack((other, facts))
            return (*accounts[:at], joined, *accounts[at + 1 :])
    return (*accounts, facts)


def pair(events: Accounts, console: Accounts) -> tuple[Accounts, ...]:
    """Accounts of the same stack together. A single account of each source is the same run's, unless
    they name different stacks.
    """
    if len(events) == 1 and len(console) == 1 and not _differ(events[0].stack, console[0].stack):
        return ((*events, *console),)
    groups: list[Accounts] = [(facts,) for facts in events]
    for facts in console:
        at = next((n for n, group in enumerate(groups) if _is_same_stack(group, facts)), None)
        if at is None:
            groups.append((facts,))
        else:
            groups[at] = (*groups[at], facts)
    return tuple(groups)


def _differ(one: StackRef | None, other: StackRef | None) -> bool:
    return one is not None and other is not None and not one.agrees(other)


def find_project(job: Job) -> str:
    """The name in `Pulumi.yaml` of `work-dir`; empty when there is none. Untrusted text."""
    import re

    for name in _PROJECT_FILES:
        path = job.workspace.find_path(
            f"{job.inputs.subject.work_dir or job.workspace.root}/{name}"
        )
        if path is None:
            continue
        try:
            with open_regular(path) as file:
                text = file.read(_PROJECT_FILE_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        found = re.search(
            r"""^(?:\s*\{)?\s*["']?name["']?\s*:\s*["']?([A-Za-z0-9._-]{1,100})["']?\s*(?:[#,}].*)?$""",
            text,
            re.MULTILINE,
        )
        return found[1] if found else ""
    return ""


def _is_same_stack(group: Accounts, facts: Facts) -> bool:
    """A group with one account of this source already is complete."""
    if any(facts.sources == other.sources for other in group):
        return False
    stack, known = facts.stack, [other.stack for other in group if other.stack]
    return stack is not None and bool(known) and all(map(stack.agrees, known))


def _read_events(file: BoundedFile) -> Accounts:
    return evidence.accounts_from_events(file.lines(_LONGEST_LINE))


def _read_console(file: BoundedFile) -> Accounts:
    return evidence.accounts_from_console(file.chunks(_CHUNK))


def _read_file(
    name: str, path: str, read: Callable[[BoundedFile], Accounts], job: Job, *, limit_bytes: int
) -> Accounts:
    if not path:
        return ()
    try:
        with open_regular(path) as opened:
            file = BoundedFile(opened, limit_bytes=limit_bytes, until=_half(job.deadline))
            accounts = read(file)
    except OSError as fault:
        why = "is not there" if isinstance(fault, FileNotFoundError) else "could not be read"
        job.warnings.degraded(
            None,
            f"'{name}' {why}; the next source was used.",
            hint="No action needed if an earlier step failed before it could write the file.",
        )
        return ()
    if file.is_cut:
        job.warnings.degraded(
            None,
            f"'{name}' was read in part: it is longer than {limit_bytes >> 20:,} MiB, or reading it "
            "took half of the time.",
            hint="The workflow's author must act: give the log of this one run alone.",
        )
    if file.is_empty:
        job.warnings.degraded(None, f"'{name}' is empty; the next source was used.")
        return ()
    return _named(name, accounts)


def _named(source: str, accounts: Accounts) -> Accounts:
    return tuple(replace(facts, sources=(source,)) for facts in accounts)


def _half(deadline: Deadline) -> Deadline:
    """Other sources, an AI and the report need the other half."""
    return deadline.earlier(deadline.remaining_s() / 2)
