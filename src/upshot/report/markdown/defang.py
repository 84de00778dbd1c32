"""Markdown by a model or from a log, made harmless: parse, keep an allow-list, write it again.

What survives: paragraphs, headings (made small), lists, tables, quotes, code, emphasis, rules and
links to allowed hosts. What does not: mentions, references and closing keywords, images, HTML,
foreign links, reference definitions, footnotes, mathematics, diagrams, task lists, alerts, slash
commands, hidden characters, markers. Nothing is deleted by pattern: everything is read by a
CommonMark parser (markdown-it-py) with tables and strikethrough, and only what this module knows
how to write is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from upshot.report.markdown.effort import Effort
from upshot.report.markdown.escape import escape_words, fence, guard_lines
from upshot.report.markdown.fit import quoted
from upshot.report.markdown.inline import InlineWriter, no_alert, visible_html
from upshot.report.redact.redact import redact_all
from upshot.text import clean_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

LONGEST: Final = 100_000
"""Characters that are read; an ellipsis at the end stands for the rest."""

_EXCERPT: Final = 4_000
"""Characters that are shown of a text which is too intricate."""
_TOO_INTRICATE: Final = (
    "_This text has more parts than Upshot reads as Markdown. Its beginning, as it was written:_"
)
_DEEPEST: Final = 8
_DEEPEST_MARKS: Final = 16
_LANGUAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+#._-]{0,19}")
# Info strings that make GitHub draw, compute or offer a button instead of showing code.
_ACTIVE: Final = frozenset({"mermaid", "math", "geojson", "topojson", "stl", "suggestion"})
_ALIGN: Final = {"left": ":---", "right": "---:", "center": ":---:"}


def defang_markdown(
    text: str,
    *,
    allowed_hosts: Collection[str],
    redact: Callable[[str], str] | None = None,
    effort: Effort | None = None,
) -> str:
    """Markdown that means the same and can do nothing; see the module's docstring.

    `allowed_hosts` are lower-case names that https links may point to. `redact` is applied to
    the text as a reader would see it, so that no markup can split a secret.
    """
    blocks = defang_blocks(text, allowed_hosts=allowed_hosts, redact=redact, effort=effort)
    return "\n\n".join(blocks)


def defang_blocks(
    text: str,
    *,
    allowed_hosts: Collection[str],
    redact: Callable[[str], str] | None = None,
    effort: Effort | None = None,
) -> list[str]:
    """The same as a list of top-level blocks, so that it can be cut between them.

    A text with more parts than `effort` has left, or than one text may have, is shown as it is: its
    beginning in a fence, after a note.
    """
    from markdown_it.tree import SyntaxTreeNode

    text = clean_text(text)
    is_cut = len(text) > LONGEST
    if not (effort or Effort()).takes(text[:LONGEST]):
        return [_TOO_INTRICATE, fence((redact or str)(text[:LONGEST])[:_EXCERPT])]
    tree = SyntaxTreeNode(_shallow(_parser().parse(text[:LONGEST])))
    blocks = _write_redacted(tree, allowed_hosts, redact or str)
    return [*blocks, "…"] if is_cut else blocks


def _write_redacted(
    tree: SyntaxTreeNode, allowed_hosts: Collection[str], redact: Callable[[str], str]
) -> list[str]:
    """Writes the blocks and collects their texts, which are redacted in one pass.

    If that pass finds a secret, the blocks are written again, each text redacted by itself.
    """
    seen: list[str] = []

    def collect(text: str) -> str:
        seen.append(text)
        return text

    blocks = _write(tree, allowed_hosts, collect)
    return blocks if redact_all(seen, redact) == seen else _write(tree, allowed_hosts, redact)


def _write(
    tree: SyntaxTreeNode, allowed_hosts: Collection[str], redact: Callable[[str], str]
) -> list[str]:
    writer = _BlockWriter(allowed_hosts, redact)
    return [block for block in writer.blocks(tree.children) if block]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _shallow(tokens: list[Token]) -> list[Token]:
    """The tokens with bounded depth: the parser bounds the depth of blocks, not of emphasis.

    Marks that nest deeper than 16 are dropped, and their texts kept.
    """
    for token in tokens:
        depth = deepest = 0
        for child in token.children or ():
            depth += child.nesting
            deepest = max(deepest, depth)
            child.children = None  # of an image, whose text is all that is shown
        if token.children and deepest > _DEEPEST_MARKS:
            token.children = [child for child in token.children if not child.nesting]
    return tokens


class _BlockWriter:
    def __init__(self, allowed_hosts: Collection[str], redact: Callable[[str], str]) -> None:
        self._inline = InlineWriter(allowed_hosts, redact)
        self._cell = InlineWriter(allowed_hosts, redact, in_table=True)
        self._redact = redact

    def blocks(self, nodes: Sequence[SyntaxTreeNode], depth: int = 0) -> Iterator[str]:
        previous, second = "", False
        for node in nodes:
            second = node.type == previous and not second
            yield self._block(node, depth, second=second)
            previous = node.type

    def _block(self, node: SyntaxTreeNode, depth: int, *, second: bool) -> str:
        """One block. With `second`, a list has other bullets than the list before, or they would join."""
        kind = node.type
        if kind in {"fence", "code_block"}:
            is_secret = self._redact(node.info) != node.info
            return fence(self._redact(node.content), "" if is_secret else _language(node.info))
        if kind == "html_block":
            return self._plain(visible_html(node.content))
        if kind == "hr":
            return "---" if depth == 0 else "___"  # which no list item can be mistaken for
        if kind == "table":
            return self._table(node)
        if depth >= _DEEPEST and node.children and kind not in {"paragraph", "heading"}:
            return self._plain(" ".join(_texts(node)))
        if kind == "heading":
            return self._heading(node)
        if kind == "blockquote":
            inner = "\n\n".join(filter(None, self.blocks(node.children, depth + 1)))
            return quoted(inner) if inner else ""
        if kind in {"bullet_list", "ordered_list"}:
            return self._list(node, depth, second=second)
        return self._inline.write(node.children[0].children) if node.children else ""

    def _plain(self, text: str) -> str:
        lines = (line.strip() for line in no_alert(self._redact(text)).split("\n"))
        return guard_lines(escape_words("\n".join(line for line in lines if line)))

    def _heading(self, node: SyntaxTreeNode) -> str:
        """Smaller than the report's headings, so that it cannot pass for one (threat T21)."""
        text = self._cell.write(node.children[0].children)
        return f"{'####' if node.tag in {'h1', 'h2'} else '#####'} {text}" if text else ""

    def _list(self, node: SyntaxTreeNode, depth: int, *, second: bool) -> str:
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        items, is_loose = [], False
        for number, item in enumerate(node.children, start=start):
            if node.type == "bullet_list":
                bullet = "*" if second else "-"
            else:
                bullet = f"{number})" if second else f"{number}."
            parts = [part for part in self.blocks(item.children, depth + 1) if part]
            is_loose = is_loose or any(
                child.type == "paragraph" and not child.hidden for child in item.children
            )
            inner = ("\n\n" if is_loose else "\n").join(parts)
            indent = " " * (len(bullet) + 1)
            body = inner.replace("\n", f"\n{indent}").replace(f"\n{indent}\n", "\n\n")
            items.append(f"{bullet} {body}".rstrip())
        return ("\n\n" if is_loose else "\n").join(items)

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [row for section in node.children for row in section.children]
        if not rows:
            return ""
        lines = [self._row(row) for row in rows]
        rule = "|".join(_align(cell) for cell in rows[0].children)
        return "\n".join([lines[0], f"|{rule}|", *lines[1:]])

    def _row(self, row: SyntaxTreeNode) -> str:
        cells = (
            self._cell.write(cell.children[0].children) if cell.children else ""
            for cell in row.children
        )
        return f"| {' | '.join(cells)} |"


def _language(info: str) -> str:
    match = _LANGUAGE.match(info.strip())
    return match[0] if match and match[0].lower() not in _ACTIVE else ""


def _align(cell: SyntaxTreeNode) -> str:
    style = str(cell.attrs.get("style", ""))
    return _ALIGN.get(style.rpartition(":")[2], "---")


def _texts(node: SyntaxTreeNode) -> Iterator[str]:
    """All plain text below a node that is nested too deep to be written."""
    return (inner.content for inner in node.walk() if not inner.children and inner.content)
