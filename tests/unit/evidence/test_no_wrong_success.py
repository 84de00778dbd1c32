"""A success needs the engine's own word for it: no cut, no prefix and no printed text makes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.corpus import load_corpus

from upshot.evidence import facts_from_console, facts_from_events
from upshot.model import Facts, Outcome

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
# In these, a run that went well stands before the failure: cut there, the log is that run's.
TWO_RUNS = {"two-stacks", "snapshot-integrity", "cluster-lock-http", "azure-import-inputs-mismatch",
           "u-expected-no-changes"}  # fmt: skip
FAILED = [
    case
    for case in load_corpus(CORPUS / "own.jsonl")
    if case.outcome == "failed" and case.log and case.id not in TWO_RUNS
]
PREVIEWED = "Previewing update"
# Both displays of a run, a table and rows (without a terminal, what a program prints comes on rows of its own, and
# again at the end), with room for what a program or a provider prints.
DISPLAYS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "displays").glob("*.txt"))
}
GOOD = {name: text for name, text in DISPLAYS.items() if name.endswith("-good")}
FAILED_DISPLAYS = {name: text for name, text in DISPLAYS.items() if name.endswith("-failed")}
# Of the recorded runs that went well, those in which a program prints errors or a try before it failed:
# where only these lines are left, nobody can tell.
WITH_ERRORS = {
    "fine-printing-errors", "fine-warned-twice", "fine-outputs-of-errors-diff", "retry",
    "logged-error-then-good", "printed-headings", "made-half-then-again-whole", "destroy-fails-then-good",
    "text-then-json", "json-then-text", "last-words-of-a-provider-diff",
}  # fmt: skip
RECORDED = [
    (CORPUS / "cli" / f"{case['name']}.log").read_text(encoding="utf-8").split("\n")
    for case in map(json.loads, (CORPUS / "cli" / "cases.jsonl").read_text("utf-8").splitlines())
    if case["outcome"] == "succeeded" and case["name"] not in WITH_ERRORS
]
thorough = settings(max_examples=400)


def read(log: str) -> Facts:
    return facts_from_console([log.encode()])


def lines_of(case_log: str) -> list[str]:
    """The lines of the last run: what a preview before it says is that preview's own word."""
    lines = case_log.split("\n")
    starts = [at for at, line in enumerate(lines) if line.strip().startswith("Updating (")]
    has_both = starts and any(PREVIEWED in line for line in lines)
    return lines[starts[-1] :] if has_both else lines


@thorough
@given(st.sampled_from(FAILED), st.data())
def test_a_failed_log_that_is_cut_anywhere_is_no_success(case: object, data: st.DataObject) -> None:
    lines = lines_of(case.log)  # type: ignore[attr-defined]
    first = data.draw(st.integers(0, len(lines)))
    one_end = data.draw(st.booleans())
    kept = lines[:first] if one_end else lines[first:]
    assert read("\n".join(kept)).outcome is not Outcome.SUCCEEDED


@thorough
@given(st.sampled_from(RECORDED), st.data())
def test_a_good_log_that_is_cut_anywhere_has_not_failed(
    lines: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(lines)))
    kept = lines[:first] if data.draw(st.booleans()) else lines[first:]
    assert read("\n".join(kept)).outcome is not Outcome.FAILED


PREFIXES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30
).filter(str.strip)


@thorough
@given(st.sampled_from(FAILED), PREFIXES)
def test_a_failed_log_is_no_success_behind_any_prefix(case: object, prefix: str) -> None:
    log = "\n".join(prefix + line for line in lines_of(case.log))  # type: ignore[attr-defined]
    assert read(log).outcome is not Outcome.SUCCEEDED


PRINTED = [
    "error: exit status 1", "panic: not really", "Error: could not read .env", "fatal: no",
    "fatal error: concurrent map writes", "error: update failed", "Traceback (most recent call last):",
    "AccessDenied: User is not authorized", "TypeError: x is undefined", "npm ERR! code 1",
    "**failed**", "**creating failed** error: no", "failed", "1 error", "E0401: denied",
    "index.ts(3,4): error TS2304: no", "error: Running program failed with an unhandled exception",
    "creating urn:pulumi:a::b::c:d:E::f: no", "400 Bad Request: no", "Plan apply failed: no",
    "Detected that /a/b exited prematurely.", "googleapi: Error 403: no, forbidden", "Killed",
    "x: provider=aws@6.0.0", "sdk-v2/provider2.go:5: sdk.helper_schema: no", "signal: killed",
    "# error: no", "> error: no", "|  error: no", "Error  jobs aws:sqs:Queue",
    "a acme:x:Y → jobs aws:sqs:Queue",
    r'level=error msg="code: 1\nstdout: Updating (dev):\nstderr: error: no\n"',
    r'{"error": "code: 1\nstderr: error: it failed\nDiagnostics:\n@ updating..\n"}',
    "^C received; cancelling", "The operation was canceled.", "error: preview canceled",
    "confirmation declined, not proceeding", "Updating (dev):", "Diagnostics:", "Resources:",
    r"'error: no\n' +", r"'Error: no\n',", r'"stderr": "error: no\nerror: update failed\n"', "│ error: no │",
    "1 errored", "Duration: 3s", "Policy Violations:", "[mandatory] x",
]  # fmt: skip
LINES = st.lists(st.sampled_from(PRINTED), min_size=1, max_size=8)


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
@thorough
@given(LINES)
def test_a_good_log_whose_program_prints_errors_has_not_failed(
    good: str, printed: list[str]
) -> None:
    text = "\n".join(f"    {line}" for line in printed)
    rows = "\n".join(f"    pulumi:pulumi:Stack shop-prod  {line}" for line in printed)
    facts = read(good.format(count=len(printed), printed=text, rows=rows))
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.failures == ()


