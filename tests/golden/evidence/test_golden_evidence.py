"""What people see of evidence of the corpus: read, diagnosed, judged and rendered as a run does it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from tests.golden.report.scenarios import MADE_AT, NOBODY_ASKED, RUN
from tools.corpus import load_corpus, run_case

from upshot.inputs.values import PolicyInputs
from upshot.report.build import RunContext, build_report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.subject import subject_from_links
from upshot.verdict.decide import decide

FOLDER: Final = Path(__file__).parent
CORPUS: Final = Path(__file__).parents[2] / "corpus" / "own.jsonl"
CASES: Final = {case.id: case for case in load_corpus(CORPUS)}
GOLDEN: Final = (
    "events-eks-403",
    "events-ok",
    "events-policy",
    "many-cascades",
    "protected-many",
    "diff-update",
    "config-java",
)


@pytest.mark.parametrize("name", GOLDEN)
def test_comment_about_evidence_is_the_golden_one(name: str) -> None:
    case = CASES[name]
    result = run_case(case, CORPUS.parent)
    source = "events-file" if case.events_file else "log-file"
    facts = replace(result.facts, sources=(source,))
    redactor = Redactor(())
    report = build_report(
        facts,
        result.diagnosis,
        reply=NOBODY_ASKED,
        verdict=decide(facts, NOBODY_ASKED, policy=PolicyInputs()),
        subject=subject_from_links(facts.links, {"https://app.pulumi.com"}),
        context=RunContext(RUN, MADE_AT),
        redactor=redactor,
    )
    text = Renderer(redactor=redactor).comment(report).text
    path = FOLDER / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(GOLDEN)
