"""Reports about many stacks: hostile names and reasons do nothing, and the page keeps its limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden.fleet.test_golden_fleet import render
from tests.unit.report.test_hostile_report import PARTS

from upshot.report.fleet.page import FleetPage, Row
from upshot.report.markdown.fit import SUMMARY, size

GitHub = Callable[[str], Any]
TEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
OURS = re.compile(r"https://github\.com/acme/infrastructure/(actions|commit)/")


@given(st.lists(TEXT, min_size=6, max_size=6))
@settings(max_examples=80)
def test_t14_to_t22_t71_hostile_names_and_reasons_do_nothing(
    github: GitHub, texts: list[str]
) -> None:
    page = FleetPage(
        organization=texts[0],
        selection=texts[1],
        listed=3,
        rows=(Row(texts[2], ("failed",), 1e300), Row(texts[3], (), None)),
        skipped=((texts[4], texts[5]),),
        fault=texts[5],
        hint=texts[0],
    )
    text = render(page)
    seen = github(text)
    assert not {"img", "input", "h1", "h2", "script", "iframe"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", seen.prose)
    assert all(OURS.match(link) for link in seen.links)
    assert not re.search(r"(?m)^/[a-z]+(\s|$)", text)


def test_a_page_of_long_names_keeps_the_limits_of_a_summary() -> None:
    long = "x" * 4_000
    rows = tuple(Row(f"acme/{long}/{n}", ("drifted",), 0.0) for n in range(3_000))
    skipped = tuple((f"{long}{n}", long) for n in range(3_000))
    page = FleetPage(organization=long, selection=long, listed=9, rows=rows, skipped=skipped)
    assert size(render(page)).fits(SUMMARY)
