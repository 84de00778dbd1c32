"""Two Markdown engines that others wrote read every comment: all closed, nothing but our HTML."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Final

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

from upshot_sandbox.machine import ROOT
from upshot_sandbox.runner import run_action
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

GOLDEN: Final = sorted(
    path
    for folder in ("report", "account")
    for path in (ROOT / "tests" / "golden" / folder).glob("*.md")
)
LAST: Final = "The last words on the page."
OURS: Final = frozenset({"br", "details", "sub", "summary"})
"""The HTML that we write ourselves."""
MARKDOWNS: Final = frozenset(
    [
        "a",
        "blockquote",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "input",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
VOID: Final = frozenset({"br", "hr", "input"})
ATTRIBUTES: Final = frozenset(
    [
        "align",
        "checked",
        "class",
        "disabled",
        "href",
        "lang",
        "open",
        "start",
        "style",
        "title",
        "type",
    ]
)


def by_cmark(markdown: str) -> str:
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return str(cmarkgfm.github_flavored_markdown_to_html(markdown, options))


def by_comrak(markdown: str) -> str:
    comrak = import_module("comrak")
    extensions, rendering = comrak.ExtensionOptions(), comrak.RenderOptions()
    for name in ("autolink", "footnotes", "strikethrough", "table", "tasklist"):
        setattr(extensions, name, True)
    rendering.unsafe_ = True
    return str(
        comrak.render_markdown(markdown, extension_options=extensions, render_options=rendering)
    )


Render = Callable[[str], str]
ENGINES: Final[dict[str, Render]] = {"cmark": by_cmark, "comrak": by_comrak}


class Page(HTMLParser):
    """The elements of a page; what is wrong with their nesting is in `faults`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.schemes: set[str] = set()
        self.faults: list[str] = []
        self.last_in: list[str] | None = None
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"{tag} is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.schemes |= {(value or "").partition(":")[0] for name, value in attrs if name == "href"}
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.faults.append(f"{tag} closed within {self._open}")

    def handle_data(self, data: str) -> None:
        if LAST in data:
            self.last_in = list(self._open)


def judge(markdown: str, render: Render) -> None:
    """Fails unless everything is closed, and all HTML is ours or Markdown's."""
    page = Page(render(f"{markdown}\n\n{LAST}\n"))
    assert page.faults == []
    assert page.last_in == ["p"], "a fence, a quote, a list or a details is left open"
    assert page.tags <= OURS | MARKDOWNS
    assert page.attributes <= ATTRIBUTES
    assert page.schemes <= {"https", "#"}


@pytest.fixture(params=ENGINES)
def render(request: pytest.FixtureRequest) -> Render:
    return ENGINES[request.param]


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_every_golden_comment(path: Path, render: Render) -> None:
    judge(path.read_text("utf-8"), render)


@pytest.mark.parametrize("name", ["hostile", "failed-update", "many-events", "log-only"])
def test_comment_summary_and_report_of_a_run(tmp_path: Path, name: str) -> None:
    with Sandbox(load_scenario(name)) as sandbox:
        result = run_action(sandbox, tmp_path)
    report = (result.machine.temp / result.outputs["report-file"]).read_text("utf-8")
    for markdown in (*result.comments, result.summary, report):
        for render in ENGINES.values():
            judge(markdown, render)


@pytest.mark.parametrize(
    "wrong",
    [
        "```\nleft open",
        "<details><summary>more</summary>\n\nleft open",
        "<img src=x>",
        "<sub>never closed",
        "[link](javascript:alert(1))",
        '<a href="https://example.com" onclick="x()">x</a>',
    ],
)
def test_the_judges_see_what_is_wrong(wrong: str, render: Render) -> None:
    with pytest.raises(AssertionError):
        judge(wrong, render)
