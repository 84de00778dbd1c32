"""The evaluation keeps its file format, and the published table says what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.corpus import Case, load_corpus
from tools.evaluate import DOCS, OWN_CORPUS, evaluate, main, render_table

KEYS = {
    "cases",
    "outcome_accuracy",
    "class_accuracy",
    "class_accuracy_primary",
    "failed_precision",
    "failed_recall",
    "root_cause_found",
    "status_code_accuracy",
    "error_code_accuracy",
    "source_location_accuracy",
    "invented",
    "advice_right",
    "advice_wrong",
    "advice_missing",
    "root_cause_kept",
    "root_cause_kept_plain_cut",
    "seconds_per_case",
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return load_corpus(OWN_CORPUS)


@pytest.fixture(scope="module")
def score() -> dict[str, object]:
    return evaluate(OWN_CORPUS)[0]


def test_the_corpus_is_broad(cases: list[Case]) -> None:
    languages = {trait for case in cases for trait in case.traits if trait.startswith("lang:")}
    assert len(cases) >= 60
    assert len({case.id for case in cases}) == len(cases)
    assert len({case.failure_class for case in cases}) >= 25
    assert len({case.provider for case in cases} - {"", "engine", "program"}) >= 8
    assert len(languages) >= 5
    assert any(case.events_file for case in cases)


def test_labels_are_in_the_evidence(cases: list[Case]) -> None:
    for case in cases:
        if not case.log:
            continue
        for resource in case.failed:
            assert resource.name in case.log, case.id
        assert (case.root_cause_line or "") in case.log, case.id
        assert (case.error_code or "") in case.log, case.id


def test_the_published_table_is_current(score: dict[str, object], cases: list[Case]) -> None:
    table = render_table(score, cases)
    assert table in DOCS.read_text(encoding="utf-8"), "python -m tools.evaluate --write-docs"


def test_the_corpus_stays_solved(score: dict[str, object]) -> None:
    assert score["invented"] == 0
    for key in ("outcome_accuracy", "class_accuracy", "root_cause_kept"):
        share = score[key]
        assert isinstance(share, float)
        assert share >= 0.97, key


def test_the_file_has_the_agreed_keys_each_a_number(tmp_path: Path) -> None:
    corpus, out = tmp_path / "one.jsonl", tmp_path / "build" / "eval.json"
    case = {"id": "a", "log": "error: nonsense\n", "outcome": "failed", "class": "not-found"}
    corpus.write_text(json.dumps(case) + "\n", encoding="utf-8")
    assert main([str(corpus), "--out", str(out)]) == 0
    written = json.loads(out.read_text(encoding="utf-8"))
    assert set(written) == KEYS | {"misses"}
    assert all(isinstance(written[key], int | float) for key in KEYS)
    assert written["class_accuracy"] == 0
    assert any(miss["case"] == "a" for miss in written["misses"])
