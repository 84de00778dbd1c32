"""Benign Markdown means the same after it was made safe: the same page, tag by tag."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from tests.security.page import faults_of_prose

from upshot.report.markdown.defang import defang_markdown

HOSTS = {"app.pulumi.com", "www.pulumi.com", "github.com"}

BENIGN: Final = {
    "prose": "The bucket **assets** exists *already*, so ~~create~~ adopt it. It's 'quoted' \"text\" (really).",
    "paragraphs": "One\nline two\n\nTwo\n\n\nThree",
    "nested emphasis": "***both*** **bold *and italic* bold** *it **and bold** it* __bold__ _it_",
    "emphasis inside words": "un**frigging**believable snake_case_name __init__.py 2 * 3 * 4 a*b*c",
    "emphasis beside punctuation": "**Note:** text, *really*! (**x**) “**y**” **`z`**",
    "emphasis of other scripts": "**重要**。これは *強調* です。 **Важно:** текст 🚀 **é**",
    "code": "Run `pulumi up --stack acme/web/prod`, ``a`b``, `` ` `` and `x | y`.",
    "code that looks hostile": "`@user` `#12` `https://x.example` `<b>` `![x](y)` `::error::x` `$HOME`",
    "a fence": "```typescript\nconst a: Map<string, number> = new Map(); // @ts-ignore #1\n```",
    "a fence without language": "```\nplain\n\n  indented\n\ttab\n```",
    "a longer fence": "````markdown\n```ts\nconst a = 1;\n```\n````",
    "a fence of tildes": "~~~yaml\na: `b`\nc: ```\n~~~",
    "indented code": "text\n\n    indented\n      more\n\nafter",
    "fences of many languages": "```c++\na\n```\n\n```c#\nb\n```\n\n```objective-c\nc\n```\n\n```diff\n- a\n+ b\n```",
    "a list": "- one\n- two\n  - nested\n    - deeper\n- three",
    "a loose list": "1. one\n\n   more of one\n\n2. two\n\n   - inner\n   - inner two\n\n3. three",
    "a list from another number": "7. seven\n8. eight",
    "a list with code": "1. do:\n\n   ```bash\n   pulumi up\n\n   pulumi stack\n   ```\n\n2. again\n\n       indented code",
    "a list with a quote": "- a\n\n  > quoted\n  > text\n\n- b",
    "a list with a table": "- a\n\n  | x | y |\n  |---|---|\n  | 1 | 2 |\n\n- b",
    "two lists": "- a\n- b\n\n* c\n* d\n\n1. e\n\n1) f",
    "a long ordered list": "\n".join(f"{n}. item {n}" for n in range(1, 13)),
    "list items that continue": "- one\n  goes on\n- two\n  goes\n  on",
    "empty items": "- a\n-\n- b",
    "a table": "| a | b | c |\n|:--|--:|:-:|\n| `x` | **y** | *z* |\n| [l](https://www.pulumi.com/) | 1 | |",
    "a table with pipes": "| a | b |\n|---|---|\n| `x \\| y` | p \\| q |",
    "a table without edges": "text\n\na | b\n---|---\n1 | 2",
    "a table with short rows": "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 |",
    "a quote": "> quoted\n> text\n>\n> - list\n>   - inner\n>\n> > nested\n\nafter",
    "a quote with code": "> ```\n> code\n> ```",
    "a rule": "a\n\n---\n\nb\n\n***\n\nc",
    "links": "[docs](https://www.pulumi.com/docs/iac/) [**bold** `code`](https://www.pulumi.com/a_b/c(d)/?x=1&y=2#frag)",
    "a link by reference": "See [the docs][d] and [d].\n\n[d]: https://www.pulumi.com/docs/",
    "a link in a heading and a table": "| a |\n|---|\n| [x](https://app.pulumi.com/acme/web_app/prod) |",
    "hard breaks": "one  \ntwo\\\nthree",
    "names": "aws_s3_bucket, a-b_c, urn:pulumi:prod::web::aws:s3/bucket:Bucket::x, C++, C#, ~/.pulumi, a/b/c",
    "numbers and signs": "1) x: 5 USD & 3 < 4 > 2; 100 % = 50% * 2; a + b - c; 1.5; #hash; 50#; x^2; {a}; ~5",
    "paths": "See C:\\temp\\x and /usr/bin/env; index.ts:14; ./a; ../b; a\\_b",
    "entities": "AT&amp;T &lt;stack&gt; &copy; &quot;x&quot; &nbsp;y",
    "escapes": r"\*not emphasis\* \`not code\` 1\. not a list",
    "starts of lines": "\\- c\n\n1986\\. A year.\n\n+1 for it\n\n=5",
    "headings with marks": "#### A `code` and *emphasis*\n\ntext",
    "right to left": "שלום **עולם** مرحبا `code` بالعالم",
    "sentence ends": "Wait... really?! Yes; no: maybe (or not), [see] {this}.",
}  # fmt: skip
# Purposely changed: pairs of what was rendered and what is rendered instead.
CHANGED: Final = {
    "See <https://app.pulumi.com/acme/> or https://www.pulumi.com/docs/iac/.": (
        'See <a href="https://app.pulumi.com/acme/">app.pulumi.com/acme/</a> or '
        '<a href="https://www.pulumi.com/docs/iac/"><code>www.pulumi.com/docs/iac/</code></a>.'
    ),
    "@pulumi/aws 7.1": "<code>@pulumi/aws</code> 7.1",
    "maria@acme.example": "<code>maria@acme.example</code>",
    "the issue #12": "the issue <code>#12</code>",
    "[AWS](https://docs.aws.amazon.com/s3/)": "AWS (<code>docs.aws.amazon.com</code>)",
    "https://docs.aws.amazon.com/s3/": "<code>docs.aws.amazon.com/s3</code>",
    "![a picture](https://x.example/a.png)": "[image: a picture]",
    "costs $5": "costs $5",
    "Map<string, number>": "Map&lt;string, number&gt;",
    "a<sub>1</sub>": "a1",
}


_HEADING: Final = re.compile(r"^h\d$")
"""Headings become smaller than ours, and stay headings."""


class Outline(HTMLParser):
    """Tags in order, with what a reader sees between them."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = "".join(f" {name}={unquote(value or '')}" for name, value in attrs)
        self.parts.append(f"<{_HEADING.sub('h', tag)}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{_HEADING.sub('h', tag)}>")

    def handle_data(self, data: str) -> None:
        inside_code = "<pre>" in self.parts and self.parts[::-1].index("<pre>") < (
            [*self.parts[::-1], "</pre>"].index("</pre>")
        )
        text = data if inside_code else re.sub(r"\s+", " ", data)
        if text.strip():
            self.parts.append(text if inside_code else text.strip())


def defang(text: str) -> str:
    return defang_markdown(text, allowed_hosts=HOSTS)


@pytest.mark.parametrize("name", BENIGN)
def test_benign_markdown_means_the_same(name: str) -> None:
    assert Outline(defang(BENIGN[name])).parts == Outline(BENIGN[name]).parts


@pytest.mark.parametrize("name", BENIGN)
def test_benign_markdown_means_the_same_inside_others(name: str) -> None:
    for frame in ("> {}", "- {}"):
        lead = " " * 2 if frame.startswith("-") else "> "
        text = frame.format(BENIGN[name].replace("\n", f"\n{lead}"))
        assert Outline(defang(text)).parts == Outline(text).parts


@pytest.mark.parametrize("name", BENIGN)
def test_benign_markdown_is_harmless(name: str) -> None:
    assert faults_of_prose(defang(BENIGN[name]), hosts=HOSTS) == []


@pytest.mark.parametrize("name", BENIGN)
def test_making_safe_twice_changes_nothing_more(name: str) -> None:
    once = defang(BENIGN[name])
    assert Outline(defang(once)).parts == Outline(once).parts


@pytest.mark.parametrize("text", CHANGED)
def test_what_is_changed_is_changed_as_little_as_can_be(text: str) -> None:
    html: str = cmarkgfm.github_flavored_markdown_to_html(defang(text))
    assert html.strip() == f"<p>{CHANGED[text]}</p>"
