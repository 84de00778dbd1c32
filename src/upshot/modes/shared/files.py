"""Evidence in files and inputs of this job: engine event logs, console output."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.job import Job
from upshot.model import Facts
from upshot.workspace import open_regular

_CHUNK: Final = 256 * 1024
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Of an event log, where one event of the engine is a line."""
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_PROJECT_FILE_BYTES: Final = 65_536

Accounts = tuple[Facts, ...]


def read_files(job: Job) -> tuple[Accounts, ...]:
    """What the files say: for each stack one account a source, the better source first.

    One empty group when there is no evidence at all.
    """
    subject = job.inputs.subject
    events = _read_file("events-file", subject.events_file, _read_events, job)
    console = _read_file("log-file", subject.log_file, _read_console, job)
    if subject.log:
        found = evidence.accounts_from_console([subject.log.encode("utf-8", "replace")])
        console = (*console, *_named("log", found))
    return pair(events, console) or ((),)


def pair(events: Accounts, console: Accounts) -> tuple[Accounts, ...]:
    """Accounts of the same stack together. A single account of each source is the same run's."""
    if len(events) == 1 and len(console) == 1:
        return ((*events, *console),)
    groups: list[Accounts] = [(facts,) for facts in events]
    for facts in console:
        at = next((n for n, group in enumerate(groups) if _is_same_stack(group, facts)), None)
        if at is None:
            groups.append((facts,))
        else:
            groups[at] = (*groups[at], facts)
    return tuple(groups)


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


def _read_events(file: IO[bytes]) -> Accounts:
    return evidence.accounts_from_events(iter(lambda: file.readline(_LONGEST_LINE), b""))


def _read_console(file: IO[bytes]) -> Accounts:
    return evidence.accounts_from_console(iter(lambda: file.read(_CHUNK), b""))


def _read_file(name: str, path: str, read: Callable[[IO[bytes]], Accounts], job: Job) -> Accounts:
    if not path:
        return ()
    try:
        with open_regular(path) as file:
            accounts = read(file)
            is_empty = file.tell() == 0
    except OSError as fault:
        why = "is not there" if isinstance(fault, FileNotFoundError) else "could not be read"
        job.warnings.degraded(
            None,
            f"'{name}' {why}; the next source was used.",
            hint="No action needed if an earlier step failed before it could write the file.",
        )
        return ()
    if is_empty:
        job.warnings.degraded(None, f"'{name}' is empty; the next source was used.")
        return ()
    return _named(name, accounts)


def _named(source: str, accounts: Accounts) -> Accounts:
    return tuple(replace(facts, sources=(source,)) for facts in accounts)
