"""The hidden first line: versioned, ids only, read leniently, believed nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from upshot.model import Stamp
from upshot.model.stamp import clean_id
from upshot.publish.comment.marker import (
    PREFIX,
    Kind,
    Marker,
    build_marker,
    find_marker,
    is_newer,
    next_history,
    render_marker,
    seal,
    split_body,
)

HEAD, OLD = "a" * 40, "b" * 40


def marker(run: int = 100, *, attempt: int = 1, sha: str = HEAD, started: int = 0) -> Marker:
    return Marker(
        v=1,
        key="prod",
        sha=sha,
        run=str(run),
        attempt=attempt,
        started=started or 1_000 + run,
        verdict="failed",
    )


IDS = st.text("abcXYZ019_.:/-", max_size=20)


@given(
    st.builds(
        Marker,
        v=st.just(1),
        key=IDS,
        kind=st.sampled_from(Kind),
        sha=IDS,
        run=IDS,
        attempt=st.integers(1, 50),
        started=st.integers(0, 2**40),
        conversation=IDS,
        history=st.lists(
            st.builds(
                Stamp,
                run=IDS,
                attempt=st.integers(1, 9),
                sha=IDS,
                verdict=IDS,
                started=st.integers(0, 2**40),
            ),
            max_size=5,
        ).map(tuple),
    ),
    st.text(max_size=40),
)
def test_what_was_rendered_is_found_again(written: Marker, text: str) -> None:
    body = f"{render_marker(written)}\n\n{text}"
    assert find_marker(body) == written
    assert split_body(body) == text.lstrip("\r\n")


def test_it_is_one_comment_that_html_cannot_leave() -> None:
    line = render_marker(marker())
    assert line.startswith("<!-- upshot {")
    assert line.endswith("} -->")
    assert line.count("-->") == 1
    assert "\n" not in line


def test_keys_of_later_versions_are_ignored() -> None:
    fields = {"v": 2, "key": "prod", "run": "7", "mood": "fine", "nested": {"a": [1]}}
    found = find_marker(f"{PREFIX}{json.dumps(fields)} -->")
    assert found is not None
    assert (found.v, found.key, found.run) == (2, "prod", "7")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no marker",
        " <!-- upshot {} -->",
        "\n<!-- upshot {} -->",
        "> <!-- upshot {} -->",
        "<!-- upshot {} -->",
        "<!-- upshot {'v':1} -->",
        '<!-- upshot {"v":1,"key":"prod"}',
        '<!-- upshot {"v":0,"key":"prod"} -->',
        '<!-- upshot {"v":"1","key":"prod"} -->',
        '<!-- upshot {"v":1,"key":"a b"} -->',
        '<!-- upshot {"v":1,"key":"<b>"} -->',
        '<!-- upshot {"v":1,"key":"prod","task":"a\\nb"} -->',
        '<!-- upshot {"v":1,"key":"prod","sha":"' + "a" * 201 + '"} -->',
        "<!-- upshot " + "[" * 5_000 + " -->",
        "<!-- upshot " + "x" * 10_000 + " -->",
    ],
)
def test_t20_what_is_not_exactly_a_marker_is_none(body: str) -> None:
    assert find_marker(body) is None


@given(st.text(max_size=80))
def test_t20_no_text_makes_the_reader_fail(text: str) -> None:
    find_marker(text)
    find_marker(f"{PREFIX}{text} -->")


@pytest.mark.parametrize("value", ["a b", "-->", 'x"', "a\nb", "é", "x" * 201])
def test_t20_only_ids_are_written(value: str) -> None:
    with pytest.raises(ValueError, match="ids"):
        render_marker(replace(marker(), conversation=value))
    built = build_marker(value, Stamp(run="1", sha=HEAD, task=value))
    assert find_marker(render_marker(built)) == built


def test_clean_ids_keep_ids_and_tell_other_texts_apart() -> None:
    assert clean_id("acme/shop/prod") == "acme/shop/prod"
    assert clean_id("ключ") == clean_id("ключ") != clean_id("ключи")


@pytest.mark.parametrize(
    ("theirs", "mine", "newer"),
    [
        (marker(100), marker(101), False),
        (marker(101, sha=OLD), marker(100), False),  # ours is about the head
        (marker(100), marker(101, sha=OLD), True),  # theirs is about the head
        (marker(101, sha=OLD), marker(100, sha="c" * 40), True),
        (marker(100, sha=OLD), marker(101, sha="c" * 40), False),
        (marker(100, attempt=2), marker(100, attempt=1), True),
        (marker(100, attempt=1), marker(100, attempt=2), False),
        (marker(100), marker(100), False),
        (marker(101, started=5_000), marker(100, started=6_000), False),  # a re-run, later
        (marker(100, started=6_000), marker(101, started=5_000), True),
        (marker(9), marker(10, sha=OLD), True),
        (Marker(v=1, key="prod"), marker(100), False),
    ],
)
def test_newer_goes_by_head_then_run_then_start(theirs: Marker, mine: Marker, newer: bool) -> None:  # noqa: FBT001
    assert is_newer(theirs, mine, head_sha=HEAD) is newer


def test_without_a_known_head_the_runs_number_counts() -> None:
    assert is_newer(marker(101, sha=OLD), marker(100))
    assert not is_newer(marker(99, sha=OLD), marker(100))


def test_history_is_the_run_before_and_its_history() -> None:
    assert next_history(None, marker(1)) == ()
    first = marker(1)
    second = replace(marker(2), history=next_history(first, marker(2)))
    third = next_history(second, marker(3))
    assert [past.run for past in third] == ["2", "1"]


def test_the_same_attempt_is_not_its_own_history() -> None:
    assert next_history(marker(1), marker(1)) == ()
    assert [p.attempt for p in next_history(marker(1), marker(1, attempt=2))] == [1]


def test_a_seal_sees_edits_and_not_blanks() -> None:
    assert seal("a b\nc") == seal("a  b\r\nc\n")
    assert seal("failed") != seal("approved")
