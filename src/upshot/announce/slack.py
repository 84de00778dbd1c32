"""An announcement as Slack's Block Kit. Pure.

Untrusted text stands in `mrkdwn` with `verbatim`, its three control characters as entities: Slack then
reads no mention, channel, link or command in it (threat T69). Code has no markup at all.
Sources: docs.slack.dev, "Formatting message text", "Block Kit: blocks" (header 150 characters, section
3,000, 50 blocks a message, 25 elements of actions, 75 characters of a button, 3,000 of its address).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import json

from upshot.announce.fit import cut
from upshot.model.announcement import Announcement

_SECTION: Final = 3_000
_LINE: Final = 2_800
"""Of a section, less what stands around the text."""
_HEADER: Final = 150
_BUTTON: Final = 75
_ADDRESS: Final = 3_000
_MOST_BUTTONS: Final = 5
_MARK: Final = re.compile(r"(?<!\w)[*_~]|[*_~](?!\w)")
_LIKE: Final = {"*": "\u2217", "_": "\u02cd", "~": "\u223c"}
"""Inside of a word Slack takes them for letters."""
_ENTITIES: Final = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def build_slack(announcement: Announcement) -> bytes:
    """The JSON body for an incoming webhook."""
    one = announcement
    blocks = [
        _header(f"{one.icon} {one.title}"),
        *_texts(one),
        *_actions(one.links),
    ]
    return json.encode(
        {
            "text": escape(cut(f"{one.icon} {one.title} {one.where}", _HEADER)),
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
    )


def escape(text: str) -> str:
    """Text that Slack shows as it is, apart from its marks for bold and the like."""
    for plain, entity in _ENTITIES:
        text = text.replace(plain, entity)
    return text


def code(text: str) -> str:
    """A code span of one line; a backtick would end it."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{escape(line)}`" if line else ""


def _texts(one: Announcement) -> list[dict[str, Any]]:
    head = " · ".join(filter(None, (code(one.where), *map(_inert, one.counts))))
    rows = [f"• {code(name)} {_inert(what)}" for name, what in one.rows]
    if one.rows_omitted:
        rows.append(f"…and {one.rows_omitted:,} more")
    steps = [f"{n}. {_inert(step)}" for n, step in enumerate(one.steps, start=1)]
    parts = [
        [head],
        rows,
        [f"*What failed first:* {_inert(one.failed)}" if one.failed else "", _block(one.error)],
        [_inert(reason) for reason in one.reasons],
        [f"*What to do:* {_inert(one.why)}" if one.why else "*What to do:*", *steps]
        if steps
        else [],
        [f"*Asked:* {_inert(one.question)}" if one.question else ""],
        [f"*{_inert(one.answered_by)}:*", *_quoted(one.answer)] if one.answer else [],
    ]
    return [_section(text) for lines in parts for text in _packed(filter(None, lines))]


def _inert(text: str) -> str:
    """Escaped, and without the marks that would change how the words around it look."""
    line = " ".join(text.replace("`", "'").split())
    return _within(_MARK.sub(lambda found: _LIKE[found[0]], line), escape)


def _block(text: str) -> str:
    """A block of code: neither marks nor addresses act in it."""
    return f"```{_within(text.replace('`', chr(39)), escape)}```" if text else ""


def _quoted(text: str) -> list[str]:
    return [f"> {_inert(line)}" for line in text.splitlines() if line.strip()]


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, _HEADER)}}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _packed(lines: Iterable[str]) -> Iterator[str]:
    """The lines in as few texts as a section's limit allows."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > _SECTION:
            yield text
            text = line
        else:
            text = f"{text}\n{line}" if text else line
    if text:
        yield text


def _within(text: str, form: Callable[[str], str]) -> str:
    """`form(text)` within a section's limit: the text is cut, never an entity or a mark."""
    while len(shown := form(text)) > _LINE:
        text = cut(text, len(text) * _LINE // len(shown) - 1)
    return shown


def _actions(links: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    buttons = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": cut(label, _BUTTON)},
            "url": url,
            "action_id": f"upshot-{n}",
        }
        for n, (label, url) in enumerate(links[:_MOST_BUTTONS])
        if len(url) <= _ADDRESS
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []
