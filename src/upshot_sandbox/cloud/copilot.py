"""Pulumi Copilot: the documented chat and today's direct skills, on one path.

Sources: the Copilot REST API's documentation (chat), the shipped client (skills, limits).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.cloud.auth import refuse, signed_in
from upshot_sandbox.cloud.state import Turn
from upshot_sandbox.scenario import ReplyPlan
from upshot_sandbox.wire import Malformed, read_body
from upshot_sandbox.world import World

PATH: Final = "/api/ai/chat/preview"
_CONSOLE: Final = "https://app.pulumi.com"
_UPDATE_OUTPUT_BYTES: Final = 4_000
_PREVIEW_OUTPUT_BYTES: Final = 200_000
_MODELS: Final = frozenset({"gpt-4o-mini", "gpt-4o"})
_KINDS: Final = frozenset(
    [
        "update",
        "preview",
        "refresh",
        "destroy",
        "rename",
        "import",
        "resource-import",
        "Pupdate",
        "Prefresh",
        "Pdestroy",
        "Pimport",
        "Prename",
    ]
)


class PreviewDetails(Struct):
    kind: str


class SkillParams(Struct):
    pulumiUpdateOutput: str | None = None  # noqa: N815 - the wire's name
    pulumiPreviewOutput: str | None = None  # noqa: N815
    previewDetails: PreviewDetails | None = None  # noqa: N815
    displayContext: str | None = None  # noqa: N815 - in the description, unknown to the CLI
    model: str = "gpt-4o-mini"
    maxLen: int = 80  # noqa: N815


class SkillCall(SkillParams):
    """The service description has the parameters flat; the shipped client nests them."""

    skill: str = ""
    params: SkillParams | None = None

    @property
    def given(self) -> SkillParams:
        return self.params or self


class CloudContext(Struct):
    orgId: str  # noqa: N815
    url: str


class Client(Struct):
    cloudContext: CloudContext  # noqa: N815


class State(Struct):
    client: Client


class ChatRequest(Struct):
    query: str
    state: State
    conversationId: str | None = None  # noqa: N815
    directSkillCall: SkillCall | None = None  # noqa: N815


def routes(world: World) -> Sequence[web.RouteDef]:
    script = Script(world)

    async def chat(request: web.Request) -> web.Response:
        signed_in(world, request)
        body = await read_body(request, ChatRequest, world.journal)
        context = body.state.client.cloudContext
        _check(body)
        if context.orgId != world.scenario.cloud.organization:
            raise refuse(403, f"User does not have access to organization '{context.orgId}'.")
        wanted = "skill" if body.directSkillCall else "chat"
        if wanted not in world.scenario.copilot.speaks:
            raise refuse(400, "query is required" if body.directSkillCall else "no skill was named")
        if body.conversationId is not None and body.conversationId not in world.cloud.conversations:
            raise refuse(404, "conversation not found")
        world.cloud.asked += 1
        reply = script.next(body)
        if reply.after_comment:
            await _wait_for_comment(world)
        return _answer(world, body, reply)

    return [web.post(PATH, chat)]


async def _wait_for_comment(world: World) -> None:
    for _ in range(1_000):
        if world.github.by_bot():
            return
        await asyncio.sleep(0.02)


def _check(body: ChatRequest) -> None:
    """Raises `Malformed` for what the real service refuses."""
    if not body.state.client.cloudContext.url.startswith(_CONSOLE):
        raise Malformed(f"cloudContext.url must start with {_CONSOLE}")
    call = body.directSkillCall
    if call is None:
        if not body.query.strip():
            raise Malformed("query must not be empty")
        if body.conversationId == "":
            raise Malformed("conversationId must not be empty")
        return
    given = call.given
    if given.model not in _MODELS:
        raise Malformed(f"unknown model {given.model}")
    match call.skill:
        case "summarizeUpdate":
            _check_text("pulumiUpdateOutput", given.pulumiUpdateOutput, _UPDATE_OUTPUT_BYTES)
            if not 20 <= given.maxLen <= 1920:
                raise Malformed("maxLen must be between 20 and 1920")
        case "explainPreview":
            _check_text("pulumiPreviewOutput", given.pulumiPreviewOutput, _PREVIEW_OUTPUT_BYTES)
            if given.previewDetails is None or given.previewDetails.kind not in _KINDS:
                raise Malformed("previewDetails.kind is missing or unknown")
        case other:
            raise Malformed(f"unknown skill {other!r}")


def _check_text(name: str, text: str | None, limit_bytes: int) -> None:
    if not text:
        raise Malformed(f"{name} is required")
    if len(text.encode()) > limit_bytes:
        raise Malformed(f"{name} is longer than {limit_bytes} bytes")


class Script:
    """Chooses the scenario's reply to each request."""

    def __init__(self, world: World) -> None:
        self._replies = world.scenario.copilot.replies
        self._turn = 0

    def next(self, body: ChatRequest) -> ReplyPlan:
        """A reply whose `when` fits, else the next unconditional one; the last one stays."""
        asked = body.query
        if body.directSkillCall:
            given = body.directSkillCall.given
            asked = f"{body.directSkillCall.skill} {given.pulumiUpdateOutput} {given.pulumiPreviewOutput}"
        for reply in self._replies:
            if reply.when and reply.when in asked:
                return reply
        plain = [reply for reply in self._replies if not reply.when]
        if not plain:
            return ReplyPlan(status=204)
        reply = plain[min(self._turn, len(plain) - 1)]
        self._turn += 1
        return reply


def _answer(world: World, body: ChatRequest, reply: ReplyPlan) -> web.Response:
    if reply.status != 200 or reply.body:
        text = None if reply.status == 204 else reply.body
        content_type = None if reply.status == 204 else reply.content_type
        return web.Response(
            status=reply.status, text=text, content_type=content_type, headers=reply.headers
        )
    if reply.error:
        return web.json_response({"messages": [], "error": reply.error, "details": reply.details})
    if body.directSkillCall:
        said = [] if reply.silent else [_message("assistant", "response", reply.text)]
        return web.json_response({"messages": said, "error": "", "details": ""})
    conversation = body.conversationId or str(
        uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox conversation {len(world.cloud.conversations)}")
    )
    messages = _messages(world, body, reply)
    turns = world.cloud.conversations.setdefault(conversation, [])
    turns.append(Turn(body.query, body.state.client.cloudContext.url, messages))
    return web.json_response({"conversationId": conversation, "messages": messages})


def _messages(world: World, body: ChatRequest, reply: ReplyPlan) -> list[dict[str, Any]]:
    organization = world.scenario.cloud.organization
    trace = f"Conversation with user 'maria-lopez' in org '{organization}' from rest-api"
    messages = [
        _message("user", "response", body.query),
        _message("assistant", "trace", trace),
        _message("assistant", "status", "Executing Pulumi Cloud skill"),
    ]
    if reply.program:
        program = {
            "code": reply.program["code"],
            "language": reply.program.get("language", "typescript"),
            "programId": "pn7Gfod",
            "plan": {"instructions": reply.program.get("instructions", ""), "searchTerms": []},
        }
        messages.append(_message("assistant", "program", program))
    if reply.text and not reply.silent:
        messages.append(_message("assistant", "response", reply.text))
    return messages


def _message(role: str, kind: str, content: Any) -> dict[str, Any]:
    return {"role": role, "kind": kind, "content": content}
