"""Copilot's wire: two kinds of body for one address, and the reply, read leniently.

The documented chat takes a free question and goes on by conversation id; the direct skills of
today's CLI take the output of an update or preview. Must not know prompts, nor which kind is tried
first.
Source: Copilot REST documentation (chat); shipped client 3.259 `client/ai.go` (skills, limits).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from upshot.errors import ServiceError, ServiceUnavailable
from upshot.http.calls import Call, Response, decode_json
from upshot.http.client import ServiceClient
from upshot.http.faults import build_bad_reply
from upshot.http.retry import ASK, READ, RetryPolicy
from upshot.lenient import as_id, look
from upshot.model import Program, UpdateKind

PATH: Final = "/api/ai/chat/preview"
CHAT_TIMEOUT_S: Final = 60.0
"""For one try. The CLI gives a skill 20 s; a chat turn may call several skills before it answers."""
SKILL_TIMEOUT_S: Final = 30.0
_HEADERS: Final = {
    "Accept": "application/json",
    "responseFormatVersion": "2",
    "X-Pulumi-Source": "Upshot",
}
CONSOLE: Final = "https://app.pulumi.com"
"""What `cloudContext.url` must start with, also with another API host."""
UPDATE_OUTPUT_BYTES: Final = 4_000
"""Limit of `summarizeUpdate`."""
PREVIEW_OUTPUT_BYTES: Final = 200_000
"""Limit of `explainPreview`."""
SUMMARY_CHARACTERS: Final = 1_920
"""The longest summary that the service allows; the CLI's default of 80 suits a terminal line."""
_NOTICE: Final = "... (truncated) ..."
_CLI_KINDS: Final = {
    UpdateKind.REFRESH: "refresh",
    UpdateKind.DESTROY: "destroy",
    UpdateKind.IMPORT: "resource-import",
}
_NO_CONTENT: Final = 204
_MAX_MESSAGES: Final = 10_000


class CopilotTurn(Struct, frozen=True):
    """What the assistant said in this turn; no text and no program when it declined (204)."""

    text: str = ""
    programs: tuple[Program, ...] = ()
    conversation_id: str = ""
    tries: int = 1
    declined: bool = False


def build_chat_body(
    query: str, organization: str, *, url: str, conversation_id: str = ""
) -> dict[str, Any]:
    """The documented chat; `conversationId` is there on follow-ups only."""
    body = {"query": query, "state": _state(organization, url)}
    return body | {"conversationId": conversation_id} if conversation_id else body


def build_summarize_body(output: str, organization: str) -> dict[str, Any]:
    """`summarizeUpdate`, with nested params as the CLI sends them; the output is cut to its limit."""
    return {
        "query": "",
        "state": _state(organization, CONSOLE),
        "directSkillCall": {
            "skill": "summarizeUpdate",
            "params": {
                "pulumiUpdateOutput": cut_middle(output, UPDATE_OUTPUT_BYTES),
                "maxLen": SUMMARY_CHARACTERS,
            },
        },
    }


def build_explain_body(output: str, organization: str, *, kind: UpdateKind) -> dict[str, Any]:
    """`explainPreview`; `kind` is what was previewed, an update unless it is known better."""
    return {
        "query": "",
        "state": _state(organization, CONSOLE),
        "directSkillCall": {
            "skill": "explainPreview",
            "params": {
                "pulumiPreviewOutput": cut_middle(output, PREVIEW_OUTPUT_BYTES),
                "previewDetails": {"kind": _CLI_KINDS.get(kind, "update")},
            },
        },
    }


def cut_middle(text: str, budget_bytes: int) -> str:
    """At most `budget_bytes` of UTF-8: head and tail, with the CLI's notice between them.

    As the CLI's middle-out truncation, but on character boundaries.
    """
    encoded = text.encode(errors="replace")
    if len(encoded) <= budget_bytes:
        return encoded.decode()
    if budget_bytes <= len(_NOTICE):
        return encoded[: max(budget_bytes, 0)].decode(errors="ignore")
    rest = budget_bytes - len(_NOTICE)
    tail = rest // 2
    head = encoded[: rest - tail].decode(errors="ignore")
    return head + _NOTICE + encoded[len(encoded) - tail :].decode(errors="ignore")


