"""What a person sees of a run."""

from __future__ import annotations

import io

from upshot_sandbox.show import Pen, log_lines


def test_the_log_shows_what_commands_do_and_hides_what_they_hide() -> None:
    log = "::add-mask::hunter22\n::group::Asking\nsecret hunter22\n::error file=a.ts,line=3::bad\n"
    assert log_lines(log) == ["▸ Asking", "secret ***", "Error a.ts:3: bad", ""]


def test_the_log_shows_stopped_lines_as_they_are() -> None:
    log = "::stop-commands::tok12345\n::error::not one\n::tok12345::\nend"
    assert log_lines(log) == ["::error::not one", "end"]


def test_colour_is_for_terminals_only() -> None:
    stream = io.StringIO()
    pen = Pen(stream)
    pen.title("Title")
    pen.report("### Failed")
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().splitlines()[-1] == "  Failed"
