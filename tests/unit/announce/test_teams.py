"""The Adaptive Card: inert, within Teams' limits, and it says what a person needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.announce.test_slack import PLAIN
from tests.unit.announce.texts import HOSTILE, everywhere

from upshot.announce.fit import BUDGET_BYTES, fit
from upshot.announce.teams import build_teams
from upshot.model.announcement import Announcement
from upshot_sandbox.chats.service import teams_problems


def built(announcement: Announcement) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(fit(announcement, build_teams))
    assert list(teams_problems(body)) == []
    card: dict[str, Any] = body["attachments"][0]["content"]
    return card


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a card, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from elements(item)
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from elements(item)


def words(card: dict[str, Any]) -> str:
    return "\n".join(one["text"] for one in elements(card["body"]) if one["type"] == "TextRun")


def test_it_says_what_happened_what_failed_first_what_to_do_and_where() -> None:
    card = built(PLAIN)
    assert card["version"] == "1.4"
    said = words(card)
    for part in (PLAIN.failed, PLAIN.error, PLAIN.why, "1. Allow it.", "2. Run it again."):
        assert part in said
    assert "1 failed · 3 created" in said
    assert card["body"][0]["inlines"][0]["color"] == "Attention"
    [action] = card["actions"]
    assert (action["type"], action["url"]) == ("Action.OpenUrl", PLAIN.links[0][1])


@pytest.mark.parametrize("text", HOSTILE)
def test_t69_no_text_is_markdown_an_expression_or_a_mention(text: str) -> None:
    raw = fit(everywhere(text), build_teams)
    assert len(raw) <= BUDGET_BYTES
    card = built(everywhere(text))
    kinds = {one["type"] for one in elements(card["body"])}
    assert kinds <= {"RichTextBlock", "TextRun", "Container"}, "TextBlock reads Markdown"
    said = words(card)
    for mark in ("${", "{{", "<at>", "</at>"):
        assert mark not in said
        assert mark not in card["fallbackText"]
    assert "entities" not in card["msteams"]
    addresses = [one["url"] for one in elements(card) if "url" in one]
    assert addresses == ["https://github.com/acme/shop/actions/runs/1"]


@given(st.text(max_size=400), st.integers(0, 40))
@example("{", 3)
def test_t69_whatever_the_text_teams_takes_it(text: str, times: int) -> None:
    card = built(everywhere(text * times))
    assert "{{" not in words(card)
    assert all(one["text"] for one in elements(card["body"]) if one["type"] == "TextRun")
