"""The sandbox's Powabase over a real socket: by hand where it must be strict, else by our client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.unit.sandbox.conftest import FAILED

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.http.client import ServiceClient
from upshot.powabase.apply import apply_diff
from upshot.powabase.diff import read_diff
from upshot.powabase.graph import digest_graph
from upshot.powabase.secrets.hide import hide_secrets
from upshot.powabase.state import build_state
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import Dialect
from upshot.powabase.wire.model import model_for_turn
from upshot.powabase.wire.service import powabase
from upshot.powabase.wire.store import PutState, Snapshot, replace_graph
from upshot.powabase.wire.turn import Turn, ask_copilot
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock
from upshot_sandbox.powabase.plan import WORKFLOW
from upshot_sandbox.powabase.project import Project, Workflow, fake_key
from upshot_sandbox.powabase.stream import turn_bytes

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Clients, Serve

INPUT = "11111111-1111-4111-8111-111111111111"
CALL = "22222222-2222-4222-8222-222222222222"
TOKEN = "pl4nted-T0ken-Value-77"
BLOCKS: list[dict[str, Any]] = [
    {"id": INPUT, "type": "webhook", "name": "Input", "config": {"webhook_id": INPUT, "webhook_secret": "hook-S3cret-12"}},
    {"id": CALL, "type": "general_api", "name": "Call", "x": 0.1, "y": 123.456789,
     "config": {"url": f"https://x.example/?token={TOKEN}", "api_key": "k3y-of-the-block"}},
]  # fmt: skip
WORKFLOWS = [{"blocks": BLOCKS, "edges": [{"source": INPUT, "target": CALL}]}]
REPLY = {
    "name": "modify_workflow",
    "arguments": {
        "add_blocks": [
            {"id": "r", "type": "response", "name": "Reply", "position": {"x": 9, "y": 9.9},
             "config": {"output": "<Call.output>"}}
        ],
        "add_edges": [{"source": "Call", "target": "r"}],
    },
}  # fmt: skip
SQL = {"name": "execute_public_sql", "arguments": {"sql": "DELETE FROM orders"}}
ASSET = {"name": "manage_project_asset", "arguments": {"action": "delete", "asset_id": "a"}}
find = Redactor([]).spans
Open = Callable[..., "Builder"]


class QuickClock(SystemClock):
    """The real one, but for waiting: that moves it instead."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead_s

    def sleep(self, seconds: float) -> None:
        self._ahead_s += seconds


class Builder:
    """A sandbox with a Powabase, and our client for it."""

    def __init__(self, clients: Clients, http: ServiceClient, dialect: Dialect) -> None:
        self.world = clients.world
        self.project: Project = clients.world.extensions["powabase"]
        self.client = PowabaseClient(http, dialect)

    @property
    def violations(self) -> list[str]:
        return self.world.journal.violations

    def ask(self, message: str = "Answer the caller.", **more: Any) -> Turn:
        """A new session, and one message with the state of the workflow, its secrets hidden."""
        graph, _ = hide_secrets(self.client.get_workflow(WORKFLOW).graph, find)
        session = self.client.create_session(WORKFLOW)
        state = build_state(graph).body
        return ask_copilot(
            self.client, session.id, message, state, known=(), **{"within_s": 30, **more}
        )

    def sent(self, suffix: str) -> int:
        return sum(one.path.endswith(suffix) for one in self.world.journal.requests)


@pytest.fixture
def open_builder(serve: Serve) -> Iterator[Open]:
    with ExitStack() as stack:

        def build(
            *turns: dict[str, Any],
            dialect: str = "server",
            asked: Dialect = Dialect.AUTO,
            **plan: Any,
        ) -> Builder:
            clients = serve(powabase={"workflows": WORKFLOWS, "secrets": [TOKEN], "turns": list(turns) or [{}],
                                      "dialect": dialect, **plan})  # fmt: skip
            clock = QuickClock()
            key = clients.world.extensions["powabase"].workflow_key
            http = ServiceClient(
                clients.world.powabase_url,
                Secret(key) if key else None,
                service=powabase(),
                clock=clock,
                deadline=Deadline.after(clock, 60),
            )
            return Builder(clients, stack.enter_context(http), asked)

        yield build


