"""What the documentation says still exists: links, headings, inputs, codes, commands, blocks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from upshot.inputs.choices import FailOn
from upshot.model import BackendName, Diagnosis, Facts, NoAnswer, ReasonCode, Run, Verdict
from upshot.model import VerdictStatus as Status
from upshot.report.content import Report
from upshot.report.markdown.fit import COMMENT
from upshot.report.redact.redact import Redactor
from upshot.report.view import View

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "tests" / "README.md"])
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
OURS = ("pulumi-upshot/upshot@v1", "pulumi-upshot/upshot/composite@v1")


@pytest.fixture(params=PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def docs(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub makes from the headings of a page."""
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def snippets(path: Path) -> list[Any]:
    """The YAML of a page, parsed."""
    found = re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    return [yaml.safe_load(text) for text in found]


def steps_in(value: Any) -> list[dict[str, Any]]:
    """All steps anywhere in a piece of a workflow."""
    if isinstance(value, list):
        return [step for item in value for step in steps_in(item)]
    if isinstance(value, dict):
        inner = [step for item in value.values() for step in steps_in(item)]
        return [value, *inner] if "uses" in value else inner
    return []


def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(path), target


def test_files_that_are_named_are_there(page: Path) -> None:
    named = r"`((?:src|tests|bench|tools|examples|requirements|\.github|\.ci)/[\w./*-]+)`"
    for name in re.findall(named, page.read_text("utf-8")):
        assert list(ROOT.glob(name)), name


def test_pictures_have_a_description(page: Path) -> None:
    for alt in re.findall(r"!\[([^\]]*)\]", without_code(page.read_text("utf-8"))):
        assert len(alt) > 40


def test_snippets_use_inputs_that_exist(page: Path) -> None:
    for snippet in snippets(page):
        for step in steps_in(snippet):
            if step["uses"] in OURS:
                assert set(step.get("with", {})) <= set(ACTION["inputs"])


def test_snippets_read_outputs_that_exist(page: Path) -> None:
    for name in re.findall(r"steps\.upshot\.outputs\.([a-z-]+)", page.read_text("utf-8")):
        assert name in ACTION["outputs"]


def test_other_actions_are_pinned_by_commit(page: Path) -> None:
    for line in page.read_text("utf-8").splitlines():
        if re.search(r"^\s*(- )?uses: (?!\./)\S", line) and not any(one in line for one in OURS):
            assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_make_commands_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for name in re.findall(
        r"`make ([a-z-]+)|^make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE
    ):
        assert re.search(rf"^{name[0] or name[1]}:", makefile, re.MULTILINE), name


def test_the_index_lists_every_page() -> None:
    index = docs("README.md")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"]({path.name})" in index


def test_reason_codes_are_documented_in_their_order() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .+ \| [\d or]+ \|$", docs("outputs.md"), re.MULTILINE)
    assert rows == [code.value for code in ReasonCode]


def test_words_of_verdict_and_fail_on_are_documented() -> None:
    for status in Status:
        assert f"| `{status}` |" in docs("outputs.md")
    for item in FailOn:
        assert f"| `{item}` |" in docs("policy.md")


def test_comment_modes_are_documented() -> None:
    from upshot.inputs.choices import CommentMode

    for mode in CommentMode:
        assert f"| `{mode}` |" in docs("publishing.md")


class TestTemplates:
    def test_every_block_is_documented_in_its_order(self) -> None:
        source = ROOT / "src" / "upshot" / "report" / "templates" / "report.md.j2"
        blocks = re.findall(r"{% block (\w+) %}", source.read_text("utf-8"))
        section = docs("templates.md").partition("## Blocks")[2].partition("##")[0]
        assert re.findall(r"`(\w+)`", section) == blocks

    def test_every_value_is_documented_and_no_other(self) -> None:
        report = Report(
            Facts(),
            Diagnosis(""),
            NoAnswer(BackendName.LOCAL),
            Verdict(Status.UNKNOWN),
            Run("acme/web", "https://github.com", "1"),
        )
        context = View(report, Redactor(())).fit(COMMENT).values
        section = docs("templates.md").partition("## Values")[2].partition("## ")[0]
        names = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
        documented = {name for cell in names for name in re.findall(r"`(\w+)`", cell)}
        assert documented == {"target", *context}
