"""The parser of server-sent events, against the WHATWG rules and in any split."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.errors import ServiceBadReply
from upshot.http.sse import Frame, SseParser


def parsed(*chunks: bytes) -> list[Frame]:
    parser = SseParser()
    return [frame for chunk in chunks for frame in parser.feed(chunk)]


def datas(*chunks: bytes) -> list[str]:
    return [frame.data for frame in parsed(*chunks)]


VECTORS: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    # The four examples of the WHATWG text, section 9.2.6.
    "multi-line data is joined by LF": (
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [("", "YHOO\n+2\n10")],
    ),
    "comment, id, an id that is reset, a space that is kept": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [("1", "first event"), ("", "second event"), ("", " third event")],
    ),
    "data without a value; the last one lacks its blank line": (
        b"data\n\ndata\ndata\n\ndata:",
        [("", ""), ("", "\n")],
    ),
    "one space after the colon is not part of the value": (
        b"data:test\n\ndata: test\n\n",
        [("", "test"), ("", "test")],
    ),
    "CR ends a line": (b"id: 1\rdata: a\r\r", [("1", "a")]),
    "CRLF ends one line, not two": (b"id: 1\r\ndata: a\r\ndata: b\r\n\r\n", [("1", "a\nb")]),
    "mixed ends": (b"data: a\r\ndata: b\rdata: c\n\r\n", [("", "a\nb\nc")]),
    "LF then CR are two ends": (b"data: a\n\rdata: b\r\n\n", [("", "a"), ("", "b")]),
    "a byte order mark at the start is dropped": (b"\xef\xbb\xbfdata: a\n\n", [("", "a")]),
    "only one is, and only there": (
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: \xef\xbb\xbfb\n\n",
        [("", "\ufeffb")],
    ),
    "comments and keep-alives are nothing": (
        b":\n\n: ping\n\nid: 7\ndata: a\n\n:\n\n\n\n: x\ndata: b\n: y\n\n",
        [("7", "a"), ("7", "b")],
    ),
    "an id with NULL is ignored": (b"id: 1\n\nid: 2\x003\ndata: a\n\n", [("1", "a")]),
    "an id without data still counts": (b"id: 9\n\ndata: a\n\n", [("9", "a")]),
    "retry and unknown fields are ignored": (
        b"retry: 1\nfoo: bar\ndatax: no\n data: no\nDATA: no\ndata: a\n\n",
        [("", "a")],
    ),
    "the event's name is ignored": (
        b"event: add\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n",
        [("", "a"), ("", "b"), ("", "c")],
    ),
    "a colon in the value stays": (b"data: a:b: c\n\n", [("", "a:b: c")]),
    "other line separators of Unicode are text": (
        "data: a\u2028b\u0085c\x0bd\x0ce\n\n".encode(),
        [("", "a\u2028b\u0085c\x0bd\x0ce")],
    ),
    "bytes that are not UTF-8 are replaced, and end no line": (
        b"data: \xff\xe2\x82\ndata: b\n\n",
        [("", "\ufffd\ufffd\nb")],
    ),
    "no final blank line: the event is incomplete": (
        b"data: a\n\nid: 5\ndata: b\n",
        [("", "a")],
    ),
    "nothing": (b"", []),
    "only blank lines": (b"\n\n\r\n\r\r\n", []),
}


@pytest.mark.parametrize(("stream", "frames"), VECTORS.values(), ids=VECTORS.keys())
def test_follows_the_rules(stream: bytes, frames: list[tuple[str, str]]) -> None:
    assert [(f.id, f.data) for f in parsed(stream)] == frames


@pytest.mark.parametrize(("stream", "frames"), VECTORS.values(), ids=VECTORS.keys())
def test_a_split_at_any_place_changes_nothing(stream: bytes, frames: list[tuple[str, str]]) -> None:
    for at in range(len(stream) + 1):
        assert [(f.id, f.data) for f in parsed(stream[:at], stream[at:])] == frames
    single = parsed(*(stream[i : i + 1] for i in range(len(stream))))
    assert [(f.id, f.data) for f in single] == frames


def test_a_character_split_in_its_middle_stays_whole() -> None:
    assert datas(b"data: \xf0\x9f", b"\x8e", b"\x89\n", b"\n") == ["\U0001f389"]


def test_an_event_is_given_with_the_line_that_ends_it() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\r") == []
    assert [f.data for f in parser.feed(b"\n\r")] == ["a"], "not one chunk later"
    assert parser.feed(b"\n") == []


def test_an_incomplete_event_does_not_move_the_resume_point() -> None:
    parser = SseParser()
    parser.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b")
    assert parser.last_event_id == "1"


def test_t35_an_endless_event_is_refused() -> None:
    parser = SseParser(limit_bytes=1000)
    line = b"data: " + b"x" * 100 + b"\n"
    with pytest.raises(ServiceBadReply, match="more than 1000 bytes"):
        drain(parser, [line] * 20)


def drain(parser: SseParser, chunks: list[bytes]) -> None:
    for chunk in chunks:
        parser.feed(chunk)


def test_many_small_events_are_no_endless_event() -> None:
    parser = SseParser(limit_bytes=100)
    assert sum(len(parser.feed(b"data: 12345678901234567890\n\n" * 50)) for _ in range(5)) == 250


LINES = st.lists(
    st.sampled_from(
        [b"data: x", b"data", b"data: \xc3\xa4\xf0\x9f\x8e\x89", b"id: 7", b"id", b"id: \0", b":k",
         b"event: e", b"retry: 3", b"", b"", b"junk", b"\xef\xbb\xbf"]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=150)
@given(data=st.data(), lines=LINES)
def test_any_split_gives_the_same_frames(data: st.DataObject, lines: list[bytes]) -> None:
    ends = [data.draw(st.sampled_from([b"\n", b"\r", b"\r\n"])) for _ in lines]
    stream = b"".join(line + end for line, end in zip(lines, ends, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parsed(*pieces) == parsed(stream) == oracle(stream)


def oracle(stream: bytes) -> list[Frame]:
    """The rules written down naively: the whole text first, then line by line."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]
    frames, data, ident = [], "", ""
    for line in lines:
        if line == "":
            if data:
                frames.append(Frame(ident, data.removesuffix("\n")))
            data = ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            ident = value
    return frames