@pytest.mark.parametrize("dialect", ["server", "documented"])
def test_a_change_from_the_question_to_the_server(open_builder: Open, dialect: str) -> None:
    builder = open_builder(
        {"answer": "Added a reply.", "reasoning": ["hm"], "tools": [REPLY]}, dialect=dialect
    )
    turn = builder.ask()
    assert (turn.answer, turn.fault, turn.is_log_whole) == ("Added a reply.", None, True)
    assert builder.client.spoken == dialect
    before, _ = hide_secrets(builder.client.get_workflow(WORKFLOW).graph, find)
    applied = apply_diff(before, read_diff(turn.diff))
    result = replace_graph(
        builder.client, WORKFLOW, applied.after, expected=before, find=find, make_secret=str,
        snapshot=Snapshot(turn.session_id, turn.message_id),
    )  # fmt: skip
    assert (result.state, result.version) == (PutState.APPLIED, 4)
    configs = {
        one["name"]: one["config"] for one in builder.project.workflows[WORKFLOW].blocks.values()
    }
    assert configs["Input"]["webhook_secret"] == "hook-S3cret-12"
    assert configs["Call"] == BLOCKS[1]["config"]
    assert configs["Reply"] == {"status": "200", "output": "<Call.output>"}
    assert builder.project.snapshots == 1
    stored = builder.client.list_messages(turn.session_id)[1].pre_snapshot
    assert TOKEN not in json.dumps(stored)
    assert builder.violations == []


@pytest.mark.parametrize("dialect", ["server", "documented"])
def test_an_answer_only(open_builder: Open, dialect: str) -> None:
    turn = open_builder({"answer": "It has two blocks."}, dialect=dialect).ask()
    assert (turn.answer, turn.diff, turn.tool_calls) == ("It has two blocks.", None, ())


@pytest.mark.parametrize("dialect", ["server", "documented"])
def test_t63_dangerous_tools_have_taken_effect_before_an_approval(
    open_builder: Open, dialect: str
) -> None:
    builder = open_builder(
        {"tools": [{"name": "get_db_schema"}, SQL, REPLY, ASSET]}, dialect=dialect
    )
    turn = builder.ask()
    names = [call.name for call in turn.tool_calls]
    assert names == [
        "get_db_schema",
        "execute_public_sql",
        "modify_workflow",
        "manage_project_asset",
    ]
    assert [call.name for call in turn.tool_calls if call.is_dangerous] == [
        "execute_public_sql",
        "manage_project_asset",
    ]
    assert [one["tool"] for one in builder.project.effects] == [
        "execute_public_sql",
        "manage_project_asset",
    ]


@pytest.mark.parametrize("dialect", ["server", "documented"])
def test_a_turn_that_fails_in_the_middle(open_builder: Open, dialect: str) -> None:
    builder = open_builder({"tools": [SQL], "fails": True}, dialect=dialect)
    turn = builder.ask()
    assert isinstance(turn.fault, ServiceUnavailable)
    assert sum(call.is_dangerous for call in turn.tool_calls) == 1


@pytest.mark.parametrize("dialect", ["server", "documented"])
@pytest.mark.parametrize("ends_early", [True, False])
def test_a_cut_stream_loses_nothing_and_sends_nothing_twice(
    open_builder: Open, dialect: str, *, ends_early: bool
) -> None:
    plan = {"answer": "Added.", "tools": [SQL, REPLY]}
    whole = open_builder(plan, dialect=dialect).ask()
    for cut_after in (0, 1, 17, 60, 200, 333):
        builder = open_builder(
            {**plan, "cut_after": cut_after, "ends_early": ends_early}, dialect=dialect
        )
        turn = builder.ask()
        assert (turn.answer, turn.diff, turn.fault) == (whole.answer, whole.diff, None)
        assert not turn.is_log_whole
        assert builder.sent("/chat") == builder.project.chats == 1
        assert builder.violations == []


