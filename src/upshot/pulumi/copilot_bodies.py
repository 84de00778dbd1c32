"""What Copilot is sent: two forms for one address, and their limits. Pure.

The documented chat takes a free question and goes on by conversation id; the direct skills of
today's CLI take the output of an update or preview.
Source: Copilot REST documentation (chat); shipped client 3.259 `client/ai.go` (skills, limits).
"""

from __future__ import annotations

from typing import Any, Final

from upshot.model import UpdateKind

CONSOLE: Final = "https://app.pulumi.com"
"""What `cloudContext.url` must start with, whatever the API's host."""
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
