"""A stand-in of the graph before, in terms of the graph that the server has now."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.powabase.workflows import ANSWER, INPUT, OTHER, apply, block, edge, named

from upshot.powabase.findings import Code, InvalidWorkflow
from upshot.powabase.graph import Graph, build_graph
from upshot.powabase.secrets.carry import carry_stand_ins
from upshot.powabase.secrets.hide import NEW, hide_new_secrets, hide_secrets, restore_secrets
from upshot.report.redact.redact import Redactor

find = Redactor([]).spans
ONE, TWO = "f1rst-Secret-of-the-call", "s3cond-Secret-of-the-call"
SERVER = build_graph(
    [
        block(INPUT, "starter", "Input", input={}),
        block(
            ANSWER,
            "general_api",
            "Call",
            url="https://x.example",
            method="GET",
            headers={"Authorization": f"Bearer {ONE}", "X-Key": TWO},
        ),
        block(OTHER, "webhook", "Hook", webhook_id="h", webhook_secret="wh-Secret-0123456789"),
    ],
    [edge(INPUT, ANSWER)],
    version=3,
)
BEFORE, VAULT = hide_secrets(SERVER, find)


def put(diff: dict[str, Any]) -> tuple[Graph, Graph]:
    """What came of the change: as the graph before counts, and as the server has it."""
    after = apply(diff, BEFORE).after
    return hide_new_secrets(after, find), restore_secrets(after, VAULT, make=lambda: "fresh" * 4)


def undone(diff: dict[str, Any]) -> Graph:
    after, server = put(diff)
    now, vault = hide_secrets(server, find)
    return restore_secrets(carry_stand_ins(BEFORE, after, now), vault, make=lambda: "fresh" * 4)


def headers(**given: str) -> dict[str, Any]:
    return {"update_blocks": [{"id": "Call", "config": {"headers": given}}]}


def test_t64_a_secret_that_moved_up_goes_back_to_its_own_place() -> None:
    diff = headers(**{"X-Key": "[upshot-secret-2]", "A": "[upshot-secret-1]"})
    after, server = put(diff)
    assert named(server, "Call").config["headers"] == {"X-Key": TWO, "A": ONE}
    assert undone(diff) == SERVER
    assert "[upshot-secret-2]" in json.dumps(named(after, "Call").config)


def test_t64_a_secret_that_is_gone_is_never_taken_from_another_header() -> None:
    with pytest.raises(InvalidWorkflow) as refusal:
        undone(headers(**{"X-Key": "[upshot-secret-2]"}))
    assert {one.code for one in refusal.value.findings} == {Code.LOST_SECRET}
    assert ONE not in refusal.value.message
    assert "enter the secret in the Studio" in refusal.value.hint


def test_a_block_that_was_removed_comes_back_only_without_secrets() -> None:
    with pytest.raises(InvalidWorkflow, match=r"stand-in \[upshot-secret-new\]"):
        undone({"remove_blocks": ["Call"]})
    assert undone({"remove_blocks": ["Input"]}) == SERVER


def test_a_webhook_that_comes_back_has_a_new_secret() -> None:
    found = undone({"remove_blocks": ["Hook"]})
    assert named(found, "Hook").config == {"webhook_id": "h", "webhook_secret": "fresh" * 4}


def test_graphs_of_another_shape_have_nothing_in_common() -> None:
    other = build_graph([block(ANSWER, "general_api", "Call", headers=["[upshot-secret-1]"])], [])
    carried = carry_stand_ins(BEFORE, BEFORE, other)
    assert named(carried, "Call").config["headers"] == {
        "Authorization": f"Bearer {NEW}",
        "X-Key": NEW,
    }
