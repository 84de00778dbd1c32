"""An independent Powabase for one purpose: to write down what it was asked, by the documented page.

Written apart from the client and from the sandbox, on the standard library alone: `SEED` has the
method, the path, the body and the words of the page for each of its calls.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

WORKFLOW: Final = "wf-uuid"
SESSION: Final = "5f0f4c1a-0000-4000-8000-000000000001"
MESSAGE: Final = "5f0f4c1a-0000-4000-8000-000000000002"
STATE: Final[dict[str, Any]] = {"nodes": [], "edges": []}
NO_BODY: Final = object()


class Documented(NamedTuple):
    """One call of the page."""

    heading: str
    """Method and path; `{id}` and `{mid}` stand where the page's text lost them."""
    body: object = NO_BODY
    """The example's JSON; NO_BODY for a call without `json=`."""
    query: str = ""
    streams: bool = False


SEED: Final = {
    "create_session": Documented("POST /api/copilot/sessions", {"workflow_id": WORKFLOW}),
    "get_session": Documented("GET /api/copilot/sessions", query=f"workflow_id={WORKFLOW}"),
    "delete_session": Documented("DELETE /api/copilot/sessions/{id}"),
    "messages": Documented("GET /api/copilot/sessions/{id}/messages"),
    "snapshot": Documented("POST /api/copilot/sessions/{id}/messages/{mid}/snapshot"),
    "chat": Documented(
        "POST /api/copilot/sessions/{id}/chat",
        {"message": "Build a workflow that...", "workflow_state": STATE},
        streams=True,
    ),
    "get_model": Documented("GET /api/copilot/settings/model"),
    "put_model": Documented("PUT /api/copilot/settings/model", {"model": "gpt-4o"}),
}
_REPLIES: Final = {
    "create_session": {"id": SESSION, "workflow_id": WORKFLOW},
    "get_session": {"id": SESSION, "workflow_id": WORKFLOW},
    "delete_session": {},
    "messages": {"messages": []},
    "snapshot": {},
    "get_model": {"model": "gpt-5.2"},
    "put_model": {"model": "gpt-4o"},
}
_STREAM: Final = [
    {"event": "status", "message": "Thinking..."},
    {"event": "tool_call", "name": "modify_workflow", "arguments": {}},
    {"event": "tool_result", "name": "modify_workflow", "result": "ok"},
    {"event": "content_delta", "delta": "Done"},
    {"event": "complete", "message_id": MESSAGE, "content": "Done", "workflow_diff": None},
]


class Asked(NamedTuple):
    """One request as it came over the socket."""

    call: str
    """The call of the page that it is; empty when it is none."""
    line: str
    query: str
    headers: dict[str, str]
    body: bytes


@contextmanager
def seed_server() -> Iterator[tuple[str, list[Asked]]]:
    """Its address, and what it was asked, in order."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Nothing is printed."""

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            size = int(self.headers.get("Content-Length") or 0)
            line = f"{self.command} {path}"
            call = _call_of(line)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(call, line, query, headers, self.rfile.read(size)))
            if not call:
                return self.reply(404, "application/json", b'{"error": "no such route"}')
            if SEED[call].streams:
                text = "".join(f"data: {json.dumps(event)}\n\n" for event in _STREAM)
                return self.reply(200, "text/event-stream", text.encode())
            return self.reply(200, "application/json", json.dumps(_REPLIES[call]).encode())

        def reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _call_of(line: str) -> str:
    for name, call in SEED.items():
        pattern = re.escape(call.heading).replace(r"\{id\}", "[^/]+").replace(r"\{mid\}", "[^/]+")
        if re.fullmatch(pattern, line):
            return name
    return ""