def test_an_answer_that_appears_later(open_builder: Open) -> None:
    builder = open_builder({"answer": "Late.", "cut_after": 40, "appears_after": 1})
    assert builder.ask().answer == "Late."
    assert builder.sent("/messages") == 2


def test_an_answer_that_never_appears(open_builder: Open) -> None:
    builder = open_builder({"tools": [SQL], "cut_after": 300, "never": True})
    turn = builder.ask(within_s=2.0)
    assert isinstance(turn.fault, ServiceTimeout)
    assert sum(call.is_dangerous for call in turn.tool_calls) == builder.sent("/chat") == 1


def test_a_sorry_answer_after_a_cut(open_builder: Open) -> None:
    turn = open_builder({"fails": True, "cut_after": 20}).ask()
    assert isinstance(turn.fault, ServiceUnavailable)
    assert "something went wrong while answering" in turn.fault.message


def test_silence_is_read_back(open_builder: Open) -> None:
    builder = open_builder({"answer": "There.", "silent": True})
    assert builder.ask(silence_s=0.2).answer == "There."
    assert builder.sent("/chat") == 1


def test_unknown_events_are_counted(open_builder: Open) -> None:
    turn = open_builder({"answer": "Done.", "raw": '{"event": "usage", "tokens": 12}'}).ask()
    assert (turn.answer, turn.unknown) == ("Done.", {"usage": 1})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (402, ServiceLimitReached),
        (409, ServiceConflict),
        (429, ServiceRateLimited),
        (500, ServiceUnavailable),
        (503, ServiceUnavailable),
    ],
)
def test_a_refused_turn_leaves_no_message(
    open_builder: Open, status: int, kind: type[ServiceError]
) -> None:
    builder = open_builder({"status": status})
    with pytest.raises(kind):
        builder.ask()
    assert builder.project.messages == []
    assert builder.sent("/chat") == 1


def test_a_failure_of_a_proxy_behind_which_the_turn_went_on(open_builder: Open) -> None:
    builder = open_builder({"answer": "Done.", "status": 500, "stores": True})
    assert builder.ask().answer == "Done."
    assert builder.sent("/chat") == 1


def test_a_second_message_while_a_turn_is_in_progress(open_builder: Open) -> None:
    builder = open_builder({"cut_after": 5, "appears_after": 99})
    session = builder.client.create_session(WORKFLOW)
    state: dict[str, Any] = {"nodes": [], "edges": []}
    ask_copilot(builder.client, session.id, "One", state, known=(), within_s=1.0)
    with pytest.raises(ServiceConflict, match="already in progress"):
        ask_copilot(builder.client, session.id, "Two", state, known=(), within_s=5.0)


@pytest.mark.parametrize(
    ("key", "rule", "kind"),
    [
        ("none", "service-role", ServiceAuthError),
        ("expired", "service-role", ServiceAuthError),
        ("user", "service-role", ServiceForbidden),
        ("user", "any-token", None),
        ("service", "any-token", None),
    ],
)
def test_who_may_ask(
    open_builder: Open, key: str, rule: str, kind: type[ServiceError] | None
) -> None:
    builder = open_builder(key=key, rule=rule)
    if kind is None:
        assert builder.client.get_model().model == "claude-opus-4-6"
    else:
        with pytest.raises(kind):
            builder.client.get_model()


def test_what_is_missing_in_either_dialect(open_builder: Open) -> None:
    server, page = open_builder(), open_builder(dialect="documented")
    assert server.client.get_session(WORKFLOW) is None
    assert page.client.get_session(WORKFLOW) is None
    assert (server.client.spoken, page.client.spoken) == (Dialect.SERVER, Dialect.DOCUMENTED)
    assert server.client.list_messages("gone") == ()
    with pytest.raises(ServiceNotFound):
        page.client.list_messages("gone")
    assert server.client.delete_session("gone") is True
    assert page.client.delete_session("gone") is False
    for builder in (server, page):
        with pytest.raises(ServiceNotFound, match="Workflow not found"):
            builder.client.create_session("gone")
        with pytest.raises(ServiceNotFound, match="Workflow not found"):
            builder.client.get_workflow("gone")
        with pytest.raises(ServiceNotFound, match="Session not found"):
            ask_copilot(builder.client, "gone", "x", {}, known=(), within_s=5)