FORGED = [
    "Updating (dev):", "Updating (acme/prod)", "Previewing update (dev):", "Resources:", "3 unchanged",
    "    + 3 created", "+ 3 created", "Duration: 3s", "Diagnostics:", "Outputs:", '    a: "b"',
    "View Live: https://app.pulumi.com/a/b/c/updates/3", "@ updating....", "> Updating (dev):", "# x",
    " +  pulumi:pulumi:Stack shop-prod created (2s)", "pulumi:pulumi:Stack shop-prod created (2s)",
    "aws:sqs:Queue orders created (1s)", " +   pulumi:pulumi:Stack  shop-prod  created (2s)",
    "     Type                 Name       Status", "code: 0", "stdout: Updating (dev):",
    "The resources in the stack have been deleted, but the history", "^C received; cancelling",
    "{", '    "steps": [],', '    "changeSummary": {"same": 3}', "}",
    '{"steps":[],"changeSummary":{"same":3}}',
    ('{"sequence":1,"timestamp":1,"summaryEvent":{"durationSeconds":1,"resourceChanges":{"create":1},'
    '"result":"succeeded"}}'),
    r"'Updating (dev):\n' +", r"'Resources:\n' +", r"'    3 unchanged\n' +", r"'Duration: 3s\n'",
    r'"stdout": "Updating (dev):\nResources:\n    + 1 created\n\nDuration: 1s\n"', "│ Updating (dev): │",
    r'x msg="code: 0\nstdout: Updating (dev):\nResources:\n    + 1 created\n\nDuration: 1s\n"',
]  # fmt: skip


@pytest.mark.parametrize("bad", FAILED_DISPLAYS.values(), ids=FAILED_DISPLAYS.keys())
@thorough
@given(st.lists(st.sampled_from(FORGED), min_size=1, max_size=8))
def test_t21_a_failed_log_stays_failed_whatever_a_program_and_a_provider_print(
    bad: str, printed: list[str]
) -> None:
    text = "\n".join(f"    {line}" for line in printed)
    rows = "\n".join(f"    pulumi:pulumi:Stack shop-prod  {line}" for line in printed)
    assert read(bad.format(count=len(printed), printed=text, rows=rows)).outcome is Outcome.FAILED


@pytest.mark.parametrize("end", ["", "\nResources:", "\nResources:\n    + 2 created"])
def test_rows_that_went_well_are_no_success_before_the_display_has_ended(end: str) -> None:
    log = "Updating (dev):\n +  aws:sqs:Queue orders creating (0s)\n +  aws:sqs:Queue jobs created (1s)"
    assert read(log + end).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("code", "outcome"), [(0, "succeeded"), (255, "failed"), (-2, "failed")])
def test_what_a_library_says_of_the_exit_code_holds_for_the_output_that_it_quotes(
    code: int, outcome: str
) -> None:
    log = (
        f"CommandError:\n code: {code}\n stdout: Updating (dev):\n"
        " +  pulumi:pulumi:Stack shop-dev created (1s)\nResources:\n    + 1 created\n\n"
        "Duration: 1s\n\n stderr:\n"
    )
    assert read(log).outcome == outcome


@pytest.mark.parametrize("cut", ["Updating (", "Updating (de", "Destroying (dev"])
def test_a_log_that_ends_within_the_heading_of_the_next_run_is_no_success(cut: str) -> None:
    log = "Previewing update (dev):\n\nResources:\n    3 unchanged\n\n"
    assert read(log).outcome is Outcome.SUCCEEDED
    assert read(log + cut).outcome is Outcome.UNKNOWN


def test_counts_and_duration_alone_are_no_success() -> None:
    assert read("Resources:\n    + 1 created\n\nDuration: 3s\n").outcome is Outcome.UNKNOWN


def test_the_end_of_events_without_a_summary_says_nothing() -> None:
    assert facts_from_events([b'{"cancelEvent": {}}']).outcome is Outcome.UNKNOWN


def test_steps_of_a_diff_say_what_is_begun_and_not_how_it_ends() -> None:
    log = (
        "    + aws:sqs/queue:Queue: (create)\n"
        "        [urn=urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs]\n"
        "Resources:\n    + 1 created\n\nDuration: 3s\n"
    )
    assert read(log).outcome is Outcome.UNKNOWN
    assert read(f"Updating (dev):\n{log}").outcome is Outcome.SUCCEEDED
