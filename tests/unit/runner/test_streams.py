"""What Python prints by itself goes through the log too."""

from __future__ import annotations

import io
import itertools

from upshot.runner.commands import RunnerLog
from upshot.runner.streams import GuardedStream, print_traceback
from upshot_sandbox.oracle import commands_in


def make_log(stream: io.StringIO) -> RunnerLog:
    count = itertools.count()
    return RunnerLog(
        stream,
        redact=lambda text: text.replace("hunter22", "[redacted]"),
        token=lambda: f"{next(count):032x}",
    )


def test_t4_a_traceback_runs_no_command_and_shows_no_secret() -> None:
    stream = io.StringIO()
    fault = RuntimeError("x ##[add-mask]e\n::set-output name=a::b")
    fault.__cause__ = ValueError("inner hunter22\r::add-mask::e")
    print_traceback(make_log(stream), fault)
    printed = stream.getvalue()
    assert "ValueError: inner [redacted]" in printed
    assert "hunter22" not in printed
    assert [c.name for c in commands_in(printed.encode())] == ["stop-commands"]


def test_t4_stderr_is_guarded_line_by_line() -> None:
    stream = io.StringIO()
    guard = GuardedStream(make_log(stream))
    guard.write("a line\n::error::x\nhalf ")
    assert "half" not in stream.getvalue()
    guard.write("and half ##[error]y\n")
    guard.write("rest")
    guard.flush()
    guard.flush()
    names = {command.name for command in commands_in(stream.getvalue().encode())}
    assert names == {"stop-commands"}
    assert "half and half" in stream.getvalue()
    assert stream.getvalue().count("rest") == 1


def test_a_guarded_stream_is_a_text_stream() -> None:
    guard = GuardedStream(make_log(io.StringIO()))
    assert guard.writable()
    print("::error::x", file=guard)
