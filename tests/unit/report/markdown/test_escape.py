"""Plain text shows exactly itself, whatever it holds, in prose, in code and in fences."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.markdown.escape import (
    code_span,
    escape_inline,
    escape_words,
    fence,
    html_code,
    html_text,
)
from upshot.text import clean_text

GitHub = Callable[[str], Any]
HOSTILE = st.text(alphabet=st.sampled_from("ab1 `*_~[]()<>&#@!|\\/:.-+=$\n\t\u200b\u202e\uff20\u2028é🚀"), max_size=40)  # fmt: skip


def words(text: str) -> list[str]:
    return re.sub(r"[\s\x00]+", " ", text).split()


@given(HOSTILE)
@settings(max_examples=300)
def test_t16_t19_inline_text_shows_itself_and_does_nothing(github: GitHub, text: str) -> None:
    seen = github(f"before {escape_inline(text)} after")
    assert set(seen.tags) <= {"p", "code"}
    assert not seen.links
    shown = re.sub("<[^>]*>", "", seen.html)
    plain = "".join(clean_text(text).split())
    assert html_unescape(shown).replace(" ", "").strip() == f"before{plain}after"


def html_unescape(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


@given(HOSTILE)
@settings(max_examples=300)
def test_t19_inline_text_fills_one_cell_of_a_table(github: GitHub, text: str) -> None:
    seen = github(
        f"| a | b |\n|---|---|\n| {escape_inline(text)} | {code_span(text, in_table=True)} |\n"
    )
    assert seen.tags.count("td") == 2
    assert seen.tags.count("tr") == 2
    assert not seen.links
    assert not re.search(r"@\w", seen.prose)


@given(HOSTILE)
@settings(max_examples=300)
def test_t19_a_code_span_holds_all_of_its_text(github: GitHub, text: str) -> None:
    span = code_span(text)
    seen = github(f"x {span} y")
    expected = " ".join(clean_text(text).split())
    assert seen.code == ([expected] if expected else [])


@given(st.lists(st.sampled_from(["```", "~~~", "````\n", "`", "\n", "text", "</details>", "> ", "<!-- upshot", "\r", "\x1b[1m"]), max_size=12).map("".join))  # fmt: skip
@settings(max_examples=300)
def test_t19_a_fence_cannot_be_closed_from_inside(github: GitHub, text: str) -> None:
    seen = github(f"{fence(text)}\n\nafter")
    assert seen.tags == ["pre", "code", "p"]
    assert seen.prose.strip("\x00\n ").endswith("after")


@pytest.mark.parametrize("text", ["/approve", "/lgtm now", "a\n/deploy\nb"])
def test_t18_no_line_of_a_fence_is_a_slash_command(text: str) -> None:
    assert not re.search(r"(?m)^/[a-z]", fence(text))


def test_paths_in_a_fence_stay_as_they_are() -> None:
    assert fence("/usr/bin/pulumi: not found") == "```\n/usr/bin/pulumi: not found\n```"


def test_t20_our_marker_is_broken_where_it_is_not_ours() -> None:
    for written in (
        fence("<!-- upshot:v1 -->"),
        code_span("<!--upshot -->"),
        escape_inline("<!-- upshot"),
    ):
        assert not re.search(r"<!--\s*upshot", written)


def test_ordinary_names_are_readable_in_the_source_too() -> None:
    assert escape_inline("creating aws-vpc (main): 3 of 4") == "creating aws-vpc (main): 3 of 4"


@pytest.mark.parametrize(
    "line", ["# a", "- a", "+ a", "1. a", "12) a", "=====", "/approve", ".deploy"]
)
def test_no_line_starts_a_block_or_a_command(line: str, github: GitHub) -> None:
    seen = github(escape_inline(line))
    assert set(seen.tags) <= {"p", "code"}
    assert not re.match(r"[/.]\w", escape_inline(line))


@given(st.text(alphabet="a1 $`*_\\&;#36{}|", max_size=30))
@settings(max_examples=300)
def test_t19_no_dollar_sign_is_shown_where_it_could_start_a_formula(
    github: GitHub, text: str
) -> None:
    table = f"| a | b |\n|---|---|\n| {escape_inline(text)} | {code_span(text, in_table=True)} |"
    html = f"x {html_code(text)}\n\n<div>{html_text(text)}</div>"
    for written in (escape_inline(text), f"x {code_span(text)}", table, html):
        assert not re.search(r"\$(?!\d)", github(written).prose)
    assert "$" not in html


def test_a_dollar_sign_before_a_foreign_address_is_still_shown(github: GitHub) -> None:
    written = escape_words("$https://a.example", lambda url: code_span(url[8:]))
    assert github(written).code == ["$", "a.example"]


def test_the_code_of_our_html_shows_its_text(github: GitHub) -> None:
    seen = github(f"x {html_code('a<$b$>&#36;')} y")
    assert seen.code == ["a<$b$>&#36;"]
