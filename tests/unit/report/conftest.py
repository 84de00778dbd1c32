"""Reads Markdown as GitHub would: with its own parser, cmark-gfm, and all its extensions on."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

BETWEEN = "\x00"
"""Stands between the texts of two tags: GitHub looks for mentions in each text by itself."""


class Seen(HTMLParser):
    """What a page would do: tags with their attributes, and the text outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.languages: list[str] = []
        self.prose = ""
        self.code: list[str] = []
        self.comments: list[str] = []
        self._in_code = 0
        options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
        self.html: str = cmarkgfm.github_flavored_markdown_to_html(markdown, options)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.prose += BETWEEN
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.languages += [value or "" for name, value in attrs if name == "class"]
        if tag == "code":
            self._in_code += 1
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"
        self.prose += BETWEEN

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code[-1] += data
        else:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


@pytest.fixture(scope="session")
def github() -> Callable[[str], Seen]:
    """Markdown -> what GitHub would make of it."""
    return Seen
