"""The state that a running update saves, and what is left of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.plain_cli import state_with

if TYPE_CHECKING:
    from tests.unit.sandbox.protocol.conftest import Desk

Sit = Callable[..., "Desk"]


def test_the_state_is_exported_as_it_was_saved_by_version_too(desk: Sit) -> None:
    at = desk()
    for url in ("a", "b"):
        update = at.cli.started()
        at.cli.save(update, state_with(url=url))
        at.cli.complete(update)
    assert at.read("/export") == at.read("/export/2") == state_with(url="b")
    assert at.read("/export/1") == state_with(url="a")
    assert at.clients.cloud.get(f"{at.cli.stack}/export/3").status_code == 404
    assert at.read("/updates/2")["info"]["resourceCount"] == 1
    assert at.read("/outputs") == {"outputs": {"url": "b"}}


def test_an_update_that_saves_nothing_leaves_the_state(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with(url="a"))
    at.cli.complete(update)
    at.cli.complete(at.cli.started())
    assert at.read("/export/2") == state_with(url="a")


def test_a_whole_checkpoint_of_the_older_wire(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    body = {"isInvalid": False, **state_with(url="a"), "features": ["refreshBeforeUpdate"]}
    assert at.cli.send(update, "PATCH", "checkpoint", body).status_code == 204
    assert at.read("/export") == {**state_with(url="a"), "features": ["refreshBeforeUpdate"]}


def test_a_delta_edits_the_bytes_of_the_checkpoint_before(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with(url="Köln", n=1))
    before = json.dumps(state_with(url="Köln", n=1))
    after = before.replace('"n": 1', '"n": 23').replace("K\\u00f6ln", "Aachen")
    places = [(before.index("K\\u00f6ln"), len("K\\u00f6ln"), "Aachen")]
    places.append((before.index('"n": 1') + 5, 1, "23"))
    edits = [(start, start + length, text) for start, length, text in places]
    assert at.cli.save_edits(update, edits, after, 2).status_code == 204
    assert at.read("/export") == state_with(url="Aachen", n=23)
    assert at.cli.save_edits(update, edits, after, 2).status_code == 204, "its answer got lost"
    assert at.read("/export") == state_with(url="Aachen", n=23)
    assert at.violations == []


def test_a_delta_that_makes_something_else_is_refused_and_changes_nothing(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with(url="a"))
    length = len(json.dumps(state_with(url="a")))
    for edits in ([(0, 0, " ")], [(0, length + 1, "")], [(5, 2, "")], [(4, 6, ""), (5, 7, "")]):
        assert at.cli.save_edits(update, edits, "another text", 2).status_code == 400
    assert at.cli.save_edits(update, [(0, length, "[]")], "[]", 2).status_code == 400
    assert at.read("/export") == state_with(url="a")


def test_deltas_are_only_taken_where_they_were_offered(desk: Sit) -> None:
    at = desk(protocol={"capabilities": ["begin-update"]})
    listed = at.clients.cloud.get("/api/capabilities").json()["capabilities"]
    assert "delta-checkpoint-uploads-v2" not in [one["capability"] for one in listed]
    assert at.cli.save_edits(at.cli.started(), [], "", 1).status_code == 400


def test_an_earlier_checkpoint_never_replaces_a_later_one(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    assert at.cli.save(update, state_with(url="b"), 2).status_code == 204
    assert at.cli.save(update, state_with(url="a"), 1).status_code == 409
    assert at.read("/outputs") == {"outputs": {"url": "b"}}


def test_a_preview_saves_no_state_and_journals_were_not_agreed(desk: Sit) -> None:
    at = desk()
    assert at.cli.save(at.cli.started(dry_run=True), state_with()).status_code == 409
    entries = {"entries": [{"version": 1, "kind": 0}]}
    update = at.cli.started()
    assert at.cli.send(update, "PATCH", "journalentries", entries).status_code == 400


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b'{"version": 3, "sequenceNumber": 1, "untypedDeployment": []}',
        b'{"version": 3, "sequenceNumber": 1, "untypedDeployment": {"deployment": null}}',
        b'{"version": 3, "sequenceNumber": 1, "untypedDeployment": "\xff"}',
        b'{"version": 3, "sequenceNumber": 1, "untypedDeployment": {"deployment": {"resources": 7}}}',
        b'{"version": 3, "sequenceNumber": "1", "untypedDeployment": {"deployment": {}}}',
        b'{"version": 3, "sequenceNumber": 1, "untypedDeployment": ' + b"[" * 200_000,
        b"",
    ],
)
def test_what_is_no_state_is_refused_and_noted(desk: Sit, content: bytes) -> None:
    at = desk()
    update = at.cli.started()
    reply = at.clients.cloud.patch(
        f"{update.path}/checkpointverbatim",
        content=content,
        headers={
            "Authorization": f"update-token {update.token}",
            "Content-Type": "application/json",
        },
    )
    assert (reply.status_code, len(at.violations)) == (400, 1)
    assert "resources" not in at.read("/export")["deployment"]


def test_a_body_that_unpacks_to_more_than_64_mib_is_refused(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    reply = at.clients.cloud.patch(
        f"{update.path}/checkpointverbatim",
        content=gzip.compress(bytes(64 * 1024 * 1024 + 1), 1),
        headers={
            "Authorization": f"update-token {update.token}",
            "Content-Encoding": "gzip",
            "Content-Type": "application/json",
        },
    )
    assert (reply.status_code, reply.json()["code"]) == (413, 413)
    assert at.cli.complete(update).status_code == 204, "and the sandbox goes on"
