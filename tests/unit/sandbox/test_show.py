"""What a person sees of a run."""

from __future__ import annotations

import io

from upshot_sandbox.show import Pen, comment_lines, log_lines


def test_the_log_shows_what_commands_do_and_hides_what_they_hide() -> None:
    log = "::add-mask::hunter22\n::group::Asking\nsecret hunter22\n::error file=a.ts,line=3::bad\n"
    assert log_lines(log) == ["▸ Asking", "secret ***", "Error a.ts:3: bad", ""]


def test_the_log_shows_stopped_lines_as_they_are() -> None:
    log = "::stop-commands::tok12345\n::error::not one\n::tok12345::\nend"
    assert log_lines(log) == ["::error::not one", "end"]


def test_a_comment_loses_its_marker_and_its_tags() -> None:
    body = "<!-- upshot:v1 {} -->\n### Failed\n\n\n<details><summary>More</summary>\n\ntext\n\n</details>\n"
    assert comment_lines(body) == ["### Failed", "", "▸ More", "", "text", ""]


def test_a_table_stands_straight_and_narrow() -> None:
    rows = comment_lines(f"| a | b |\n|---|---|\n| long | {'x' * 90} |\n| 1<br>2 |  |\n")
    assert rows[0] == "a     b"
    assert rows[2] == f"long  {'x' * 59}…"
    assert rows[3] == "1 2"


def test_colour_is_for_terminals_only() -> None:
    stream = io.StringIO()
    Pen(stream).title("Title")
    assert "\x1b" not in stream.getvalue()
