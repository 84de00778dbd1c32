"""Slack's own models and Microsoft's own parser judge what the chats are sent."""

from __future__ import annotations

import json
import os
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.judges.conftest import find_program
from tests.unit.announce.test_slack import PLAIN
from tests.unit.announce.texts import HOSTILE, everywhere

from upshot.announce.fit import fit
from upshot.announce.slack import build_slack
from upshot.announce.teams import build_teams
from upshot.model.announcement import Announcement

pytestmark = pytest.mark.judges

SCRIPT = Path(__file__).with_name("cards.mjs")
ALL = [PLAIN, *map(everywhere, HOSTILE)]


def said_of_card(card: dict[str, Any], modules: Path, drawn: Path) -> list[str]:
    """What the parser of npm's `adaptivecards` says; the card as HTML goes to `drawn`."""
    done = subprocess.run(
        [find_program("node"), str(SCRIPT), str(drawn)],
        input=json.dumps(card),
        env=os.environ | {"UPSHOT_MODULES": str(modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def card_of(announcement: Announcement) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fit(announcement, build_teams))["attachments"][0]["content"]
    return found


@pytest.mark.parametrize("number", range(len(ALL)))
def test_t69_microsofts_parser_takes_each_card_and_draws_it(
    modules: Path, tmp_path: Path, number: int
) -> None:
    drawn = tmp_path / "card.html"
    assert said_of_card(card_of(ALL[number]), modules, drawn) == []
    html = drawn.read_text("utf-8")
    assert "Update failed" in html
    for tag in ("<img", "<a ", "<strong", "<em", "<script"):
        assert tag not in html, "no text of ours is Markdown"


def test_the_parser_refuses_what_is_wrong(modules: Path, tmp_path: Path) -> None:
    wrong = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlok", "text": "x"}],
        "actions": [{"type": "Action.OpenUrl", "title": "x"}],
    }
    assert len(said_of_card(wrong, modules, tmp_path / "card.html")) == 2


def judged_by_slack(blocks: list[dict[str, Any]]) -> None:
    """Raises SlackObjectFormationError for what a model of slack-sdk does not allow."""
    parsed = import_module("slack_sdk.models.blocks").Block.parse_all(blocks)
    assert len(parsed) == len(blocks)
    for block, given in zip(parsed, blocks, strict=True):
        block.validate_json()
        assert block.to_dict()["type"] == given["type"]


@pytest.mark.parametrize("number", range(len(ALL)))
def test_t69_slacks_models_take_each_message(number: int) -> None:
    judged_by_slack(json.loads(fit(ALL[number], build_slack))["blocks"])


def test_slacks_models_refuse_what_is_wrong() -> None:
    fault = import_module("slack_sdk.errors").SlackObjectFormationError
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(fault):
        judged_by_slack([header])
