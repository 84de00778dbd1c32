"""The Copilot's routes and those of workflows, one request a method; what to do next is decided above.

Nothing that creates or changes is repeated unless it was surely not accepted; a chat never is.
Source: Powabase's API reference (`documented`), v0.7.0 (`server`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from upshot.address import build_path
from upshot.errors import ServiceBadRequest, ServiceError, ServiceNotFound
from upshot.http.calls import Call, Response, Stream, decode_json
from upshot.http.client import ServiceClient
from upshot.http.faults import build_bad_reply
from upshot.http.retry import CREATE, ONCE, READ
from upshot.lenient import as_dict, as_text
from upshot.powabase.graph import Graph, to_snapshot, to_wire
from upshot.powabase.wire.events import Dialect
from upshot.powabase.wire.records import (
    Message,
    ModelSettings,
    Session,
    Workflow,
    WorkflowPage,
    read_messages,
    read_model,
    read_session,
    read_workflow_reply,
    read_workflows,
)
from upshot.timing import Clock, Deadline

CALL_TIMEOUT_S: Final = 30.0
SILENCE_S: Final = 310.0
"""The longest pause of a chat stream: the server itself gives up after 300 s."""
MOST_MESSAGE_BYTES: Final = 32 * 1024 * 1024
PAGE_SIZE: Final = 100
"""The most that the server gives of a list."""
_WANTS_BODY: Final = frozenset({400, 415})
"""What the server of v0.7.0 says to a snapshot without a body, with and without content type."""
_SESSIONS: Final = "/api/copilot/sessions"
_MODEL: Final = "/api/copilot/settings/model"
_WORKFLOWS: Final = "/api/workflows"


class PowabaseClient:
    """One project of Powabase. Every method raises ServiceError.

    `dialect` is what was asked for; `spoken` what the service was found to speak, AUTO until a
    reply showed it. No request is made only to find out.
    """

    def __init__(self, service: ServiceClient, dialect: Dialect = Dialect.AUTO) -> None:
        self.dialect = dialect
        self.spoken = dialect
        self.requests = 0
        """Requests so far, retries included."""
        self.chats = 0
        """Those of them that sent a message to the Copilot."""
        self._service = service

    @property
    def clock(self) -> Clock:
        return self._service.clock

    @property
    def deadline(self) -> Deadline:
        """The end of the whole run; nothing here outlasts it."""
        return self._service.deadline

    def note_dialect(self, sign: Dialect) -> None:
        """What an event or a reply shows; the first sign counts, and none against the input."""
        if self.spoken is Dialect.AUTO:
            self.spoken = sign

    def create_session(self, workflow_id: str) -> Session:
        """A new conversation. Raises ServiceNotFound for an unknown workflow."""
        call = Call(method="POST", path=_SESSIONS, body={"workflow_id": workflow_id}, retry=CREATE)
        response = self._send(call)
        session = read_session(decode_json(response, dict))
        if session is None:
            raise build_bad_reply(
                response.where, response.status, "Powabase made a session and did not say which"
            )
        return session

    def get_session(self, workflow_id: str) -> Session | None:
        """The newest session of a workflow; None when it has none (404, or null)."""
        call = Call(path=_SESSIONS, params=(("workflow_id", workflow_id),))
        try:
            found = decode_json(self._send(call), dict)
        except ServiceNotFound:
            self.note_dialect(Dialect.DOCUMENTED)
            return None
        self.note_dialect(Dialect.SERVER if "session" in found else Dialect.DOCUMENTED)
        return read_session(found)

    def delete_session(self, session_id: str) -> bool:
        """Deletes a session with its messages; doing it twice does no harm.

        False when the service says that there was none; the server of v0.7.0 never says so.
        """
        path = _path(_SESSIONS + "/{}", session_id)
        try:
            self._send(Call(method="DELETE", path=path, retry=READ))
        except ServiceNotFound:
            self.note_dialect(Dialect.DOCUMENTED)
            return False
        return True

    def list_messages(
        self, session_id: str, *, within_s: float | None = None
    ) -> tuple[Message, ...]:
        """The conversation, oldest first; empty for an unknown session on a v0.7.0 server."""
        call = Call(
            path=_path(_SESSIONS + "/{}/messages", session_id),
            max_bytes=MOST_MESSAGE_BYTES,
            within_s=within_s,
        )
        response = self._send(call)
        messages = read_messages(decode_json(response, object))
        if messages is None:
            raise build_bad_reply(response.where, response.status, "the reply has no messages")
        return messages

    def save_snapshot(self, session_id: str, message_id: str, before: Graph) -> None:
        """Stores the state before the change with the Copilot's message; secrets hidden.

        `documented` sends no body, as the page shows it, and the state when that is refused, as its
        table of errors says. There the route is said to apply the change as well: read the graph
        again before putting one. Else the state is always sent, which both take.
        """
        path = _path(_SESSIONS + "/{}/messages/{}/snapshot", session_id, message_id)
        call = Call(method="POST", path=path, retry=CREATE)
        if self.dialect is Dialect.DOCUMENTED:
            try:
                self._send(call)
            except ServiceBadRequest as error:
                if error.status not in _WANTS_BODY:
                    raise
            else:
                return
        body = {"pre_snapshot": to_snapshot(before)}
        self._send(Call(method="POST", path=path, body=body, retry=CREATE))

    @contextmanager
    def open_chat(
        self,
        session_id: str,
        message: str,
        state: dict[str, Any],
        *,
        within_s: float | None = None,
        silence_s: float = SILENCE_S,
    ) -> Iterator[Stream]:
        """Sends a message and opens the answer as server-sent events. One try, never repeated.

        `state` is `State.body`. Raises ServiceUnreachable when it was surely not sent.
        """
        call = Call(
            method="POST",
            path=_path(_SESSIONS + "/{}/chat", session_id),
            headers={"Accept": "text/event-stream", "Cache-Control": "no-cache"},
            body={"message": message, "workflow_state": state},
            retry=ONCE,
            read_timeout_s=silence_s,
            within_s=within_s,
        )
        self.requests += 1
        self.chats += 1
        with self._service.stream(call) as stream:
            yield stream

    def get_model(self) -> ModelSettings:
        """The model of the project's Copilot, and what may be set."""
        return read_model(decode_json(self._send(Call(path=_MODEL)), dict))

    def put_model(self, model: str) -> None:
        """Sets the model, for the whole project. Raises ServiceBadRequest for one not allowed."""
        self._send(Call(method="PUT", path=_MODEL, body={"model": model}, retry=READ))

    def list_workflows(
        self, *, limit: int = PAGE_SIZE, offset: int = 0, query: str = ""
    ) -> WorkflowPage:
        """A page of workflows, newest first. `limit` 1-100; `query` is part of a name."""
        params = [("limit", str(limit)), ("offset", str(offset))]
        if query:
            params.append(("q", query[:200]))
        call = Call(path=_WORKFLOWS, params=tuple(params))
        return read_workflows(decode_json(self._send(call), dict))

    def get_workflow(self, workflow_id: str) -> Workflow:
        """A workflow with its graph. Raises ServiceNotFound, or ServiceBadReply for a bad graph."""
        call = Call(path=_path(_WORKFLOWS + "/{}", workflow_id), max_bytes=MOST_MESSAGE_BYTES)
        response = self._send(call)
        return read_workflow_reply(decode_json(response, dict), response)

    def put_graph(self, workflow_id: str, graph: Graph) -> None:
        """Replaces the whole graph, with its secrets; the version goes up by one.

        The server compares no version: read it just before. Raises ServiceTimeout when the answer
        was lost: the graph may have been replaced.
        """
        path = _path(_WORKFLOWS + "/{}/graph", workflow_id)
        call = Call(
            method="PUT",
            path=path,
            body=to_wire(graph),
            retry=CREATE,
            read_timeout_s=CALL_TIMEOUT_S,
        )
        reply = as_dict(decode_json(self._send(call), object))
        if reply.get("ok") is False:
            raise ServiceBadRequest(
                f"Powabase did not take the graph: {as_text(reply.get('error'))[:200]!a}",
                method="PUT",
                path=path,
                anchor="powabase",
            )

    def _send(self, call: Call) -> Response:
        try:
            response = self._service.send(call)
        except ServiceError as error:
            self.requests += error.tries
            raise
        self.requests += response.tries
        return response


def _path(template: str, *ids: str) -> str:
    """Raises ServiceNotFound for an id that no session, message or workflow can have."""
    try:
        return build_path(template, *ids)
    except ValueError:
        found = " and ".join(repr(one[:40]) for one in ids)
        raise ServiceNotFound(
            f"nothing in Powabase can have the id {found}",
            hint="The workflow's author must act: check `workflow-id` and `powabase-session`.",
            anchor="powabase",
        ) from None
