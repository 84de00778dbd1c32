"""A claim of the wire as a value, and how its progress is judged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts.shapes import INSIGHTS, STACK, UNKNOWN, claim, stack
from tests.unit.accounts.test_entities import JSON

from upshot.pulumi.agents.claims import Agent, Claim, ClaimState, Failure, parse_claim
from upshot.pulumi.agents.entities import InsightsAccount, Stack
from upshot.pulumi.agents.progress import find_ours, judge
from upshot.pulumi.agents.times import parse_time


def read(**changes: Any) -> Claim:
    found = parse_claim(claim(**changes))
    assert found
    return found


def test_all_of_a_claim() -> None:
    found = read(
        entities=[STACK, UNKNOWN],
        conflicts=[STACK],
        failures=[{"entity": INSIGHTS, "failureDetails": "cannot be moved yet"}],
        transferToken="t-1",
    )
    assert found.agent == Agent("agent-3f9c1d", "agent-3f9c1d", "2026-11-20T09:00:00Z")
    assert [entity.noun for entity in found.entities] == ["stack", "entity of another kind"]
    assert found.conflicts == (Stack("shop", "prod", "2026-11-21T10:00:00Z", 7),)
    assert found.failures == (Failure(InsightsAccount("aws-main"), "cannot be moved yet"),)
    assert (found.expires_at, found.transfer_id) == ("2026-12-20T09:00:00Z", "t-1")
    assert found.is_blocked


def test_lists_may_be_null_or_absent() -> None:
    found = read(conflicts=None, failures=None, entities=None)
    assert (found.entities, found.conflicts, found.failures) == ((), (), ())
    assert not found.is_blocked
    assert parse_claim({"agent": {"login": "a", "orgName": "b"}})


@pytest.mark.parametrize("raw", [{}, None, [], "x", {"agent": {"login": "a"}}, {"agent": None}])
def test_without_an_agent_it_is_no_claim(raw: object) -> None:
    assert parse_claim(raw) is None


@given(st.dictionaries(st.sampled_from([*claim(), "transferToken"]), JSON))
def test_any_reply_is_a_claim_or_none(raw: dict[str, Any]) -> None:
    parse_claim(raw)
    assert parse_claim(claim() | {key: raw[key] for key in raw if key != "agent"})


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        ("2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00Z"),
        ("2026-11-21T10:00:00+05:30", "2026-11-21T04:30:00Z"),
        ("2026-11-21T10:00:00", "2026-11-21T10:00:00Z"),
        ("", ""),
        ("soon", ""),
        ("2026-11-21T10:00:00Z\n::error::x", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("9999-12-31T23:59:59-23:00", ""),
    ],
)
def test_times_have_one_form_or_none(text: str, time: str) -> None:
    assert parse_time(text) == time


@given(st.text())
def test_no_text_of_the_service_passes_as_a_time(text: str) -> None:
    assert set(parse_time(text)) <= set("0123456789-:TZ")


RUNNING = claim(transferToken="t-1")


@pytest.mark.parametrize(
    ("changes", "had_id", "state"),
    [
        ({}, False, ClaimState.STARTED),
        ({}, True, ClaimState.DONE),
        ({"transferToken": "t-1"}, True, ClaimState.STARTED),
        ({"entities": [], "transferToken": "t-1"}, True, ClaimState.DONE),
        ({"conflicts": [STACK]}, False, ClaimState.FAILED),
        ({"failures": [{"entity": STACK, "failureDetails": "x"}], "entities": []}, True,
         ClaimState.FAILED),
        ({"status": "Completed", "transferToken": "t-1"}, True, ClaimState.DONE),
        ({"state": "failed", "entities": []}, False, ClaimState.FAILED),
        ({"status": "in_progress"}, False, ClaimState.STARTED),
    ],
)  # fmt: skip
def test_what_an_entry_of_the_list_says(
    changes: dict[str, Any], *, had_id: bool, state: ClaimState
) -> None:
    assert judge(read(**changes), had_transfer_id=had_id) is state


def test_ours_is_found_by_the_id_of_its_start() -> None:
    listed = {"x": read(), "t-1": read(), "y": read(transferToken="t-2")}
    for transfer_id, key in (("t-1", "t-1"), ("t-2", "y")):
        found = find_ours(listed, agent="agent-3f9c1d", transfer_id=transfer_id, before=frozenset())
        assert found
        assert found[0] == key


def test_without_that_id_it_is_a_new_one_of_the_same_agent() -> None:
    other = read(agent={"login": "b", "orgName": "b"})
    listed = {"old": read(), "other": other, "new": read(entities=[stack("dev")])}
    found = find_ours(listed, agent="agent-3f9c1d", transfer_id="", before=frozenset({"old"}))
    assert found == ("new", listed["new"])
    assert find_ours(listed, agent="c", transfer_id="t-9", before=frozenset()) is None
