"""An announcement as an Adaptive Card for Microsoft Teams. Pure.

Untrusted text stands in `TextRun`s, which know no Markdown; the marks of expressions and of the card's
own functions (`${…}`, `{{DATE(…)}}`) are broken up, and a card without entities mentions nobody
(threat T69). Sources: adaptivecards.io, schema 1.4; learn.microsoft.com, "Create an Incoming Webhook"
(28 KB a message), and "Create flows that post adaptive cards".
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import json

from upshot.model.announcement import Announcement

_SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
_VERSION: Final = "1.4"
_KIND: Final = "application/vnd.microsoft.card.adaptive"
_MOST_BUTTONS: Final = 5
_COLOURS: Final = {"failed": "Attention", "cancelled": "Warning", "succeeded": "Good"}


def build_teams(announcement: Announcement) -> bytes:
    """The JSON body for a Workflows webhook, and for a connector's."""
    card = build_card(announcement)
    attachment = {"contentType": _KIND, "contentUrl": None, "content": card}
    return json.encode({"type": "message", "attachments": [attachment]})


def build_card(announcement: Announcement) -> dict[str, Any]:
    """The card alone."""
    one = announcement
    title = _run(f"{one.icon} {one.title}", size="Large", weight="Bolder")
    if one.verdict in _COLOURS:
        title["color"] = _COLOURS[one.verdict]
    body = [_line(title), *_head(one), *_rows(one), *_cause(one), *_advice(one), *_answer(one)]
    card: dict[str, Any] = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": _VERSION,
        "msteams": {"width": "Full"},
        "fallbackText": inert(f"{one.title} {one.where}".strip()),
        "body": body,
    }
    if one.links:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": label, "url": url}
            for label, url in one.links[:_MOST_BUTTONS]
        ]
    return card


def inert(text: str) -> str:
    """Without an expression, a function of cards, or a mention's tag."""
    for mark, like in (
        ("${", "$\u2060{"),
        ("{{", "{\u2060{"),
        ("<at", "<\u2060at"),
        ("</at", "</\u2060at"),
    ):
        while mark in text:  # three braces hold the mark twice
            text = text.replace(mark, like)
    return text


def _head(one: Announcement) -> list[dict[str, Any]]:
    runs = [_code(one.where)] if one.where else []
    counts = " · ".join(one.counts)
    if counts:
        runs.append(_run(f"{' · ' if runs else ''}{counts}", isSubtle=True))
    return [_line(*runs)] if runs else []


def _rows(one: Announcement) -> list[dict[str, Any]]:
    lines = [_line(_run("• "), _code(name), _run(f" {what}")) for name, what in one.rows]
    if one.rows_omitted:
        lines.append(_line(_run(f"…and {one.rows_omitted:,} more", isSubtle=True)))
    return [_close(lines)] if lines else []


def _cause(one: Announcement) -> list[dict[str, Any]]:
    lines = []
    if one.failed:
        lines.append(_line(_run("What failed first: ", weight="Bolder"), _run(one.failed)))
    if one.error:
        error = [_line(_code(line)) for line in one.error.splitlines() if line.strip()]
        lines.append(_close(error) | {"style": "emphasis"})
    return lines + [_line(_run(reason)) for reason in one.reasons]


def _advice(one: Announcement) -> list[dict[str, Any]]:
    if not one.steps:
        return []
    lines = [_line(_run("What to do: ", weight="Bolder"), _run(one.why or ""))]
    steps = [_line(_run(f"{n}. {step}")) for n, step in enumerate(one.steps, start=1)]
    return [*lines, _close(steps)]


def _answer(one: Announcement) -> list[dict[str, Any]]:
    lines = []
    if one.question:
        lines.append(_line(_run("Asked: ", weight="Bolder"), _run(one.question)))
    if one.answer:
        lines.append(_line(_run(f"{one.answered_by}: ", weight="Bolder")))
        lines += [_line(_run(line)) for line in one.answer.splitlines() if line.strip()]
    return lines


def _close(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The lines as one block, without a gap between them."""
    items = [line | ({"spacing": "None"} if at else {}) for at, line in enumerate(lines)]
    return {"type": "Container", "spacing": "Small", "items": items}


def _line(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": inert(text) or " ", **look}


def _code(text: str) -> dict[str, Any]:
    return _run(text, fontType="Monospace")
