"""Foreign Markdown can do nothing on GitHub, and benign Markdown keeps its meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.markdown.defang import LONGEST, defang_markdown

GitHub = Callable[[str], Any]
HOSTS = {"app.pulumi.com", "www.pulumi.com", "github.com"}


def defang(text: str) -> str:
    return defang_markdown(text, allowed_hosts=HOSTS)


def assert_harmless(markdown: str, github: GitHub) -> None:
    """Nothing in it acts, judged on what GitHub's own parser makes of it."""
    seen = github(markdown)
    for link in seen.links:
        assert re.match(
            r"https://(app\.pulumi\.com|www\.pulumi\.com|github\.com)(/|\?|#|$)", link
        ), link
        assert not re.search(r"/(issues|pull|discussions|commit)/", unquote(unquote(link))), link
    assert not {"img", "script", "details", "iframe", "input", "section", "sup"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<![\w`])[@\uff20\ufe6b][A-Za-z0-9]", seen.prose), seen.prose
    assert not re.search(r"#\d|\bGH-\d", seen.prose, re.IGNORECASE), seen.prose
    assert not re.search(r"<!--\s*upshot", markdown)
    assert markdown.count("$") == sum(code.count("$") for code in seen.code)
    assert not re.search(r"\$(?!\d)", seen.prose), seen.prose
    for line in markdown.splitlines():
        assert not re.match(r"/[a-z]+(\s|$)", line), line
    active = ("mermaid", "math", "suggestion", "geojson")
    assert not any(name in language for language in seen.languages for name in active)
    hidden = {c for c in markdown if unicodedata.category(c) == "Cf"}
    assert not hidden, hidden


# Each breaks out in its own way; the threat it stands for comes first.
HOSTILE = {
    "t14 image": "![x](https://evil.example/a.png)",
    "t14 reference image": "![x][r]\n\n[r]: https://evil.example/a.png",
    "t14 html image": '<img src="https://evil.example/a.png">',
    "t14 data image": "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "t14 linked image": "[![x](https://evil.example/a.png)](https://app.pulumi.com/)",
    "t14 mark before a link": r"\![x](https://app.pulumi.com/a.png) !<b></b>[x](https://app.pulumi.com/)",
    "t14 image on an allowed host": "![x](https://app.pulumi.com/a.png)",
    "t15 script": "[x](javascript:alert(1))",
    "t15 entity script": "[x](java&#115;cript:alert(1))",
    "t15 other host": "[Pulumi](https://evil.example/)",
    "t15 user information": "[x](https://app.pulumi.com@evil.example/)",
    "t15 look-alike": "[x](https://\u0430pp.pulumi.com/)",
    "t15 punycode": "[x](https://xn--pp-6kc.pulumi.com/)",
    "t15 protocol-relative": "[x](//evil.example)",
    "t15 suffix": "[x](https://app.pulumi.com.evil.example/)",
    "t15 port": "[x](https://app.pulumi.com:8443/)",
    "t15 backslash": r"[x](https://app.pulumi.com\@evil.example/)",
    "t15 plain http": "[x](http://app.pulumi.com/)",
    "t15 bare": "https://evil.example/?q=1",
    "t15 bare in brackets": "<https://evil.example/?q=1>",
    "t15 www": "www.evil.example",
    "t15 www in emphasis": "*www.evil.example*",
    "t15 mail": "<mailto:a@evil.example> a@evil.example",
    "t15 split scheme": "https:/\u200b/evil.example",
    "t15 reference link": "[x][r]\n\n[r]: https://evil.example",
    "t16 user": "@admin",
    "t16 team": "(@acme/platform)",
    "t16 full width": "\uff20admin \ufe6badmin",
    "t16 entity": "&#64;admin &commat;admin &#x40;admin",
    "t16 escaped": r"\@admin",
    "t16 split": "@\u200badmin @\u2060admin",
    "t16 split by tags": "@<b></b>admin @<!-- -->admin",
    "t16 split by emphasis": "@**admin** **@**admin",
    "t16 between code spans": "``a`b``.@admin&@admin`x`@admin",
    "t16 beside a pipe in a table": "| a |\n|--|\n| &#124;www.evil.example@b x&#92;&#124;@admin |",
    "t16 in a link": "[@admin](https://app.pulumi.com/)",
    "t16 in a heading": "# @admin",
    "t16 in a table": "| @admin | `a\\|` @b |\n|--|--|\n| `x\\|@admin` | y |",
    "t16 after a code span in a table": "| a |\n|--|\n| `\\\\|@admin` |",
    "t17 closes": "Fixes #12, closes: acme/web#3, resolves GH-4",
    "t17 address": "https://github.com/acme/web/issues/12",
    "t17 link": "[x](https://github.com/acme/web/pull/12#issuecomment-1)",
    "t17 encoded link": "[x](https://github.com/acme/web/%70ull/12)",
    "t17 twice encoded link": "[x](https://github.com/acme/web/%2570ull/12)",
    "t17 dots": "[x](https://github.com/acme/web/../web/issues/12)",
    "t17 split by tag": "#<i></i>12",
    "t17 entity": "&#35;12",
    "t18 command": "/approve\n\ntext\n/lgtm\n- /deploy",
    "t18 after another end of line": "a\u2028/approve\u2029/lgtm\x85/deploy",
    "t18 entity": "&#47;approve",
    "t19 details": "</details></details>\n\n<details open>",
    "t19 fence": "````\n```\nopen",
    "t19 tilde fence": "~~~ mermaid\ngraph\n~~~",
    "t19 table": "| a |\n|--|\n| b | c | d |\n| </td></table> |",
    "t19 deep": ">" * 200 + " x\n" + "- " * 200 + "y",
    "t20 marker": '<!-- upshot:v1 {"key":"x"} -->',
    "t20 marker in a fence": "```\n<!-- upshot:v1 {} -->\n```",
    "t20 marker in code": "`<!-- upshot:v1 {} -->`",
    "t20 open marker": "<!-- upshot",
    "t21 alert": "> [!CAUTION]\n> approved",
    "t21 bare alert": "[!TIP]\napproved",
    "t21 task list": "- [x] approved by a human\n- [ ] merge",
    "t22 hidden": "a\u202eb\u200bc\U000e0041\ufeffd&#8203;e&#x202e;f",
    "math": "$x$ $$y$$ $`z`$",
    "math by entities": "&#36;x&dollar; &#x24;`y`&#36; **&#36;**`z`**$**",
    "math between code": "`$`x`$` `a`$`b`$`c` <code>&lt;$x$&gt;</code>",
    "math in a cell": "| a |\n|---|\n| $`x`$ \\$y\\$ |",
    "mathematics fence": "```math\nx\n```",
    "mermaid": "```mermaid\ngraph TD\n```",
    "mermaid with attributes": "```Mermaid {x}\ngraph TD\n```",
    "footnote": "a[^1]\n\n[^1]: https://evil.example",
    "suggestion": "```suggestion\nevil()\n```",
    "controls": "a\x1b[31mb\x07\x00\r::error::x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_t14_to_t22_hostile_markdown_is_harmless(name: str, github: GitHub) -> None:
    assert_harmless(defang(HOSTILE[name]), github)
    assert_harmless(defang(f"before\n\n{HOSTILE[name]}\n\nafter"), github)


@given(st.lists(st.sampled_from([*HOSTILE.values(), *"\n|`*_~[]()<>#@!-+ ", "\n\n", "    ", "> ", "text"]), max_size=14))  # fmt: skip
@settings(max_examples=200)
def test_t14_to_t22_any_mixture_is_harmless(github: GitHub, parts: list[str]) -> None:
    assert_harmless(defang("".join(parts)), github)


@pytest.mark.parametrize(
    "text",
    ["$`x`$", "&#36;`x`&#36;", "`$`x`$`", "**$**`x`**$**", "`a`$`b`", "[$`x`$](https://a.b)"],
)
def test_no_dollar_sign_stands_beside_a_backtick(text: str) -> None:
    assert not re.search(r"\$`|`\$", defang(text))


BENIGN = {
    "a paragraph": "The bucket **assets** exists *already*, so ~~create~~ adopt it.",
    "code": "Run `pulumi up --stack acme/web/prod`, then ``a`b``.",
    "a fence": "```typescript\nconst a = `x`;\n```",
    "a longer fence": "````\n```\ninner\n```\n````",
    "lists": "- one\n- two\n  - nested\n\n3. three\n4. four",
    "a loose list": "1. one\n\n   more of one\n\n2. two",
    "a list with code": "1. do:\n\n   ```bash\n   pulumi up\n   ```\n\n2. again",
    "a table": "| a | b |\n|:--|--:|\n| `x` | **y** |\n| z | 1 |",
    "a table with a pipe in code": "| a |\n|---|\n| `x \\| y` |",
    "a link": "See [the docs](https://www.pulumi.com/docs/iac/).",
    "a quote": "> quoted\n> text\n\nafter",
    "identifiers": "aws_s3_bucket, a-b_c, urn:pulumi:prod::web::aws:s3/bucket:Bucket::x",
    "generics": "It returns `Output<string>` or Map<string, number>.",
    "a rule": "a\n\n---\n\nb",
    "money and maths": "It costs 5 USD & takes 3 < 4 minutes.",
    "a hard break": "one  \ntwo",
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_markdown_keeps_its_meaning(name: str, github: GitHub) -> None:
    before, after = github(BENIGN[name]), github(defang(BENIGN[name]))
    if name == "generics":  # an unknown tag is shown as it was written
        assert "Map<string, number>" in after.prose
        return
    assert [tag for tag in after.tags if tag != "br"] == [t for t in before.tags if t != "br"]
    assert after.code == before.code
    assert after.prose.split() == before.prose.split()
    assert after.links == before.links


@pytest.mark.parametrize("name", BENIGN)
def test_defanging_twice_changes_nothing_more(name: str) -> None:
    once = defang(BENIGN[name])
    assert defang(once) == once


def test_a_heading_is_smaller_than_any_of_ours(github: GitHub) -> None:
    assert set(github(defang("# a\n\n## b\n\n### c")).tags) == {"h4", "h5"}


def test_package_names_become_code_and_stay_readable() -> None:
    assert defang("Install @pulumi/aws.") == "Install `@pulumi/aws`."


def test_of_a_foreign_address_host_and_path_stay_as_code() -> None:
    assert defang("[docs](https://docs.aws.amazon.com/s3/x?y=1)") == "docs (`docs.aws.amazon.com`)"
    assert defang("https://docs.aws.amazon.com/s3/x?y=1") == "`docs.aws.amazon.com/s3/x`"


def test_a_bare_address_of_an_allowed_host_is_a_link(github: GitHub) -> None:
    seen = github(defang("See https://app.pulumi.com/acme/web_app."))
    assert seen.links == ["https://app.pulumi.com/acme/web_app"]


def test_t09_a_secret_split_by_markup_is_seen_whole() -> None:
    def redact(text: str) -> str:
        return text.replace("topsecretvalue", "[redacted]")

    for text in (
        "top**secret**value",
        "topsecret&#118;alue",
        "top<b>secret</b>value",
        "`topsecretvalue`",
    ):
        shown = defang_markdown(text, allowed_hosts=HOSTS, redact=redact)
        assert "redacted" in shown, text
        assert "value" not in shown, text


def test_t38_a_huge_text_is_cut_before_it_is_parsed() -> None:
    assert len(defang("word " * LONGEST)) < LONGEST * 2


@pytest.mark.parametrize("unit", ["[", "![", "*a ", "`", "<", "<!--", "> ", "- ", "a@", "|", "[a](", "\\", "&#64;", "~~", "(", "_", "[x]: y\n"])  # fmt: skip
def test_t38_repetitions_are_read_in_one_go(unit: str, github: GitHub) -> None:
    assert_harmless(defang(unit * (4_000 // len(unit))), github)
