"""The client's methods, one request each: what they send, and which replies they read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.unit.http.conftest import FakeClock, MakeClient
from tests.unit.powabase.workflows import ANSWER, support

from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.powabase.graph import to_snapshot, to_wire
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import Dialect
from upshot.powabase.wire.records import Message, ModelSettings, Session

Make = Callable[..., "Project"]


class Project:
    """Answers each request with the next of its replies, and keeps the requests."""

    def __init__(self, make_client: MakeClient, replies: tuple[Any, ...], dialect: Dialect) -> None:
        self.requests: list[httpx.Request] = []
        self._replies = list(replies)
        self.client = PowabaseClient(make_client(self._answer), dialect)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=reply)

    @property
    def lines(self) -> list[str]:
        return [f"{one.method} {one.url.raw_path.decode()}" for one in self.requests]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(one.content) if one.content else None for one in self.requests]


@pytest.fixture
def serve(make_client: MakeClient) -> Make:
    def make(*replies: Any, dialect: Dialect = Dialect.AUTO) -> Project:
        return Project(make_client, replies, dialect)

    return make


def error(status: int, text: str) -> httpx.Response:
    return httpx.Response(status, json={"error": text})


@pytest.mark.parametrize(
    "reply",
    [{"id": "s", "workflow_id": "w"}, {"session": {"id": "s", "workflow_id": "w"}}],
)
def test_a_session_is_created(serve: Make, reply: Any) -> None:
    project = serve(httpx.Response(201, json=reply))
    assert project.client.create_session("w") == Session(id="s", workflow_id="w")
    assert project.lines == ["POST /api/copilot/sessions"]
    assert project.bodies == [{"workflow_id": "w"}]


def test_a_session_without_an_id_is_a_bad_reply(serve: Make) -> None:
    with pytest.raises(ServiceBadReply, match="did not say which"):
        serve({"workflow_id": "w"}).client.create_session("w")


def test_creating_is_not_repeated_when_its_reply_is_lost(serve: Make) -> None:
    project = serve(httpx.ReadTimeout("slow"))
    with pytest.raises(ServiceTimeout):
        project.client.create_session("w")
    assert len(project.requests) == project.client.requests == 1


@pytest.mark.parametrize(
    ("reply", "session", "spoken"),
    [
        ({"session": {"id": "s", "workflow_id": "w", "created_at": "t"}},
         Session(id="s", workflow_id="w", created_at="t"), Dialect.SERVER),
        ({"session": None}, None, Dialect.SERVER),
        ({"id": "s", "workflow_id": "w"}, Session(id="s", workflow_id="w"), Dialect.DOCUMENTED),
        (error(404, "session_not_found"), None, Dialect.DOCUMENTED),
    ],
)  # fmt: skip
def test_getting_a_session_shows_the_dialect(
    serve: Make, reply: Any, session: Session | None, spoken: Dialect
) -> None:
    project = serve(reply)
    assert project.client.get_session("w 1") == session
    assert project.lines == ["GET /api/copilot/sessions?workflow_id=w+1"]
    assert project.client.spoken is spoken


def test_what_the_input_says_stands_against_any_sign(serve: Make) -> None:
    project = serve({"session": None}, dialect=Dialect.DOCUMENTED)
    project.client.get_session("w")
    assert project.client.spoken is Dialect.DOCUMENTED


def test_a_session_is_deleted_even_twice(serve: Make) -> None:
    project = serve(httpx.Response(204), error(404, "Session not found"))
    assert project.client.delete_session("s") is True
    assert project.client.delete_session("s") is False
    assert project.lines == ["DELETE /api/copilot/sessions/s"] * 2


@pytest.mark.parametrize("wrap", [True, False])
def test_messages_are_read_with_their_diffs_and_snapshots(serve: Make, *, wrap: bool) -> None:
    rows = [
        {"id": "1", "session_id": "s", "role": "user", "content": "Hi", "workflow_diff": None,
         "pre_snapshot": None, "created_at": "t"},
        {"id": "2", "role": "assistant", "content": "(empty)", "workflow_diff": {"a": [1]},
         "pre_snapshot": {"nodes": []}},
        {"id": "3", "role": "assistant", "content": None},
    ]  # fmt: skip
    project = serve({"messages": rows} if wrap else rows)
    assert project.client.list_messages("s") == (
        Message(id="1", role="user", content="Hi", created_at="t"),
        Message(id="2", role="assistant", content="", diff={"a": [1]}, pre_snapshot={"nodes": []}),
        Message(id="3", role="assistant", content=""),
    )
    assert project.lines == ["GET /api/copilot/sessions/s/messages"]


@pytest.mark.parametrize("reply", [{}, {"messages": {}}, {"items": []}])
def test_a_reply_without_messages_is_no_empty_conversation(serve: Make, reply: Any) -> None:
    with pytest.raises(ServiceBadReply, match="has no messages"):
        serve(reply).client.list_messages("s")


@pytest.mark.parametrize("dialect", [Dialect.AUTO, Dialect.SERVER])
def test_a_snapshot_holds_the_state_before(serve: Make, dialect: Dialect) -> None:
    project = serve({"ok": True}, dialect=dialect)
    project.client.save_snapshot("s", "m", support())
    assert project.lines == ["POST /api/copilot/sessions/s/messages/m/snapshot"]
    assert project.bodies == [{"pre_snapshot": to_snapshot(support())}]


@pytest.mark.parametrize(
    "refusal", [error(400, "pre_snapshot is required"), httpx.Response(415, html="<h1>")]
)
def test_the_documented_snapshot_has_no_body_unless_it_is_wanted(
    serve: Make, refusal: httpx.Response
) -> None:
    project = serve(refusal, {"ok": True}, dialect=Dialect.DOCUMENTED)
    project.client.save_snapshot("s", "m", support())
    assert project.bodies == [None, {"pre_snapshot": to_snapshot(support())}]


def test_another_refusal_of_the_documented_snapshot_stands(serve: Make) -> None:
    project = serve(error(422, "no"), dialect=Dialect.DOCUMENTED)
    with pytest.raises(ServiceBadRequest):
        project.client.save_snapshot("s", "m", support())
    assert len(project.requests) == 1


@pytest.mark.parametrize(
    ("reply", "settings"),
    [
        ({"model": "a", "default": "b", "options": [{"label": "A", "value": "a"}, {"label": "x"}]},
         ModelSettings(model="a", default="b", options=("a",))),
        ({"model": None, "default": "b", "options": ["a", "b"]},
         ModelSettings(model="b", default="b", options=("a", "b"))),
        ({}, ModelSettings(model="")),
    ],
)  # fmt: skip
def test_the_model_and_what_may_be_set(serve: Make, reply: Any, settings: ModelSettings) -> None:
    project = serve(reply)
    assert project.client.get_model() == settings
    assert project.lines == ["GET /api/copilot/settings/model"]


def test_a_model_is_set(serve: Make) -> None:
    project = serve({"ok": True, "model": "o3"})
    project.client.put_model("o3")
    assert (project.lines, project.bodies) == (
        ["PUT /api/copilot/settings/model"],
        [{"model": "o3"}],
    )


def test_workflows_are_listed_by_pages(serve: Make) -> None:
    rows = [{"id": "1", "name": "A", "version": 2, "state": "deployed"}, {"name": "no id"}]
    project = serve({"workflows": rows, "total": 120})
    page = project.client.list_workflows(limit=10, offset=20, query="A b")
    assert project.lines == ["GET /api/workflows?limit=10&offset=20&q=A+b"]
    assert page.total == 120
    assert [(one.id, one.name, one.version, one.is_deployed) for one in page.workflows] == [
        ("1", "A", 2, True)
    ]


def test_a_workflow_comes_with_its_graph(serve: Make) -> None:
    project = serve(
        {"id": "w", "name": "Support", "state": "internal", "version": 3, **to_wire(support())}
    )
    workflow = project.client.get_workflow("w")
    assert (workflow.id, workflow.version, workflow.is_deployed) == ("w", 3, False)
    assert workflow.graph == support()
    assert project.lines == ["GET /api/workflows/w"]


def test_a_graph_that_cannot_be_read_is_a_bad_reply(serve: Make) -> None:
    with pytest.raises(ServiceBadReply, match="block 'x' has no type"):
        serve({"id": "w", "blocks": [{"id": "x"}], "edges": []}).client.get_workflow("w")


def test_a_graph_is_put_whole(serve: Make) -> None:
    project = serve({"ok": True, "blocks": 3, "edges": 2})
    project.client.put_graph("w", support())
    assert project.lines == ["PUT /api/workflows/w/graph"]
    assert project.bodies == [to_wire(support())]


def test_a_put_is_not_repeated_when_its_reply_is_lost(serve: Make) -> None:
    project = serve(httpx.ReadError("gone"))
    with pytest.raises(ServiceTimeout):
        project.client.put_graph("w", support())
    assert len(project.requests) == 1


def test_a_put_that_says_no_in_a_success_is_an_error(serve: Make) -> None:
    with pytest.raises(ServiceBadRequest, match="did not take the graph"):
        serve({"ok": False, "error": "no"}).client.put_graph("w", support())


def test_reads_are_repeated_and_counted(serve: Make, clock: FakeClock) -> None:
    project = serve(httpx.Response(500, html="<h1>"), {"messages": []})
    assert project.client.list_messages("s") == ()
    assert project.client.requests == 2
    project = serve(httpx.Response(500, html="<h1>"))
    with pytest.raises(ServiceUnavailable):
        project.client.list_messages("s")
    assert project.client.requests == 4


@pytest.mark.parametrize("odd", ["", ".", ".."])
def test_an_id_that_would_name_another_route_is_never_sent(serve: Make, odd: str) -> None:
    project = serve({})
    with pytest.raises(ServiceNotFound, match="can have the id"):
        project.client.list_messages(odd)
    with pytest.raises(ServiceNotFound):
        project.client.get_workflow(odd)
    assert project.requests == []


def test_an_id_stays_one_segment(serve: Make) -> None:
    project = serve({"messages": []})
    project.client.list_messages("a/../b?c#d")
    assert project.lines == ["GET /api/copilot/sessions/a%2F..%2Fb%3Fc%23d/messages"]


def test_a_redirect_is_not_followed(serve: Make) -> None:
    project = serve(httpx.Response(302, headers={"location": f"https://evil.example/{ANSWER}"}))
    with pytest.raises(ServiceBadReply, match="redirects to the host 'evil"):
        project.client.get_workflow("w")
    assert len(project.requests) == 1
