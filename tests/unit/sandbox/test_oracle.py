"""The oracle against the runner's own vectors (actions/runner 2.336)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot_sandbox.oracle import (
    FileCommandError,
    annotations_in,
    commands_in,
    masks_in,
    parse_file_commands,
    parse_line,
)

NBSP, IDEOGRAPHIC = "\u00a0", "\u3000"


@pytest.mark.parametrize(
    ("line", "name", "data"),
    [
        ("::error file=a,line=1::m", "error", "m"),
        ("  ::error::m", "error", "m"),
        (f"{NBSP}::set-output name=approved::true", "set-output", "true"),
        (f"{IDEOGRAPHIC}::debug::x", "debug", "x"),
        ("::ERROR::m", "error", "m"),
        ("x ##[set-output name=approved]true", "set-output", "true"),
        ("> ##[add-matcher]x.json", "add-matcher", "x.json"),
        ("| cell ##[add-mask]e |", "add-mask", "e |"),
        ("::unknown::x ##[add-mask]e", "add-mask", "e"),
    ],
)
def test_acts_on(line: str, name: str, data: str) -> None:
    command = parse_line(line)
    assert command is not None
    assert (command.name, command.data) == (name, data)


@pytest.mark.parametrize(
    "line",
    [
        "> ::error::x",
        "`::error::x`",
        "##\u200b[error]x",
        "##[command]x",
        "::error",
        "::set-env2::x",
        "##[error",
        "",
    ],
)
def test_leaves_alone(line: str) -> None:
    assert parse_line(line) is None


def test_a_valid_v2_command_hides_a_v1_command_in_its_data() -> None:
    found = commands_in(b"::error::x ##[add-mask]e")
    assert [(c.name, c.data) for c in found] == [("error", "x ##[add-mask]e")]


def test_lines_end_at_cr_lf_and_both_only() -> None:
    found = commands_in(
        "safe\r::add-mask::e\rtail\n::debug::a\r\nx\u2028::debug::b\x0b::debug::c".encode()
    )
    assert [(c.name, c.data) for c in found] == [("add-mask", "e"), ("debug", "a")]


def test_values_are_unescaped_the_percent_sign_last() -> None:
    command = parse_line("::error title=a%3Ab%2Cc,file=x::l1%0Al2%250A")
    assert command is not None
    assert command.properties == {"title": "a:b,c", "file": "x"}
    assert command.data == "l1\nl2%0A"


def test_nothing_is_acted_upon_between_stop_and_token() -> None:
    printed = b"::stop-commands::Abc123x\n::error::a\n##[add-mask]e\n::abc123x::\n::error::b"
    assert [c.data for c in commands_in(printed) if c.name == "error"] == ["b"]


@pytest.mark.parametrize("token", ["", "pause-logging", "error"])
def test_a_token_that_is_none_does_not_stop(token: str) -> None:
    printed = f"::stop-commands::{token}\n::error::a".encode()
    assert [c.name for c in commands_in(printed)] == ["stop-commands", "error"]


def test_annotations_and_masks() -> None:
    printed = b"::add-mask::one%0Atwo\n::warning title=T,file=f.ts,line=3::m\n::notice::n"
    assert masks_in(printed) == ["one\ntwo", "one", "two"]
    levels = [(a.level, a.title, a.file, a.line) for a in annotations_in(printed)]
    assert levels == [("warning", "T", "f.ts", "3"), ("notice", "", "", "")]


@pytest.mark.parametrize(
    ("content", "pairs"),
    [
        (b"a=1\n", [("a", "1")]),
        (b"a<<E\nx\nE", [("a", "x")]),
        (b"a<<E\nE\n", [("a", "")]),
        (
            b"a<<EOF\nfoo\nEOF\napproved=true\nz<<EOF\nEOF\n",
            [("a", "foo"), ("approved", "true"), ("z", "")],
        ),
        (b"a<<E\nx\r\nE\n", [("a", "x\r")]),
        (b"\n\na=b=c\n", [("a", "b=c")]),
        (b"a=x<<E\n", [("a", "x<<E")]),
        (b"", []),
    ],
)
def test_reads_a_command_file(content: bytes, pairs: list[tuple[str, str]]) -> None:
    assert parse_file_commands(content) == pairs


@pytest.mark.parametrize(
    "content", [b"a<<E\nx\n", b"oops\n", b"=v\n", b"<<E\nx\nE\n", b"a<<\nx\n\n"]
)
def test_fails_the_step_on_a_file_that_it_cannot_read(content: bytes) -> None:
    with pytest.raises(FileCommandError):
        parse_file_commands(content)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_held_against_it(printed: bytes) -> None:
    for command in commands_in(printed):
        assert command.name
