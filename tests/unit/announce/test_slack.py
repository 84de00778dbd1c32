"""Slack's payload: within its limits, inert, and it says what a person needs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.announce.texts import HOSTILE, everywhere

from upshot.announce.fit import BUDGET_BYTES, fit
from upshot.announce.slack import build_slack
from upshot.model.announcement import Announcement
from upshot_sandbox.chats.service import slack_problems

PLAIN = Announcement(
    icon="❌",
    title="Update failed",
    where="acme/shop/prod #64",
    verdict="failed",
    counts=("1 failed", "3 created"),
    failed="orders-db (aws:rds/instance:Instance) could not be updated (AccessDenied)",
    error="not authorized to perform: rds:ModifyDBInstance",
    why="The identity may not do this",
    steps=("Allow it.", "Run it again."),
    links=(("Update in Pulumi Cloud", "https://app.pulumi.com/acme/shop/prod/updates/64"),),
)


def built(announcement: Announcement) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fit(announcement, build_slack))
    return found


def texts(payload: dict[str, Any]) -> list[str]:
    sections = [b["text"] for b in payload["blocks"] if b["type"] == "section"]
    assert all(one["type"] == "mrkdwn" and one["verbatim"] for one in sections)
    return [payload["text"], *(one["text"] for one in sections)]


def test_it_says_what_happened_what_failed_first_what_to_do_and_where() -> None:
    payload = built(PLAIN)
    assert payload["text"] == "❌ Update failed acme/shop/prod #64"
    assert payload["blocks"][0]["text"]["text"] == "❌ Update failed"
    whole = "\n".join(texts(payload))
    assert "`acme/shop/prod #64` · 1 failed · 3 created" in whole
    assert "*What failed first:* orders-db (aws:rds/instance:Instance)" in whole
    assert "```not authorized to perform: rds:ModifyDBInstance```" in whole
    assert "*What to do:* The identity may not do this\n1. Allow it.\n2. Run it again." in whole
    assert payload["blocks"][-1]["elements"][0]["url"] == PLAIN.links[0][1]


@pytest.mark.parametrize("text", HOSTILE)
def test_t69_no_text_mentions_links_or_commands_and_none_is_too_long(text: str) -> None:
    raw = fit(everywhere(text), build_slack)
    payload = json.loads(raw)
    assert len(raw) <= BUDGET_BYTES
    assert list(slack_problems(payload)) == []
    for one in texts(payload):
        assert not re.search(r"<[^>]", one.replace("&lt;", "")), one
        assert re.sub(r"&(?:amp|lt|gt);", "", one).count("&") == 0
        assert one.count("```") % 2 == 0
    assert (payload["unfurl_links"], payload["unfurl_media"]) == (False, False)
    addresses = [one["url"] for b in payload["blocks"] for one in b.get("elements", [])]
    assert addresses == ["https://github.com/acme/shop/actions/runs/1"]


@given(st.text(max_size=400), st.integers(0, 40))
def test_t69_whatever_the_text_slack_takes_it(text: str, times: int) -> None:
    payload = built(everywhere(text * times))
    assert list(slack_problems(payload)) == []
    assert all("<" not in one for one in texts(payload))


def test_marks_at_the_edge_of_a_word_are_no_marks() -> None:
    payload = built(Announcement(icon="✅", title="Well", reasons=("*x* my_db _y_ `z`",)))
    assert "\u2217x\u2217 my_db \u02cdy\u02cd 'z'" in texts(payload)[1]


def test_what_is_left_out_is_counted() -> None:
    rows = tuple((f"acme/shop/s{n}", "failed " * 40) for n in range(12))
    whole = "\n".join(texts(built(Announcement(icon="❌", title="x", rows=rows, rows_omitted=30))))
    shown = whole.count("• `acme/shop/s")
    assert f"…and {42 - shown} more" in whole
