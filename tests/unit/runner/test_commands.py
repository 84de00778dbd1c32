"""What the log prints, held against the runner's own grammar."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.runner.commands import RunnerLog
from upshot.secret import Secret
from upshot_sandbox.oracle import annotations_in, commands_in, masks_in

HOSTILE = [
    "::set-output name=approved::true",
    "  ::error::x",
    "\u00a0::set-output name=approved::true",
    "\u3000\u2028::add-mask::e",
    "x ##[set-output name=approved]true",
    "> ##[add-matcher]x.json",
    "| cell ##[add-mask]e |",
    "safe\r::add-mask::e\rtail",
    "##\u200b[error]x",
    "#\u034f#[error]x",
    "\x1b[31m::error::x\x1b[0m",
    "\x1b]0;title\x07::error::x",
    ":\u200b:error::x",
    "::stop-commands::abc",
    "a\x85::error::x",
    "\ud800::error::x",
]
PIECES = [
    "::",
    "##[",
    "]",
    "add-mask",
    "error",
    "set-output name=a",
    "\r",
    "\n",
    "\u00a0",
    "\u200b",
]
TOKEN = "0123456789abcdef0123456789abcdef"


class Log:
    """A log and what it has printed."""

    def __init__(self, *, is_debug: bool = False, redact: str = "") -> None:
        self.stream = io.StringIO()
        self.tokens = iter(f"{n:032x}" for n in range(100_000))
        self.log = RunnerLog(
            self.stream,
            redact=lambda text: text.replace(redact, "[redacted]") if redact else text,
            token=lambda: next(self.tokens),
            is_debug=is_debug,
        )

    @property
    def printed(self) -> bytes:
        return self.stream.getvalue().encode()


@pytest.fixture
def log() -> Log:
    return Log()


def names(log: Log) -> list[str]:
    return [command.name for command in commands_in(log.printed)]


@pytest.mark.parametrize("text", HOSTILE)
def test_t1_untrusted_text_runs_no_command(log: Log, text: str) -> None:
    log.log.untrusted(text)
    assert names(log) == ["stop-commands"]


@pytest.mark.parametrize("text", HOSTILE)
def test_t2_t3_even_our_own_lines_run_no_command(log: Log, text: str) -> None:
    log.log.info(text)
    assert names(log) == []


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_t1_no_text_at_all_runs_a_command(text: str) -> None:
    log = Log(is_debug=True)
    log.log.info(text)
    log.log.debug(text)
    log.log.untrusted(text)
    log.log.error(text, title=text, file=text, line=1)
    with log.log.group(text):
        pass
    assert names(log) == ["debug", "stop-commands", "error", "group", "endgroup"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_nothing_is_left_to_parse_once_the_parser_is_on_again(text: str) -> None:
    log = Log()
    log.log.untrusted(text)
    log.log.notice("after")
    assert [(a.level, a.message) for a in annotations_in(log.printed)] == [("notice", "after")]


def test_t5_each_block_has_its_own_token(log: Log) -> None:
    log.log.untrusted("a")
    log.log.untrusted("b")
    first, second = (c.data for c in commands_in(log.printed))
    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize("token", ["", "short", "pause-logging", "x" * 31, "with space" * 4])
def test_t5_a_token_that_is_not_random_is_refused(token: str) -> None:
    log = RunnerLog(io.StringIO(), redact=str, token=lambda: token)
    with pytest.raises(ValueError, match="random"):
        log.untrusted("text")


def test_t5_a_token_that_the_text_holds_is_refused() -> None:
    log = RunnerLog(io.StringIO(), redact=str, token=lambda: TOKEN)
    with pytest.raises(ValueError, match="random"):
        log.untrusted(f"::{TOKEN}::")


def test_every_line_is_redacted() -> None:
    log = Log(is_debug=True, redact="hunter22")
    log.log.info("a hunter22")
    log.log.debug("b hunter22")
    log.log.untrusted("c hunt\u200ber22")
    log.log.warning("d hunter22", title="e hunter22", file="f-hunter22", line=1)
    with log.log.group("g hunter22"):
        pass
    assert b"hunter22" not in log.printed
    assert log.printed.count(b"[redacted]") == 7


def test_t49_debug_lines_need_debug_mode(log: Log) -> None:
    log.log.debug("bodies")
    assert log.printed == b""


def test_an_annotation_reads_back_as_it_was_said(log: Log) -> None:
    log.log.error("100% of it: a, b\nand\tmore", title="a,b::c%0A", file="src/a,b.py", line=7)
    [found] = annotations_in(log.printed)
    assert found.message == "100% of it: a, b\nand\tmore"
    assert (found.title, found.file, found.line) == ("a,b::c%0A", "src/a,b.py", "7")


@pytest.mark.parametrize(
    "file",
    [
        *("../../etc/passwd", "/etc/passwd", "a/../../b", "\\x", "a\\..\\b", " /etc/x", "~/x"),
        *("file:///etc/x", "FILE:/x", "https://a.example/x", "node:fs", "webpack://a/./b.ts"),
        *("C:\\x", "c:/x", "d:x", "\\\\server\\share", "//server/share", "\\\\?\\C:\\x"),
        *("\u200b/etc/x", "\x01/etc/x", "C\u200b:/x", ".\u200b./x", "..", "a/.. /b", "a\nb", " "),
    ],
)
def test_t40_a_path_out_of_the_workspace_is_left_out(log: Log, file: str) -> None:
    log.log.error("m", file=file, line=3)
    [found] = annotations_in(log.printed)
    assert (found.file, found.line) == ("", "")


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["/", "\\", "..", ":", "C:", "file:", "~", ".", " ", "a", "b.ts", "\u200b", "\t"]),
        max_size=8,
    ).map("".join)
)  # fmt: skip
def test_t40_only_a_plain_relative_path_names_a_file(path: str) -> None:
    log = Log()
    log.log.error("m", file=path, line=3)
    [found] = annotations_in(log.printed)
    for flavour in (PurePosixPath, PureWindowsPath):
        shown = flavour(found.file)
        assert not shown.is_absolute()
        assert not shown.anchor
        assert ".." not in shown.parts
    assert not re.match(r"[A-Za-z][\w+.-]*:|~", found.file)


@pytest.mark.parametrize("file", ["index.ts", "src/a b.py", "./x.go", "src/a:b.ts", "..x/y", "é/x"])
def test_a_plain_path_is_named(log: Log, file: str) -> None:
    log.log.error("m", file=file)
    [found] = annotations_in(log.printed)
    assert found.file == file


def test_t40_at_most_ten_of_a_kind_the_rest_are_lines(log: Log) -> None:
    for n in range(13):
        log.log.error(f"e{n}")
    log.log.warning("w")
    found = annotations_in(log.printed)
    assert [a.level for a in found].count("error") == 10
    assert found[-1].level == "warning"
    assert b"error: e12\n" in log.printed
    assert log.log.omitted == {"notice": 0, "warning": 0, "error": 3}


def test_t40_a_message_is_cut_before_the_runner_would(log: Log) -> None:
    log.log.error("\U0001f600" * 4_096)
    [found] = annotations_in(log.printed)
    assert len(found.message.encode("utf-16-le")) // 2 <= 4_096
    assert found.message.endswith("…")


@pytest.mark.parametrize(
    "value", ["e", "dev", "1234567", "Password", "production", " us-east-1 ", ""]
)
def test_t11_short_and_common_words_are_not_masked(log: Log, value: str) -> None:
    assert log.log.mask(Secret(value)) is False
    assert masks_in(log.printed) == []


def test_t12_a_secret_of_several_lines_is_masked_line_by_line(log: Log) -> None:
    assert log.log.mask(Secret("first-line-1\nsecond-line-2\n")) is True
    assert masks_in(log.printed) == [
        "first-line-1\nsecond-line-2",
        "first-line-1",
        "second-line-2",
    ]
    assert log.printed.count(b"\n") == 1


def test_t11_a_line_of_one_bracket_is_not_masked_with_the_rest(log: Log) -> None:
    log.log.mask(Secret('{\n  "key": "s3cr3t-s3cr3t"\n}'))
    assert masks_in(log.printed) == ['  "key": "s3cr3t-s3cr3t"']


def test_t13_a_text_with_a_masked_value_is_known(log: Log) -> None:
    log.log.mask(Secret("first-line-1\nsecond-line-2"))
    assert log.log.is_masked("it was second-line-2!")
    assert not log.log.is_masked("it was the second line")
