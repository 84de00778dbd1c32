"""Sections of a shared comment survive writing and reading, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from upshot.model import Section
from upshot.publish.comment.marker import Marker, render_marker
from upshot.publish.comment.sections import (
    clean_section,
    merge_sections,
    parse_sections,
    wrap_section,
)
from upshot.publish.comment.thread import OwnComment
from upshot.publish.comment.write_comment import append_entry

HEAD = "a" * 40


def section(stack: str = "acme/shop/prod", *, run: int = 100, text: str = "text") -> Section:
    return Section(
        stack=stack,
        run=str(run),
        sha=HEAD,
        started=1_000 + run,
        verdict="failed",
        digest=f"d{run}",
        cells={"create": "3"},
        text=text,
    )


@given(st.lists(st.text(max_size=60), max_size=4))
def test_sections_read_back_as_they_were_written(texts: list[str]) -> None:
    written = [clean_section(section(f"acme/shop/s{n}", text=text)) for n, text in enumerate(texts)]
    body = "head\n\n" + "\n\nbetween\n\n".join(map(wrap_section, written)) + "\n\nfoot"
    assert list(parse_sections(body)) == written
    assert list(parse_sections(body.replace("\n", "\r\n"))) == written


def test_t20_a_section_that_holds_another_stays_one() -> None:
    inner = wrap_section(section("acme/shop/evil"))
    [found] = parse_sections(wrap_section(section(text=f"log:\n{inner}\nend")))
    assert found.stack == "acme/shop/prod"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- upshot-section {} -->\nx\n<!-- upshot-section-end -->",
        '<!-- upshot-section {"stack":"a b"} -->\nx\n<!-- upshot-section-end -->',
        '<!-- upshot-section {"stack":"a","cells":{"x":"<b>"}} -->\nx\n<!-- upshot-section-end -->',
        '<!-- upshot-section {"stack":"a"} -->\nnever ends',
        '> <!-- upshot-section {"stack":"a"} -->\nx\n<!-- upshot-section-end -->',
    ],
)
def test_what_cannot_be_read_is_left_out(body: str) -> None:
    assert parse_sections(body) == ()


def test_a_cell_that_is_no_id_is_a_bug() -> None:
    with pytest.raises(ValueError, match="cells"):
        wrap_section(replace(section(), cells={"create": "3 <b>"}))


def test_merging_keeps_the_newest_of_each_stack_sorted() -> None:
    merged = merge_sections(
        [section("b", run=1), section("a", run=3), section("b", run=2), section("a", run=1)],
        head_sha=HEAD,
    )
    assert [(s.stack, s.run) for s in merged] == [("a", "3"), ("b", "2")]


def test_t38_a_long_body_takes_linear_time() -> None:
    body = '<!-- upshot-section {"stack":"a"}\n' * 50_000 + "<!-- upshot-section " + "{" * 500_000
    assert parse_sections(body) == ()


def test_entries_of_an_appended_comment_stay_in_order() -> None:
    marker = Marker(v=1, key="prod")
    body = f"{render_marker(marker)}\n\nfirst"
    for text in ("second", "third"):
        body = f"{render_marker(marker)}\n\n{append_entry(body, text)}"
    assert body.index("first") < body.index("second") < body.index("third")


def test_a_comment_parses_its_sections_once() -> None:
    body = wrap_section(section())
    comment = OwnComment(1, "", "", body, is_hidden=False, marker=Marker(v=1, key="prod"))
    assert [each.stack for each in comment.sections] == ["acme/shop/prod"]
    assert comment.sections is comment.sections
