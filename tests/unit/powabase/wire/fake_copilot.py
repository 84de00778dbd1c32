"""A Copilot without a socket: one scripted chat stream, then the session's messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
from tests.unit.http.conftest import FakeClock, MakeClient

from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import ChatEvent
from upshot.powabase.wire.turn import Turn, ask_copilot

SORRY = "Sorry \u2014 something went wrong while answering. Please try again."
DIFF = {"remove_blocks": ["Reply"], "update_blocks": [{"id": "Answer", "config": {"model": "o3"}}]}
QUESTION = "  Use o3, and drop the reply.\n"
COMPLETE = {
    "event": "complete",
    "message_id": "m-2",
    "content": "Done é\u2028.",
    "workflow_diff": DIFF,
}
SERVER = [
    {"event": "status", "message": "Thinking..."},
    {"event": "reasoning_delta", "step": 1, "delta": "think é\u2028"},
    {"event": "tool_call", "tool_call": {"name": "execute_public_sql", "arguments": {"sql": "DROP TABLE x"}}},
    {"event": "status", "message": "Running SQL query..."},
    {"event": "tool_call", "tool_call": {"name": "modify_workflow", "arguments": DIFF}},
    {"event": "status", "message": "Modifying workflow..."},
    COMPLETE,
]  # fmt: skip
DOCUMENTED = [
    {"event": "status", "message": "Thinking…"},
    {"event": "tool_call", "name": "execute_public_sql", "arguments": {"sql": "DROP TABLE x"}},
    {"event": "tool_result", "name": "execute_public_sql", "result": "ok"},
    {"event": "tool_call", "name": "modify_workflow", "arguments": DIFF},
    {"event": "tool_result", "name": "modify_workflow", "result": "ok"},
    {"event": "content_delta", "delta": "Done "},
    {"event": "content_delta", "delta": "é\u2028."},
    COMPLETE,
]
Reply = Callable[[httpx.Request], httpx.Response]


def recorded(events: Sequence[Any], *, ascii_only: bool = True) -> bytes:
    """The bytes of a stream as the server writes them."""
    texts = [
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=ascii_only) for one in events
    ]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def row(message_id: str, role: str, content: str, diff: Any = None) -> dict[str, Any]:
    return {"id": message_id, "role": role, "content": content, "workflow_diff": diff}


ASKED = row("m-1", "user", QUESTION.strip())
ANSWERED = row("m-2", "assistant", "Done é\u2028.", DIFF)


class Body(httpx.SyncByteStream):
    """Chunks, then the end: in good order, or torn by an error."""

    def __init__(self, chunks: Sequence[bytes], end: Exception | None = None) -> None:
        self._chunks = chunks
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        if self._end:
            raise self._end


def stream(
    *chunks: bytes,
    end: Exception | None = None,
    content_type: str = "text/event-stream; charset=utf-8",
) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": content_type}, stream=Body(chunks, end))


class FakeCopilot:
    """`chat` answers the message; `looks` are the session's messages, look by look."""

    def __init__(self, make_client: MakeClient, chat: Any, looks: Sequence[Any] = ()) -> None:
        self.chats = 0
        self.looks = 0
        self.sent: dict[str, Any] = {}
        self.events: list[ChatEvent] = []
        self._chat = list(chat) if isinstance(chat, list) else [chat]
        self._looks = list(looks)
        self.client = PowabaseClient(make_client(self._answer))

    def ask(self, *, known: Sequence[str] = (), within_s: float = 120.0, **more: Any) -> Turn:
        return ask_copilot(
            self.client,
            "s",
            QUESTION,
            {"nodes": [], "edges": []},
            known=known,
            within_s=within_s,
            on_event=self.events.append,
            **more,
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.chats += 1
            self.sent = json.loads(request.content)
            reply = self._chat.pop(0) if len(self._chat) > 1 else self._chat[0]
        else:
            self.looks += 1
            assert self._looks, "no look is expected now"
            reply = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(reply, Exception):
            raise reply
        return (
            reply
            if isinstance(reply, httpx.Response)
            else httpx.Response(200, json={"messages": reply})
        )


Make = Callable[..., FakeCopilot]
__all__ = ["FakeClock"]
