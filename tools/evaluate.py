"""Runs the offline diagnosis over a labelled corpus and says how often it is right.

A tool for development: not part of the package, not in the image.

    python -m tools.evaluate [corpus.jsonl] [--out build/eval.json] [--write-docs]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from tools.corpus import Case, Result, load_corpus, run_case
from tools.scoring import Miss, judge

ROOT: Final = Path(__file__).resolve().parents[1]
OWN_CORPUS: Final = ROOT / "tests" / "corpus" / "own.jsonl"
DOCS: Final = ROOT / "docs" / "evaluation.md"

_BLOCK = re.compile(r"(<!-- evaluation -->\n).*?(<!-- /evaluation -->)", re.DOTALL)

ROWS: Final = {
    "outcome_accuracy": "Outcome",
    "class_accuracy": "Class, accepted alternatives included",
    "class_accuracy_primary": "Class, first label only",
    "failed_precision": "Failed resources, precision",
    "failed_recall": "Failed resources, recall",
    "root_cause_found": "Line that states the root cause",
    "status_code_accuracy": "HTTP status, where stated",
    "error_code_accuracy": "Error code, where stated",
    "source_location_accuracy": "File and line, where stated",
    "root_cause_kept": "Root cause survives the 4,000-byte cut",
    "root_cause_kept_plain_cut": "The same under a plain middle cut",
}
"""Shares in the order of the table; the other figures are counts and a time."""


def evaluate(corpus: Path) -> tuple[dict[str, object], list[Result]]:
    """The figures of build/eval.json, and what they were made from."""
    results = [run_case(case, corpus.parent) for case in load_corpus(corpus)]
    return judge(results), results


def render_table(score: Mapping[str, object], cases: Sequence[Case]) -> str:
    """The figures as Markdown; the time is left out, so that the text is the same everywhere."""
    classes, languages = {case.failure_class for case in cases}, set[str]()
    for case in cases:
        languages.update(trait[5:] for trait in case.traits if trait.startswith("lang:"))
    events = sum(bool(case.events_file) for case in cases)
    providers = {case.provider for case in cases} - {"", "engine", "program"}
    kinds = f"{len(classes)} classes, {len(providers)} providers, {len(languages)} languages"
    lines = [
        f"{len(cases)} cases ({events} of them engine events), {kinds}.",
        "",
        "| What | Right |",
        "|---|---:|",
        *(f"| {label} | {_percent(score[key])} |" for key, label in ROWS.items()),
        f"| Resources that are not in the evidence | {score['invented']} |",
        f"| First steps with the labelled values | {score['advice_right']} |",
        f"| First steps with a wrong value | {score['advice_wrong']} |",
        f"| First steps without a value, where one is labelled | {score['advice_missing']} |",
    ]
    return "\n".join(lines) + "\n"


def write_docs(table: str, page: Path = DOCS) -> None:
    """Puts the table between its markers; everything around it is written by hand."""
    text = page.read_text(encoding="utf-8")
    page.write_text(_BLOCK.sub(lambda m: f"{m[1]}{table}{m[2]}", text), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=OWN_CORPUS)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "eval.json")
    parser.add_argument("--write-docs", action="store_true", help="update docs/evaluation.md")
    options = parser.parse_args(arguments)
    score, results = evaluate(options.corpus)
    table = render_table(score, [result.case for result in results])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(score)))
    if options.write_docs:
        write_docs(table)
    print(table)
    print(f"{score['seconds_per_case']} s a case; figures and misses: {options.out}")
    for miss in msgspec.convert(msgspec.to_builtins(score["misses"]), list[Miss]):
        print(f"  {miss.case}: {miss.field}: expected {miss.expected!r}, got {miss.got!r}")
    return 0


def _percent(share: object) -> str:
    return f"{100 * share:.1f} %" if isinstance(share, float) else str(share)


if __name__ == "__main__":
    raise SystemExit(main())
