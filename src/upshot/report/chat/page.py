"""What an answer says, as values: blocks in order. Every text of other people in them is hostile.

Fixed words are in `Words.text` and in the heads of tables alone; what comes from people, models,
logs and services goes into the other fields, and the renderer makes it harmless.
"""

from __future__ import annotations

from msgspec import Struct


class Link(Struct, frozen=True):
    """An address that we built, with its text."""

    text: str
    url: str
    """Empty: the text alone is shown."""


class Plain(Struct, frozen=True):
    """Text of others, shown as text and not as code."""

    text: str


class Inline(Struct, frozen=True):
    """Markdown of one line by a model, made harmless: its code stays code."""

    text: str


Value = str | int | Link | Plain | Inline
"""A text is shown as code, a number with separators."""


class Words(Struct, frozen=True):
    """A paragraph: our fixed Markdown with `{}` for each value."""

    text: str
    values: tuple[Value, ...] = ()


class Prose(Struct, frozen=True):
    """Markdown by a model, made harmless."""

    text: str
    by: str = ""
    """Who wrote it; empty where the words are our own rules'."""


class Code(Struct, frozen=True):
    text: str
    language: str = ""


class Paste(Struct, frozen=True):
    """A command for people to paste: ours, with an id that a vote can name (`grammar.is_id`)."""

    line: str


class Items(Struct, frozen=True):
    """A bullet list."""

    items: tuple[Words, ...]


class Steps(Struct, frozen=True):
    """A numbered list of what to do, each item Markdown of our rules with values of the evidence."""

    steps: tuple[str, ...]


class Table(Struct, frozen=True):
    """`head` is ours; an empty head makes a table of two columns without one."""

    rows: tuple[tuple[Words, ...], ...]
    head: tuple[str, ...] = ()


Block = Words | Prose | Code | Paste | Items | Steps | Table


class Asked(Struct, frozen=True):
    """The comment that is answered."""

    login: str
    url: str
    text: str
    """The question, or the command as it was typed."""
    is_command: bool = False
    """Shown as code."""


class ChatPage(Struct, frozen=True):
    asked: Asked
    blocks: tuple[Block, ...]