@pytest.mark.parametrize("dialect", ["server", "documented"])
def test_sessions_live_until_they_are_deleted(open_builder: Open, dialect: str) -> None:
    builder = open_builder(dialect=dialect)
    one, two = (builder.client.create_session(WORKFLOW).id for _ in range(2))
    found = builder.client.get_session(WORKFLOW)
    assert found is not None
    assert found.id == two
    assert builder.client.delete_session(two) is True
    found = builder.client.get_session(WORKFLOW)
    assert found is not None
    assert found.id == one


def test_the_documented_snapshot_without_a_body(open_builder: Open) -> None:
    builder = open_builder(dialect="documented", asked=Dialect.DOCUMENTED)
    turn = builder.ask()
    graph = builder.client.get_workflow(WORKFLOW).graph
    builder.client.save_snapshot(turn.session_id, turn.message_id, graph)
    assert builder.project.snapshots == 1
    assert builder.world.journal.requests[-1].body == b""
    server = open_builder(asked=Dialect.DOCUMENTED)
    turn = server.ask()
    hidden, _ = hide_secrets(server.client.get_workflow(WORKFLOW).graph, find)
    server.client.save_snapshot(turn.session_id, turn.message_id, hidden)
    assert [one.status for one in server.world.journal.requests[-2:]] == [415, 200]


def test_models_are_listed_set_and_set_back(open_builder: Open) -> None:
    builder = open_builder()
    assert "gpt-5.2" in builder.client.get_model().options
    warnings: list[str] = []
    with model_for_turn(builder.client, "gpt-5.2", on_warning=warnings.append):
        assert builder.project.model == "gpt-5.2"
    assert (builder.project.model, warnings) == ("claude-opus-4-6", [])
    with pytest.raises(ServiceBadRequest, match="Value must be one of: claude-opus-4-7"):
        builder.client.put_model("gpt-4o")


def test_workflows_are_listed(open_builder: Open) -> None:
    many = [{"id": f"{n:08d}-0000-4000-8000-000000000000", "name": f"Flow {n}"} for n in range(130)]
    builder = open_builder(workflows=many)
    first, rest = builder.client.list_workflows(), builder.client.list_workflows(offset=100)
    assert (len(first.workflows), len(rest.workflows), first.total) == (100, 30, 130)
    found = builder.client.list_workflows(query="flow 12").workflows
    assert found[0].name == "Flow 12"


def test_a_graph_comes_back_as_a_database_gives_it(open_builder: Open) -> None:
    graph = open_builder().client.get_workflow(WORKFLOW).graph
    assert [(one.x, one.y) for one in graph.blocks] == [(0.0, 0.0), (0.1, 123.45679)]


def test_t65_another_person_who_saves_at_the_same_time(open_builder: Open) -> None:
    builder = open_builder({"tools": [REPLY]})
    turn = builder.ask()
    before, _ = hide_secrets(builder.client.get_workflow(WORKFLOW).graph, find)

    def overwrite(workflow: Workflow) -> None:
        workflow.edges.clear()
        workflow.version += 1

    builder.project.on_put.append(overwrite)
    applied = apply_diff(before, read_diff(turn.diff))
    result = replace_graph(
        builder.client, WORKFLOW, applied.after, expected=before, find=find, make_secret=str
    )
    assert (result.state, result.version) == (PutState.FAILED, 5)


def test_graphs_that_the_server_refuses(open_builder: Open) -> None:
    builder = open_builder()
    headers = {"apikey": fake_key("service"), "Authorization": f"Bearer {fake_key('service')}"}
    put = f"{builder.world.powabase_url}/api/workflows/{WORKFLOW}/graph"
    good = {"id": INPUT, "type": "starter"}
    with httpx.Client(headers=headers, trust_env=False) as http:
        for body, status, text in (
            ({"blocks": [{"id": INPUT}]}, 400, "Each block must have"),
            ({"blocks": [good], "edges": [{"source": INPUT}]}, 400, "Each edge must have"),
            ({"blocks": [{**good, "type": "llm"}]}, 400, "Unknown block type: llm"),
            (
                {"blocks": [good], "edges": [{"source": INPUT, "target": CALL}]},
                400,
                "not in this graph",
            ),
            ({"blocks": [{**good, "id": "start"}]}, 500, "<!doctype html>"),
            ({"blocks": [good, good]}, 500, "<!doctype html>"),
        ):
            reply = http.put(put, json=body)
            assert (reply.status_code, text in reply.text) == (status, True)
        assert http.put(put, content=b"{}").status_code == 415
        assert (
            http.put(put, content=b"{", headers={"Content-Type": "application/json"}).status_code
            == 400
        )
    assert builder.project.workflows[WORKFLOW].version == 3


def test_t64_the_sandbox_notes_every_rule_that_a_request_breaks(open_builder: Open) -> None:
    builder = open_builder()
    session = builder.client.create_session(WORKFLOW).id
    builder.client.get_session(WORKFLOW)
    url = f"{builder.world.powabase_url}/api/copilot/sessions/{session}/chat"
    node = {
        "id": "A",
        "type": "code",
        "name": "B",
        "position": {},
        "config": {"x": "k3y-of-the-block"},
    }
    bad = {
        "message": TOKEN,
        "extra": 1,
        "workflow_state": {"nodes": [node], "edges": [{"source": "A", "target": "C"}]},
    }
    with httpx.Client(trust_env=False) as http:
        headers = {"apikey": "other", "Authorization": f"Bearer {fake_key('service')}"}
        http.post(url, json=bad, headers=headers)
        headers["apikey"] = fake_key("service")
        http.get(f"{builder.world.powabase_url}/api/copilot/nothing", headers=headers)
        put = f"{builder.world.powabase_url}/api/workflows/{WORKFLOW}/graph"
        http.put(
            put,
            json={"blocks": [{"id": INPUT, "type": "code", "config": {"a": "[upshot-secret-1]"}}]},
            headers=headers,
        )
    text = "\n".join(builder.violations)
    for part in (
        "apikey and bearer token must be the same key",
        "the request holds a secret of a block",
        "body: unknown field extra",
        "ids of nodes are their display names",
        "an edge leads to no node",
        "edges have source, target, sourceHandle",
        "this service has no such route",
        "a stand-in was put instead of a secret",
    ):
        assert part in text
    assert text.count("holds a secret of a block") == 2


def test_replies_have_the_servers_bytes(open_builder: Open) -> None:
    builder = open_builder({"answer": "é", "tools": [REPLY], "reasoning": ["x"]})
    turn = builder.ask()
    created = next(
        one for one in builder.world.journal.requests if one.line == "POST /api/copilot/sessions"
    )
    assert created.status == 201
    assert created.reply == f'{{"id":"{turn.session_id}","workflow_id":"{WORKFLOW}"}}\n'.encode()
    answer = next(one for one in builder.project.messages if one.role == "assistant")
    raw = turn_bytes(builder.project.plan.turns[0], answer, "server").decode()
    assert raw.startswith('data: {"event": "status", "message": "Thinking..."}\n\n')
    assert 'data: {"event": "reasoning_delta", "step": 1, "delta": "x"}\n\n' in raw
    assert (
        'data: {"event": "tool_call", "tool_call": {"name": "modify_workflow", "arguments": {'
        in raw
    )
    assert raw.endswith("}\n\n")
    assert '"content": "\\u00e9"' in raw


def test_a_scenario_without_a_powabase_serves_none(serve: Serve) -> None:
    clients = serve()
    assert clients.world.powabase_url == ""
    assert "powabase" not in clients.world.extensions
    assert clients.world.scenario.cloud.updates[0] == FAILED


def test_the_graph_read_twice_is_the_same_graph(open_builder: Open) -> None:
    client = open_builder().client
    one, other = (client.get_workflow(WORKFLOW).graph for _ in range(2))
    assert digest_graph(one) == digest_graph(other)