def _state(organization: str, url: str) -> dict[str, Any]:
    return {"client": {"cloudContext": {"orgId": organization, "url": url}}}


class Post(Protocol):
    """Sends one body to Copilot. Raises ServiceError, whose `tries` counts the requests."""

    def __call__(
        self,
        client: ServiceClient,
        body: dict[str, Any],
        *,
        retry: RetryPolicy,
        within_s: float,
        on_sent: Callable[[], None],
    ) -> CopilotTurn: ...


def post_chat(
    client: ServiceClient,
    body: dict[str, Any],
    *,
    retry: RetryPolicy = ASK,
    within_s: float,
    on_sent: Callable[[], None],
) -> CopilotTurn:
    """One chat turn. Raises ServiceError; ServiceNotFound may mean that the conversation is gone."""
    return _post(client, _call(body, retry, CHAT_TIMEOUT_S, within_s), on_sent)


def post_skill(
    client: ServiceClient,
    body: dict[str, Any],
    *,
    retry: RetryPolicy = READ,
    within_s: float,
    on_sent: Callable[[], None],
) -> CopilotTurn:
    """One direct skill call; harmless to repeat. Raises ServiceError."""
    return _post(client, _call(body, retry, SKILL_TIMEOUT_S, within_s), on_sent)


def parse_turn(response: Response) -> CopilotTurn:
    """What the assistant said since the user's last message: a reply may replay the whole talk.

    Unknown kinds and fields are passed over. Raises ServiceUnavailable for a 200 that carries an
    `error`, ServiceBadReply for one without any answer or that is no JSON.
    """
    if response.status == _NO_CONTENT:
        return CopilotTurn(tries=response.tries, declined=True)
    reply = decode_json(response, _Reply)
    if reply.error:
        where = response.where
        raise ServiceUnavailable(
            f"Copilot reports a failure of its own: {' '.join(str(reply.error).split())[:300]}",
            method=where.method,
            path=where.path,
            status=response.status,
            hint="No action needed: Copilot has a fault of its own (see https://status.pulumi.com), the "
            "next run asks again.",
        )
    texts: list[str] = []
    programs: list[Program] = []
    messages = (reply.messages or [])[-_MAX_MESSAGES:]
    last_question = max((i for i, one in enumerate(messages) if one.role == "user"), default=-1)
    for message in messages[last_question + 1 :]:
        if message.role != "assistant":
            continue
        if message.kind == "response":
            texts.append(_text(message.content).strip())
        elif message.kind in {"program", "improvedProgram"}:
            programs.append(_program(message.content))
    text = "\n\n".join(dict.fromkeys(filter(None, texts)))
    if not (text or programs):
        raise build_bad_reply(
            response.where, response.status, "Copilot's reply holds no answer of the assistant"
        )
    return CopilotTurn(text, tuple(programs), as_id(reply.conversationId), response.tries)


class _Message(Struct):
    role: Any = ""
    kind: Any = ""
    content: Any = None


class _Reply(Struct):
    messages: list[_Message] | None = None
    conversationId: Any = ""  # noqa: N815 - the wire's name
    error: Any = ""


def _call(body: object, retry: RetryPolicy, timeout_s: float, within_s: float) -> Call:
    return Call(
        method="POST",
        path=PATH,
        headers=_HEADERS,
        body=body,
        retry=retry,
        read_timeout_s=timeout_s,
        within_s=within_s,
    )


def _post(client: ServiceClient, call: Call, on_sent: Callable[[], None]) -> CopilotTurn:
    response = client.send(call, on_sent=on_sent)
    try:
        return parse_turn(response)
    except ServiceError as error:
        error.tries = response.tries
        raise


def _text(content: object) -> str:
    """A string as it is; anything else as JSON, as the CLI shows it."""
    if isinstance(content, str):
        return content
    return "" if content is None else msgspec.json.encode(content).decode()


def _program(content: object) -> Program:
    """`{code, language, plan: {instructions}}`, or bare code."""
    if not isinstance(content, dict):
        return Program(_text(content))
    return Program(
        code=_text(content.get("code")),
        language=_text(content.get("language")),
        instructions=_text(look(content, "plan", "instructions")),
    )
