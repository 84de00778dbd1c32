"""What a page would do with a Markdown text, judged by parsers and grammars that are not Upshot's.

cmark-gfm (GitHub's own) renders it with everything switched on and raw HTML let through; an HTML
parser reads that; the grammars of mentions, references and slash commands are restated here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

import cmarkgfm  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

# What our templates write, and what Markdown makes of what they write.
_TAGS_TEXT: Final = (
    "p br hr h3 h4 h5 h6 ul ol li blockquote pre code strong em del a sub details summary "
    "table thead tbody tr th td"
)
TAGS: Final = frozenset(_TAGS_TEXT.split())
PROSE_TAGS: Final = TAGS - {"sub", "details", "summary", "h3"}
_ATTRIBUTES: Final = frozenset({"href", "align", "start", "class", "lang"})
_MENTION: Final = re.compile(r"(?<![A-Za-z0-9_])[@\uff20\ufe6b](?=[A-Za-z0-9])")
_REFERENCE: Final = re.compile(r"#\d|\bGH-\d|\b[0-9a-f]{40}\b", re.IGNORECASE)
_CLOSING: Final = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+\S*(?:#\d|/issues/|/pull/)", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"(?:https?|ftp)://[A-Za-z0-9]|\bwww\.[A-Za-z0-9]", re.IGNORECASE)
_SLASH: Final = re.compile(r"^/[a-z][a-z-]{1,30}(?=\s|$)", re.MULTILINE)
_ALERT: Final = re.compile(r"\A\s*\[!\w+\]")
_MARKER: Final = re.compile(r'<!-- upshot \{"v":\d[^\n]*\} -->\n')
_SECTION: Final = re.compile(
    r'^<!-- upshot-section \{"stack":"[a-z/-]+"[^\n]*\} -->$', flags=re.MULTILINE
)
_SECTION_END: Final = re.compile(r"^<!-- upshot-section-end -->$", flags=re.MULTILINE)
_BOXES: Final = (
    "> [!CAUTION]\n> **What failed first:**",
    "> [!IMPORTANT]\n> **Forbidden by this workflow's policy:**",
    "> [!WARNING]\n> **Data may be lost:**",
    "> [!NOTE]\n> - ",
)
TO_PASTE: Final = re.compile(
    r"^(Where a workflow takes commands .*:)\n\n(?:```\n/upshot (?:approve [\w.:/-]+"
    r"|reject [\w.:/-]+ --reason WHAT TO DO INSTEAD|reply YOUR ANSWER)\n```\n\n){1,2}",
    re.MULTILINE | re.ASCII,
)
_CROSS: Final = re.compile(r"/(?:issues|pull|pulls|discussions|commit)/", re.IGNORECASE)
_DRAWN: Final = ("mermaid", "math", "geojson", "topojson", "stl", "suggestion")
_HIDDEN: Final = {"Cf", "Cc", "Cs"}
_WRITTEN_SPACE: Final = "\n\t"


class Page(HTMLParser):
    """A rendered text: what was made of it, and `faults`, in words."""

    def __init__(self, markdown: str, *, hosts: Collection[str], tags: Collection[str]) -> None:
        super().__init__()
        self.markdown = markdown
        self.faults: list[str] = []
        self.links: list[str] = []
        self.code: list[str] = []
        self.shown = ""
        """All that a reader sees, code too."""
        self._hosts, self._tags = hosts, tags
        self._open: list[str] = []
        self._after_quote = False
        options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
        seen = markdown.encode("utf-8", "replace").decode()  # half characters cannot be sent
        self.html: str = cmarkgfm.github_flavored_markdown_to_html(seen, options)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._tags:
            self.faults.append(f"tag <{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "code":
            self.code.append("")
        if tag not in {"br", "hr", "img", "input"}:
            self._open.append(tag)
        self._after_quote = tag == "blockquote" or (self._after_quote and tag == "p")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in _ATTRIBUTES:
            self.faults.append(f"attribute {name} of <{tag}>")
        if name in {"lang", "class"} and any(word in value.lower() for word in _DRAWN):
            self.faults.append(f"a fence that is drawn: {value}")
        if name != "href":
            return
        self.links.append(value)
        parts = urlsplit(value)
        if parts.scheme != "https" or parts.netloc not in self._hosts:
            self.faults.append(f"link to {value}")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.shown += data
        if "code" in self._open:
            self.code[-1] += data
            return
        if re.search(r"\$(?!\d)", data):  # before a digit, it ends no formula
            self.faults.append(f"a dollar sign in {data[:60]!r}")
        if self._after_quote and data.strip():
            self._after_quote = False
            if _ALERT.match(data):
                self.faults.append(f"an alert: {data[:30]}")
        if found := _MENTION.search(data):
            self.faults.append(f"mention in {data[max(0, found.start() - 20) :][:60]!r}")
        if "a" in self._open:
            return
        for pattern in (_REFERENCE, _CLOSING, _ADDRESS):
            if found := pattern.search(data):
                self.faults.append(f"{found[0]!r} in {data[max(0, found.start() - 20) :][:60]!r}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment <!--{data[:40]}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl[:40]}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data[:40]}")


def faults_of_prose(markdown: str, *, hosts: Collection[str]) -> list[str]:
    """What a foreign text, made safe, could still do; empty when it can do nothing."""
    page = Page(markdown, hosts=hosts, tags=PROSE_TAGS)
    return [*page.faults, *_raw_faults(markdown, page), *_cross_references(page)]


def faults_of_report(markdown: str, *, hosts: Collection[str], stacks: int = 1) -> list[str]:
    """The same of a whole report of ours: its HTML, chart, boxes and markers are allowed, each as
    often as there are stacks, and once more where several are joined; and the lines to paste.
    """
    stacks += stacks > 1
    ours = markdown
    if found := _MARKER.match(ours):
        ours = ours[found.end() :]
    for line in (_SECTION, _SECTION_END):
        ours = line.sub("", ours, count=1)
    ours = TO_PASTE.sub(r"\1\n\n", ours)
    for box in _BOXES:
        ours = ours.replace(box, f"> {box.partition('> ')[2].partition('> ')[2]}", stacks)
    ours = ours.replace("\n```mermaid\n%%{init: ", "\n```\n%%{init: ", stacks)
    tags = TAGS | {"h2"} if stacks > 1 else TAGS  # the roll-up's own heading
    page = Page(ours, hosts=hosts, tags=tags)
    return [*page.faults, *_raw_faults(ours, page)]


def _raw_faults(markdown: str, page: Page) -> Iterator[str]:
    """What other readers of the raw text would act upon: bots, mathematics, markers."""
    if "<!-- upshot" in markdown.lower():
        yield "a marker"
    if found := _SLASH.search(markdown):
        yield f"slash command {found[0]!r}"
    by_entity = page.html.count("&#36;")  # in a `<code>` of ours; a code span has `&amp;#36;`
    if markdown.count("$") + by_entity != sum(code.count("$") for code in page.code):
        yield "a dollar sign outside of code"
    for char in sorted(set(markdown)):
        if unicodedata.category(char) in _HIDDEN and char not in _WRITTEN_SPACE:
            yield f"hidden character U+{ord(char):04X}"


def _cross_references(page: Page) -> Iterator[str]:
    return (f"cross reference {link}" for link in page.links if _CROSS.search(urlsplit(link).path))
