"""The inline part of foreign Markdown, written again from its tree (see `markdown.defang`).

Adjacent plain texts are joined before they are escaped: without the tag or entity between them they
might be a mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from upshot.report.markdown.escape import code_span, escape_words, guard_lines
from upshot.report.markdown.links import allowed_url, shown_url
from upshot.text import strip_hidden

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_MARKS: Final = {"strong": "**", "em": "*", "s": "~~"}
# Tags that only dress the text: they go, what they hold stays. Others (`Array<string>`) are shown.
_TAGS_TEXT: Final = (
    "a abbr acronym address area article aside audio b base big blink blockquote body br button "
    "canvas center cite code col colgroup datalist dd del details dfn dialog dir div dl dt em "
    "embed fieldset figcaption figure font footer form frame frameset g h1 h2 h3 h4 h5 h6 head "
    "header hr html i iframe image img input ins kbd label legend li link main map mark marquee "
    "math menu meta meter nav noscript object ol optgroup option output p param picture pre "
    "progress q rp rt ruby s samp script section select small source span strike strong style "
    "sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt "
    "u ul use var video wbr"
)
_TAGS: Final = frozenset(_TAGS_TEXT.split())
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9-]{0,40})")
_ALERT: Final = re.compile(r"\A\s*\[!([A-Za-z]{1,20})\]")


class Piece(NamedTuple):
    text: str
    """What a reader sees."""
    markdown: str | None = None
    """How it is written; None for plain text that is still to be escaped."""


class InlineWriter:
    """Writes inline trees. `redact` gets the text as a reader sees it, without the markup inside it.

    With `in_table`, the text is for a cell of a table: in one line, with pipes escaped.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str],
        redact: Callable[[str], str],
        *,
        in_table: bool = False,
    ) -> None:
        self._hosts = allowed_hosts
        self._redact = redact
        self._in_table = in_table

    def write(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        """The content of a paragraph, heading or cell, safe at the start of a line too."""
        pieces = _joined(self._pieces(nodes))
        if pieces and pieces[0].markdown is None:
            pieces[0] = Piece(no_alert(pieces[0].text))
        seen = "".join(piece.text for piece in pieces)
        safe = self._redact(seen)
        text = self._markdown(pieces if safe == seen else [Piece(safe)])
        if self._in_table:
            return " ".join(text.split())
        return guard_lines("\n".join(line.strip() for line in text.split("\n")).strip())

    def _markdown(self, pieces: Sequence[Piece], *, in_link: bool = False) -> str:
        """The pieces side by side, separated where they would join into other markup."""
        show = self._as_code if in_link else self._address
        written = ""
        for piece in pieces:
            part = piece.markdown
            if part is None:
                part = escape_words(piece.text, show)
            if written.endswith("`") and part.startswith("`"):
                written += " "  # or two code spans would read as one
            if written.endswith("!") and part.startswith("["):
                written = f"{written[:-1]}\\!"  # or a link would read as an image
            written += part
        return written

    def _pieces(self, nodes: Sequence[SyntaxTreeNode], *, in_link: bool = False) -> Iterator[Piece]:
        for node in nodes:
            kind = node.type
            if kind == "softbreak":
                yield Piece("\n", " ")  # a comment on GitHub would break the line here
            elif kind == "hardbreak":
                yield Piece("\n", " " if self._in_table else "\\\n")
            elif kind == "code_inline":
                yield self._code(node.content)
            elif kind in _MARKS:
                yield from self._marked(node, in_link=in_link)
            elif kind == "link":
                yield from self._link(node)
            elif kind == "image":
                yield Piece(f"[image: {strip_hidden(node.content)}]" if node.content else "[image]")
            elif kind == "html_inline":
                yield Piece(visible_html(node.content))
            else:
                yield Piece(strip_hidden(node.content))

    def _code(self, content: str) -> Piece:
        code = self._redact(content)
        return Piece(code, code_span(code, in_table=self._in_table))

    def _marked(self, node: SyntaxTreeNode, *, in_link: bool) -> Iterator[Piece]:
        inner = _joined(self._pieces(node.children, in_link=in_link))
        seen = "".join(piece.text for piece in inner)
        body = self._markdown(inner, in_link=in_link).strip()
        mark = _MARKS[node.type]
        if body:
            yield Piece(seen, f"{mark}{body}{mark}")

    def _link(self, node: SyntaxTreeNode) -> Iterator[Piece]:
        """A link if its host is allowed, else its text and the name of the host."""
        url = str(node.attrs.get("href", ""))
        if node.markup == "autolink":
            yield Piece(url, self._address(url))
            return
        inner = _joined(self._pieces(node.children, in_link=True))
        seen = "".join(piece.text for piece in inner)
        body = self._markdown(inner, in_link=True).strip()
        target = self._target(url)
        if target and body:
            yield Piece(seen, f"[{body}]({target})")
            return
        yield from inner
        host = shown_url(url).partition("/")[0]
        if host and host not in seen:
            yield Piece(f" ({host})", f" ({code_span(host, in_table=self._in_table)})")

    def _address(self, url: str) -> str:
        """A bare address: a link if its host is allowed, else its host and path as code."""
        target = self._target(url)
        if target:
            shown = escape_words(target.removeprefix("https://"))
            return f"[{shown}]({target})"
        return self._as_code(url)

    def _target(self, url: str) -> str:
        """The address of an allowed link; empty also when it would carry a secret (threat T15)."""
        target = allowed_url(_closed(url), self._hosts)
        plain = unquote(target)
        return target if target and self._redact(plain) == plain else ""

    def _as_code(self, url: str) -> str:
        return code_span(shown_url(url) or "address removed", in_table=self._in_table)


def _closed(url: str) -> str:
    """An address that cannot end its parentheses, start emphasis or end a cell."""
    for char, encoded in (("(", "%28"), (")", "%29"), ("*", "%2A"), ("|", "%7C"), ("$", "%24")):
        url = url.replace(char, encoded)
    return url


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Adjacent plain texts become one."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece.markdown is None and joined and joined[-1].markdown is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        elif piece.text or piece.markdown:
            joined.append(piece)
    return joined


def no_alert(text: str) -> str:
    """`[!NOTE]` at the start as a word: a quote that starts so would look like one of our alerts."""
    return _ALERT.sub(lambda match: f"{match[1].capitalize()}:", text, count=1)


def visible_html(html: str) -> str:
    """What a reader sees of raw HTML: neither comments nor tags that GitHub knows."""
    shown = []
    at = 0
    while (start := html.find("<", at)) >= 0:
        shown.append(html[at:start])
        if html.startswith("<!--", start):
            end = html.find("-->", start)
            at = len(html) if end < 0 else end + 3
            continue
        tag = _TAG.match(html, start)
        end = html.find(">", start) if tag or html.startswith(("<!", "<?"), start) else -1
        if end < 0 or (tag is not None and tag[1].lower() not in _TAGS):
            shown.append("<")
            at = start + 1
            continue
        if tag is not None and tag[1].lower() == "br":
            shown.append("\n")
        at = end + 1
    return strip_hidden("".join([*shown, html[at:]]))
