"""Engine events: in batches from the CLI, in pages to everybody who reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.plain_cli import said, summary

if TYPE_CHECKING:
    from tests.unit.sandbox.protocol.conftest import Desk

Sit = Callable[..., "Desk"]


def messages(page: dict[str, Any]) -> list[str]:
    return [event["diagnosticEvent"]["message"] for event in page["events"]]


def test_events_are_read_in_the_engines_order_whenever_their_batch_came(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.tell(update, [said(2, "third")])
    at.cli.tell(update, [said(0, "first"), said(1, "second")])
    page = at.read(f"/update/{update.id}/events")
    assert messages(page) == ["first", "second", "third"]
    assert page["events"][0] | {"type": "diagnosticEvent"} == page["events"][0]
    assert "sequence" not in page["events"][0]


def test_a_running_update_has_a_token_and_one_that_is_over_none(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.tell(update, (said(n, str(n)) for n in range(120)))
    first = at.read(f"/update/{update.id}/events")
    rest = at.read(f"/update/{update.id}/events", continuationToken=first["continuationToken"])
    assert (len(first["events"]), len(rest["events"])) == (100, 20)
    token = rest["continuationToken"]
    at.cli.tell(update, [summary(120, same=1)])
    at.cli.complete(update)
    last = at.read(f"/update/{update.id}/events", continuationToken=token)
    assert [event["type"] for event in last["events"]] == ["summaryEvent"]
    assert last["continuationToken"] is None


def test_a_batch_may_come_twice_but_a_sequence_has_one_event(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    batch = {"events": [said(0, "a"), said(1, "b")]}
    for _ in range(2):
        assert at.cli.send(update, "POST", "events/batch", batch).status_code == 204
    other = {"events": [said(2, "c"), said(1, "another")]}
    assert at.cli.send(update, "POST", "events/batch", other).status_code == 409
    assert messages(at.read(f"/update/{update.id}/events")) == ["a", "b"]


@pytest.mark.parametrize(
    "event",
    [
        {"sequence": 0, "timestamp": 1},
        {"sequence": 0, "timestamp": 1, "preludeEvent": {}, "summaryEvent": {}},
        {"sequence": 0, "timestamp": 1, "preludeEvent": "text"},
        {"sequence": -1, "timestamp": 1, "preludeEvent": {}},
        {"sequence": True, "timestamp": 1, "preludeEvent": {}},
        {"sequence": 0, "preludeEvent": {}},
        {"timestamp": 1, "preludeEvent": {}},
    ],
)
def test_what_is_no_engine_event_is_refused_with_its_batch(desk: Sit, event: object) -> None:
    at = desk()
    update = at.cli.started()
    batch = {"events": [said(9, "good"), event]}
    assert at.cli.send(update, "POST", "events/batch", batch).status_code == 400
    assert at.read(f"/update/{update.id}/events")["events"] == []


def test_counts_are_those_of_the_last_summary(desk: Sit) -> None:
    """An update with a refresh sends one for each."""
    at = desk()
    update = at.cli.started()
    at.cli.tell(update, [summary(0, same=9), summary(1, create=1), said(2, "done")])
    assert at.read("/updates/1")["info"]["resourceChanges"] == {"create": 1}
