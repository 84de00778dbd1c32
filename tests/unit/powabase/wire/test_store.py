"""Replacing a graph on the server: compared before, snapshot first, read back after."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from tests.unit.http.conftest import MakeClient
from tests.unit.powabase.workflows import ANSWER, INPUT, apply, block, edge

from upshot.errors import ServiceForbidden, ServiceUnavailable
from upshot.powabase.graph import Graph, build_graph, digest_graph, read_graph, to_wire
from upshot.powabase.secrets.hide import hide_secrets
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.store import PutResult, PutState, Snapshot, replace_graph
from upshot.report.redact.redact import Redactor

find = Redactor([]).spans
TOKEN = "pl4nted-T0ken-Value"
SERVER = build_graph(
    [
        block(INPUT, "starter", "Input", input={}),
        block(ANSWER, "general_api", "Call", url="https://x.example", headers={"X-Key": TOKEN}),
    ],
    [edge(INPUT, ANSWER)],
    version=3,
)
BEFORE, VAULT = hide_secrets(SERVER, find)
AFTER = apply(
    {
        "add_blocks": [{"id": "w", "type": "webhook", "name": "Hook"}],
        "update_blocks": [{"id": "Call", "config": {"method": "POST"}}],
        "add_edges": [{"source": "w", "target": "Call"}],
    },
    BEFORE,
).after
Reply = Callable[[], httpx.Response]


class FakeServer:
    """One workflow; `on_put` replaces what a put does."""

    def __init__(self, make_client: MakeClient, **changes: Any) -> None:
        self.workflow = {
            "id": "w",
            "name": "W",
            "version": 3,
            "state": "internal",
            **to_wire(SERVER),
            **changes,
        }
        self.lines: list[str] = []
        self.snapshots: list[Any] = []
        self.puts: list[Any] = []
        self.on_put: Callable[[Any], httpx.Response] = self.store
        self.on_read: list[httpx.Response | None] = []
        self.client = PowabaseClient(make_client(self._answer))

    def store(self, body: Any) -> httpx.Response:
        self.workflow |= copy.deepcopy(body) | {"version": self.workflow["version"] + 1}
        return httpx.Response(200, json={"ok": True})

    def replace(self, after: Graph = AFTER, **more: Any) -> PutResult:
        given = {"expected": BEFORE, "find": find, "make_secret": lambda: "made-for-the-put-01"}
        return replace_graph(
            self.client, "w", after, **{**given, "snapshot": Snapshot("s", "m"), **more}
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.lines.append(f"{request.method} {request.url.path}")
        if request.method == "GET":
            reply = self.on_read.pop(0) if self.on_read else None
            return reply or httpx.Response(200, json=self.workflow)
        body = json.loads(request.content)
        if request.method == "POST":
            self.snapshots.append(body["pre_snapshot"])
            return httpx.Response(200, json={"ok": True})
        self.puts.append(body)
        return self.on_put(body)


READ, SNAPSHOT, PUT = (
    "GET /api/workflows/w",
    "POST /api/copilot/sessions/s/messages/m/snapshot",
    "PUT /api/workflows/w/graph",
)


def test_t65_it_is_compared_stored_put_and_read_back_in_this_order(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    result = server.replace()
    assert (result.state, result.version) == (PutState.APPLIED, 4)
    assert server.lines == [READ, SNAPSHOT, PUT, READ]


def test_t64_secrets_go_into_the_put_and_nowhere_else(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.replace()
    put = {one["name"]: one["config"] for one in server.puts[0]["blocks"]}
    assert put["Call"]["headers"] == {"X-Key": TOKEN}
    assert put["Hook"]["webhook_secret"] == "made-for-the-put-01"
    assert TOKEN not in json.dumps(server.snapshots)
    assert digest_graph(read_graph(server.snapshots[0])) == digest_graph(BEFORE)


def test_t65_another_graph_is_stale_and_nothing_is_changed(make_client: MakeClient) -> None:
    blocks = copy.deepcopy(to_wire(SERVER)["blocks"])
    blocks[0]["config"]["note"] = "by hand"
    server = FakeServer(make_client, blocks=blocks, version=4)
    result = server.replace()
    assert result.state is PutState.STALE
    assert "it has version 4, the change was made for version 3" in result.message
    assert result.hint.startswith("The person who asked must act: ask again")
    assert server.lines == [READ]


def test_t65_another_version_of_the_same_graph_is_stale_too(make_client: MakeClient) -> None:
    server = FakeServer(make_client, version=5)
    assert server.replace().state is PutState.STALE
    assert server.replace(must_have_version=False).state is PutState.APPLIED


def test_a_secret_that_was_changed_meanwhile_is_kept(make_client: MakeClient) -> None:
    changed = json.loads(json.dumps(to_wire(SERVER)).replace(TOKEN, "0ther-T0ken-Value"))
    server = FakeServer(make_client, **changed)
    assert server.replace().state is PutState.APPLIED
    assert "0ther-T0ken-Value" in json.dumps(server.puts)


def test_a_graph_that_is_there_already_is_not_put_again(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.replace()
    server.lines.clear()
    result = server.replace()
    assert (result.state, result.message) == (PutState.APPLIED, "the graph is there already")
    assert server.lines == [READ]


def test_a_deployed_workflow_needs_a_word(make_client: MakeClient) -> None:
    server = FakeServer(make_client, state="deployed")
    result = server.replace()
    assert result.state is PutState.REFUSED
    assert "`allow-deployed: true`" in result.hint
    assert server.lines == [READ]
    assert server.replace(allow_deployed=True).state is PutState.APPLIED


def test_t64_a_stand_in_without_its_secret_is_never_put(make_client: MakeClient) -> None:
    after = build_graph(
        [*AFTER.blocks[1:], block(INPUT, "starter", "Input", note="[upshot-secret-1]")],
        AFTER.edges,
        3,
    )
    server = FakeServer(make_client)
    result = server.replace(after)
    assert result.state is PutState.REFUSED
    assert "enter the secret in the Studio" in result.hint
    assert server.lines == [READ]


def test_ids_of_edges_are_sent_only_where_they_are_the_workflows_own(
    make_client: MakeClient,
) -> None:
    own, other = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
    edges = [one | {"id": own} for one in to_wire(SERVER)["edges"]]
    server = FakeServer(make_client, edges=edges)
    foreign = build_graph(
        AFTER.blocks, [msgspec.structs.replace(one, id=other) for one in AFTER.edges], 3
    )
    assert server.replace(foreign).state is PutState.APPLIED
    assert [one.get("id") for one in server.puts[0]["edges"]].count(own) == 1
    assert other not in json.dumps(server.puts)


def test_t65_an_invalid_graph_is_never_put(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    after = build_graph(AFTER.blocks, [*AFTER.edges, edge(ANSWER, INPUT)], 3)
    result = server.replace(after)
    assert result.state is PutState.REFUSED
    assert "in a circle" in result.message
    assert server.lines == [READ]


def test_t65_a_writer_who_comes_between_is_found_out(make_client: MakeClient) -> None:
    server = FakeServer(make_client)

    def overwritten(body: Any) -> httpx.Response:
        reply = server.store(body)
        server.workflow |= {"blocks": server.workflow["blocks"][:2], "edges": [], "version": 5}
        return reply

    server.on_put = overwritten
    result = server.replace()
    assert result.state is PutState.FAILED
    assert "another one now (version 5)" in result.message
    assert "look at the workflow in the Studio" in result.hint
    assert "the state before is stored" in result.hint


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("gone"),
        httpx.Response(502),
        httpx.Response(200, text="ok"),
    ],
)
def test_t65_a_put_whose_answer_is_lost_is_read_back_and_not_repeated(
    make_client: MakeClient, reply: httpx.Response | Exception
) -> None:
    server = FakeServer(make_client)

    def lost(body: Any) -> httpx.Response:
        server.store(body)
        if isinstance(reply, Exception):
            raise reply
        return reply

    server.on_put = lost
    assert server.replace().state is PutState.APPLIED
    assert len(server.puts) == 1


def test_t65_a_put_that_did_not_arrive_is_reported(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.on_put = lambda _: httpx.Response(500, html="<h1>")
    result = server.replace()
    assert result.state is PutState.FAILED
    assert result.message.startswith("the graph was not put: Powabase is unavailable")
    assert result.hint.startswith("No action needed")
    assert result.version == 3


def test_a_put_that_is_refused_raises(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.on_put = lambda _: httpx.Response(403, json={"error": "no"})
    with pytest.raises(ServiceForbidden):
        server.replace()
    assert server.lines == [READ, SNAPSHOT, PUT]


def test_t65_a_graph_that_cannot_be_read_back_is_reported(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.on_read = [None, httpx.Response(401, json={"error": "Token has expired"})]
    result = server.replace()
    assert result.state is PutState.FAILED
    assert "reading it back failed" in result.message


def test_without_its_first_read_nothing_is_done(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.on_read = [httpx.Response(500)] * 4
    with pytest.raises(ServiceUnavailable):
        server.replace()
    assert set(server.lines) == {READ}


def test_the_state_before_is_put_back_the_same_way(make_client: MakeClient) -> None:
    server = FakeServer(make_client)
    server.replace()
    snapshot = read_graph(server.snapshots[0])
    result = server.replace(snapshot, expected=AFTER, must_have_version=False, snapshot=None)
    assert (result.state, result.version) == (PutState.APPLIED, 5)
    assert digest_graph(read_graph(server.workflow)) == digest_graph(SERVER)
