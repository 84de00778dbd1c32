"""An answer to a comment as Markdown: the quoted question, the answer, a footer.

What people, models and logs say can do nothing in it: no mention, no reference, no command, no marker
(threats T16-T22, T59). Redacted, and within GitHub's limits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, assert_never
from urllib.parse import urlsplit

from upshot.report.chat.page import (
    Asked,
    Block,
    ChatPage,
    Code,
    Inline,
    Items,
    Link,
    Paste,
    Plain,
    Prose,
    Steps,
    Table,
    Value,
    Words,
)
from upshot.report.content import map_texts
from upshot.report.explanation import list_item
from upshot.report.markdown.defang import defang_blocks, defang_markdown
from upshot.report.markdown.escape import code_span, escape_inline, fence, paste
from upshot.report.markdown.fit import COMMENT, Size, cut_markdown, quoted, size, tidy
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.view import lines

_OURS: Final = re.compile(r"https://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/#=&?%-]*")
_QUESTION_LINES: Final = 8
_QUESTION_CHARS: Final = 700
_LONGEST_VALUE: Final = 300
_LONGEST_CODE: Final = 6_000
_LONGEST_PROSE: Final = 40_000


def render_answer(
    page: ChatPage,
    *,
    footer: str,
    hosts: Collection[str],
    redactor: Redactor,
    notices: Sequence[str] = (),
) -> str:
    """The finished text, without a marker. `hosts` may be linked to; `footer` is finished."""
    page = map_texts(page, redactor.redact)
    writer = _Writer(frozenset(hosts), redactor)
    notes = "\n".join(f"> {line}" for line in lines(notices))
    parts = [
        writer.question(page.asked),
        *map(writer.block, page.blocks),
        f"> [!NOTE]\n{notes}" if notes else "",
    ]
    body = redactor.redact(tidy("\n\n".join(filter(None, parts))))
    left = Size(*(most - taken - 2 for most, taken in zip(COMMENT, size(footer), strict=True)))
    return f"{cut_markdown(body, left)}\n\n{footer}\n"


def render_blocks(blocks: Sequence[Block], *, hosts: Collection[str], redactor: Redactor) -> str:
    """The same blocks as a page of their own: there was no comment that asked, and nothing stands below."""
    writer = _Writer(frozenset(hosts), redactor)
    parts = map(writer.block, map_texts(tuple(blocks), redactor.redact))
    return f"{redactor.redact(tidy(chr(10).join(f'{part}{chr(10)}' for part in parts if part))).strip()}\n"


class _Writer:
    def __init__(self, hosts: frozenset[str], redactor: Redactor) -> None:
        self._hosts = hosts
        self._redact = redactor.redact

    def question(self, asked: Asked) -> str:
        """`> maria-lopez: Why …?`, the name linked to the comment; never a mention."""
        who = self._value(Link(asked.login, asked.url))
        if asked.is_command:
            return f"> {who}: {code_span(clip_line(asked.text, _LONGEST_VALUE))}"
        text = asked.text[:_QUESTION_CHARS]
        rows = [row for row in map(escape_inline, text.split("\n")) if row]
        is_cut = len(asked.text) > _QUESTION_CHARS or len(rows) > _QUESTION_LINES
        rows = [*rows[:_QUESTION_LINES], *(["…"] if is_cut else [])]
        return quoted(f"{who}: " + "\\\n".join(rows))

    def block(self, block: Block) -> str:
        match block:
            case Words():
                return self._words(block)
            case Prose():
                return self._prose(block)
            case Code():
                return fence(clip_block(block.text, _LONGEST_CODE), block.language)
            case Paste():
                return paste(block.line)
            case Items():
                return "\n".join(f"- {self._words(item)}" for item in block.items)
            case Steps():
                return self._steps(block)
            case Table():
                return self._table(block)
            case _:
                assert_never(block)

    def _words(self, words: Words, *, in_table: bool = False) -> str:
        shown = (self._value(value, in_table=in_table) for value in words.values)
        return words.text.format(*shown)

    def _value(self, value: Value, *, in_table: bool = False) -> str:
        match value:
            case int():
                return f"{value:,}"
            case Link():
                text = escape_inline(clip_line(value.text, _LONGEST_VALUE))
                is_ours = _OURS.fullmatch(value.url) and urlsplit(value.url).netloc in self._hosts
                return f"[{text}]({value.url})" if is_ours and text else text
            case Plain():
                return escape_inline(clip_line(value.text, _LONGEST_VALUE))
            case Inline():
                return self._inline(clip_line(value.text, _LONGEST_VALUE), in_table=in_table)
        return code_span(clip_line(value, _LONGEST_VALUE), in_table=in_table) or "nothing"

    def _prose(self, prose: Prose) -> str:
        text = clip_block(prose.text, _LONGEST_PROSE)
        safe = defang_markdown(text, allowed_hosts=self._hosts, redact=self._redact)
        return f"**Written by {prose.by}:**\n\n{safe}" if prose.by and safe else safe

    def _inline(self, text: str, *, in_table: bool) -> str:
        """One paragraph; anything else that it may be read as is shown as text."""
        blocks = self._blocks(text)
        is_line = len(blocks) == 1 and "\n" not in blocks[0] and blocks[0][:1].isalnum()
        return blocks[0] if is_line and not (in_table and "|" in text) else escape_inline(text)

    def _steps(self, steps: Steps) -> str:
        shown = (self._blocks(clip_block(step, _LONGEST_CODE)) for step in steps.steps)
        return "\n".join(list_item(number, step) for number, step in enumerate(shown, start=1))

    def _blocks(self, text: str) -> list[str]:
        return defang_blocks(text, allowed_hosts=self._hosts, redact=self._redact)

    def _table(self, table: Table) -> str:
        if not table.rows:
            return ""
        width = len(table.rows[0])
        head = " | ".join(table.head or [" "] * width)
        rows = (" | ".join(self._words(cell, in_table=True) for cell in row) for row in table.rows)
        return "\n".join([f"| {head} |", f"|{':--|' * width}", *(f"| {row} |" for row in rows)])
