"""The evidence in files: an engine event log, a console log. Missing ones are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.inputs import Inputs
from upshot.model import Facts
from upshot.modes.job import Job
from upshot.workspace import open_regular

_CHUNK: Final = 256 * 1024
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Of an event log, where one event of the engine is a line."""


def read_files(inputs: Inputs, job: Job) -> tuple[Facts, ...]:
    """Events first: they are the better evidence."""
    subject = inputs.subject
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
