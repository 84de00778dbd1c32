"""A log is read up to its budget of bytes and time, whatever size it claims to have (T38)."""

from __future__ import annotations

import io
import os

from tests.stage import Stage, StillClock

from upshot.model import Outcome
from upshot.modes.shared.files import read_files
from upshot.timing import Deadline
from upshot.workspace import BoundedFile

FAILED = (
    b'{"timestamp":1,"diagnosticEvent":{"message":"error: it broke","severity":"error"}}\n'
    b'{"timestamp":2,"summaryEvent":{"durationSeconds":4,"resourceChanges":{"same":7},'
    b'"result":"failed"}}\n'
)
SPARSE = 20 * 2**30


def sparse(stage: Stage, name: str, start: bytes) -> str:
    path = stage.folder / name
    path.write_bytes(start)
    os.truncate(path, SPARSE)
    return name


def bounded(data: bytes, *, limit_bytes: int, within_s: float = 1.0) -> BoundedFile:
    until = Deadline.after(StillClock(), within_s)
    return BoundedFile(io.BytesIO(data), limit_bytes=limit_bytes, until=until)


def test_t38_a_sparse_event_log_of_20_gb_is_read_at_its_start(stage: Stage) -> None:
    job = stage.job(events_file=sparse(stage, "events.json", FAILED))
    read = read_files(job, most_events=1_000_000)
    assert read.groups[0].accounts[0].outcome is Outcome.FAILED
    assert "'events-file' was read in part" in stage.out.getvalue()


def test_t38_a_sparse_console_log_of_20_gb_is_read_at_its_start(stage: Stage) -> None:
    log = (
        b"Updating (prod)\n\nDiagnostics:\n  pulumi:pulumi:Stack (web-prod):\n    error: it broke\n"
    )
    job = stage.job(log_file=sparse(stage, "pulumi.log", log))
    read = read_files(job, most_console=1_000_000)
    assert read.groups[0].accounts
    assert "'log-file' was read in part" in stage.out.getvalue()


def test_t38_an_event_log_without_line_ends_is_no_text(stage: Stage) -> None:
    """By its default budget, of gigabytes."""
    job = stage.job(events_file=sparse(stage, "events.json", FAILED))
    assert read_files(job).groups[0].accounts[0].outcome is Outcome.FAILED
    assert "'events-file' was read in part" in stage.out.getvalue()


def test_a_file_of_exactly_its_budget_is_read_whole() -> None:
    file = bounded(b"ab\ncd\n", limit_bytes=6)
    assert list(file.lines(100)) == [b"ab\n", b"cd\n"]
    assert (file.is_cut, file.is_empty) == (False, False)


def test_no_byte_over_the_budget_comes_out() -> None:
    by_lines, by_chunks = (bounded(b"ab\ncdefgh\n", limit_bytes=7) for _ in range(2))
    assert b"".join(by_lines.lines(4)) == b"ab\ncdef"
    assert b"".join(by_chunks.chunks(4)) == b"ab\ncdef"
    assert by_lines.is_cut
    assert by_chunks.is_cut


def test_nothing_is_read_when_no_time_is_left() -> None:
    file = bounded(b"ab\n", limit_bytes=7, within_s=0.0)
    assert list(file.chunks(4)) == []
    assert file.is_cut


def test_an_empty_file_is_not_cut() -> None:
    file = bounded(b"", limit_bytes=7)
    assert list(file.chunks(4)) == []
    assert (file.is_cut, file.is_empty) == (False, True)
