"""Many stacks in one text: order, folds, cells, and what gives way when room is short."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.golden.report.scenarios import failed_update, many_failures, no_changes, still_running

from upshot.model import Section
from upshot.report.cells import build_cells, count_of, icon_of, url_of
from upshot.report.markdown.fit import COMMENT, SUMMARY, size
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.report.rollup import assemble

VERDICTS = ("failed", "cancelled", "unknown", "succeeded", "no-changes")


def section(stack: str, verdict: str = "succeeded", text: str = "Text.", **cells: str) -> Section:
    return Section(
        stack=f"acme/shop/{stack}",
        run="100",
        attempt=1,
        sha="a" * 40,
        started=1,
        verdict=verdict,
        digest="d",
        cells={"kind": "update", **cells},
        text=text,
    )


def wrap(section: Section) -> str:
    return f"<!-- start {section.stack} -->\n\n{section.text}\n\n<!-- end -->"


def kept(text: str) -> list[str]:
    return re.findall(r"<!-- start acme/shop/(\S+) -->", text)


def test_one_stack_alone_is_just_its_report() -> None:
    only = section("prod", text=Renderer(redactor=Redactor(())).comment(failed_update()).text)
    assert assemble([only], wrap) == wrap(only)


def test_failed_stacks_come_first_then_the_riskier() -> None:
    sections = [
        section("a", "no-changes"),
        section("b"),
        section("c", risk="high"),
        section("d", "failed"),
        section("e", "cancelled"),
    ]
    text = assemble(sections, wrap)
    assert kept(text) == ["d", "e", "c", "b", "a"]
    assert re.findall(r"^\| \S+ \| `(\w)`", text, re.MULTILINE) == ["d", "e", "c", "b", "a"]


def test_the_heading_says_how_many_and_of_what() -> None:
    assert assemble([section("a", "failed"), section("b")], wrap).startswith(
        "## ❌ Update failed for 1 of 2 stacks · `acme/shop`\n\n**1 failed** · 1 succeeded\n"
    )
    calm = assemble([section("a", "no-changes"), section("b", "no-changes")], wrap)
    assert calm.startswith("## ⚪ Update without changes for all 2 stacks")
    mixed = assemble([section("a", kind="preview"), section("b", look="warning")], wrap)
    assert mixed.startswith("## ⚠️ Run succeeded for all 2 stacks")


def test_unchanged_stacks_are_behind_one_line() -> None:
    text = assemble([section("a"), section("b", "no-changes"), section("c", "no-changes")], wrap)
    assert "<details><summary>⚪ 2 unchanged</summary>" in text


def test_columns_without_a_number_are_left_out() -> None:
    text = assemble([section("a", create="2"), section("b", delete="1")], wrap)
    assert "|  | Stack | Create | Delete |" in text


def test_stacks_of_different_commits_show_them() -> None:
    older = replace(section("b"), sha="b" * 40)
    assert "| `bbbbbbb` |" in assemble([section("a"), older], wrap)
    assert "Commit" not in assemble([section("a"), section("b")], wrap)


def test_many_rows_are_folded_so_that_the_first_failure_is_seen() -> None:
    text = assemble([section(f"s{n:02}") for n in range(40)], wrap)
    assert "<summary>28 more stacks</summary>" in text
    assert len(re.findall(r"^\| ✅", text, re.MULTILINE)) == 40


def test_details_shrink_before_rows_do() -> None:
    long = "\n\n".join(f"Line {n} of a long report, which says a lot." for n in range(2_000))
    sections = [section(f"f{n}", "failed", long) for n in range(4)]
    sections += [section(f"s{n:02}", "succeeded", long) for n in range(20)]
    sections += [section(f"u{n:02}", "no-changes", long) for n in range(20)]
    text = assemble(sections, wrap)
    assert size(text).fits(COMMENT)
    assert len(kept(text)) == 44
    assert len(re.findall(r"^\| \S+ \| `", text, re.MULTILINE)) == 44
    assert text.count("_Shortened;") == 4, "failed stacks keep what room there is"
    assert "44 stacks, failed first</sub>" in text


def test_what_was_shortened_stays_as_it_is_when_it_fits() -> None:
    long = "\n\n".join(f"Line {n}." for n in range(9_000))
    sections = [section("a", "failed", long), section("b", "failed", long)]
    first = assemble(sections, lambda s: s.text)
    parts = [part.split("\n\n_Shortened")[0] for part in first.split("Line 0.")[1:]]
    again = [replace(s, text=f"Line 0.{part}") for s, part in zip(sections, parts, strict=True)]
    assert "Shortened" not in assemble(again, lambda s: s.text).split("Line 0.")[1]


def test_a_summary_has_room_for_more() -> None:
    long = "Words. " * 20_000
    sections = [section("a", "failed", long), section("b", "failed", long)]
    assert assemble(sections, wrap, limit=SUMMARY).count(long.strip()) == 2


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(VERDICTS),
            st.sampled_from(["", "x", "日本語 ", "🚀", "```\ncode\n```\n\n", "<details>\n\n"]),
            st.integers(1, 6_000),
        ),
        min_size=2,
        max_size=60,
    )
)
def test_any_sections_fit_with_every_row_and_the_footer(drawn: list[tuple[str, str, int]]) -> None:
    sections = [
        section(f"s{n:02}", verdict, f"{line}\n" * times)
        for n, (verdict, line, times) in enumerate(drawn)
    ]
    text = assemble(sections, wrap)
    assert size(text).fits(COMMENT)
    assert sorted(kept(text)) == [f"s{n:02}" for n in range(len(drawn))]
    assert text.endswith("stacks, failed first</sub>\n")


def test_parts_do_not_run_into_each_other(github: Callable[[str], Any]) -> None:
    long = "```\n" + "code\n" * 30_000 + "```\n"
    sections = [section("a", "failed", long), section("b", "failed", f"<details>\n\n{long}")]
    seen = github(assemble(sections, lambda section: section.text))
    assert seen.html.count("<details>") == seen.html.count("</details>")
    assert "failed first" in seen.prose


@pytest.mark.parametrize(
    "url", ["javascript:alert", "https://evil.example", "https://x/a)b", "http://x/../y z"]
)
def test_t17_a_cell_is_linked_only_when_it_is_a_plain_address(url: str) -> None:
    assert url_of(section("a", url=url)) == ""


def test_a_cell_that_is_no_number_counts_nothing() -> None:
    assert count_of(section("a", failed="٣"), "failed") == 0
    assert count_of(section("a", failed="9" * 30), "failed") == 0


def test_cells_tell_what_the_report_says() -> None:
    cells = build_cells(many_failures())
    assert int(cells["failed"]) >= 200
    assert cells["kind"] == "update"
    assert "failed" not in build_cells(no_changes())
    assert icon_of(section("a", "unknown", **build_cells(still_running()))) == "⏳"


def test_a_hundred_stacks_are_all_there_with_their_hidden_lines() -> None:
    url = "https://app.pulumi.com/acme/shop/production-region/previews/" + "7d0f3f9e-3c1f-4f57" * 2
    sections = [section(f"s{n:03}", "failed", url=url, create="3") for n in range(100)]
    hidden = "x" * 250
    text = assemble(sections, lambda section: f"{wrap(section)}\n{hidden}{section.cells}")
    assert size(text).fits(COMMENT)
    assert len(kept(text)) == 100


def test_what_is_critical_comes_after_what_failed_and_is_counted_in_the_heading() -> None:
    sections = [
        section("a", "cancelled"),
        section("b", look="warning", risk="critical", kind="preview"),
        section("c", "failed"),
    ]
    text = assemble(sections, wrap)
    assert kept(text) == ["c", "b", "a"]
    assert text.startswith("## ❌ Run failed for 1 of 3 stacks, critical changes in 1")
    assert "**1 failed** · **1 critical** · 1 cancelled" in text


def test_a_critical_preview_is_open_and_the_heading_where_nothing_failed() -> None:
    sections = [
        section("b", look="warning", risk="critical", kind="preview", text="Look at me."),
        section("a", kind="preview"),
    ]
    text = assemble(sections, wrap)
    assert text.startswith("## ⚠️ Critical changes for 1 of 2 stacks")
    assert "<details><summary>⚠️ <code>b</code>" not in text


def test_the_same_cause_is_open_once_with_the_list_of_its_stacks() -> None:
    cause = {"cause": "0123456789ab"}
    sections = [section(name, "failed", **cause) for name in ("a", "b", "c")]
    text = assemble([*sections, section("d", "failed", cause="ffffffffffff")], wrap)
    assert text.count("**The same cause in 2 more stacks:** `b`, `c`") == 1
    assert "<code>b</code> Update failed, as <code>a</code></summary>" in text
    assert kept(text) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("cause", ["", "no digest", "0123", "0123456789AB"])
def test_a_cell_that_is_no_cause_joins_nothing(cause: str) -> None:
    text = assemble([section(name, "failed", cause=cause) for name in ("a", "b")], wrap)
    assert "same cause" not in text


def test_many_good_stacks_share_one_row(github: Callable[[str], Any]) -> None:
    sections = [section(name) for name in ("a", "b", "c")]
    text = assemble([*sections, section("d", "failed")], wrap)
    assert "<details><summary>✅ 3 succeeded</summary>" in text
    assert kept(text) == ["d", "a", "b", "c"]
    assert text.count("<details>") == text.count("</details>") == 4


def test_stacks_that_failed_alike_have_one_cause_whatever_their_names_are() -> None:
    reports = [failed_update(), failed_update()]
    root = reports[1].facts.failures[0]
    other = replace(root, headline=root.headline.replace("acme-assets", "acme-assets-2"))
    facts = replace(reports[1].facts, failures=(other, *reports[1].facts.failures[1:]))
    cells = [build_cells(reports[0]), build_cells(replace(reports[1], facts=facts))]
    assert cells[0]["cause"] == cells[1]["cause"] != ""
    assert "cause" not in build_cells(no_changes())
