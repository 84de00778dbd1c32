"""Reports that other jobs have stored: an artifact of a fork's run says what it likes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace
from tests.process.conftest import Start
from tests.security.leaks import tells
from tests.security.page import faults_of_report
from tests.security.world import ATTACKS, LEAKS, SECRET, all_sinks, hostile, markdown_sinks

from upshot_sandbox.runner import RunResult
from upshot_sandbox.scenario import load_scenario

HOSTS = {"app.pulumi.com", "www.pulumi.com", "github.com"}
# What a reader of ours checks: another value there, and the file is refused as a whole.
_CHECKED_TEXT = (
    "type kind outcome status backend reason_code sha run_id run_attempt organization project stack "
    "update_id operation severity risk_level plans"
)
CHECKED = frozenset(_CHECKED_TEXT.split())


def poisoned(value: Any, texts: Iterator[str]) -> Any:
    """The same report with something hostile wherever a text may be anything."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, list):
        return [poisoned(item, texts) for item in value]
    if isinstance(value, Mapping):
        return {
            name: item
            if name in CHECKED and not isinstance(item, Mapping)
            else poisoned(item, texts)
            for name, item in value.items()
        }
    return value


def endless() -> Iterator[str]:
    while True:
        yield from ATTACKS.values()
        yield from LEAKS


@pytest.fixture(scope="session")
def joined(start: Start) -> RunResult:
    """One good report, one that is poisoned, and files that are no reports."""
    stored = start(hostile()).run().machine.temp / "upshot" / "default" / "report.json"
    good = stored.read_bytes()
    files = {
        "reports/good/report.json": good,
        "reports/poisoned/report.json": json.dumps(poisoned(json.loads(good), endless())).encode(),
        "reports/deep/report.json": b"[" * 300_000,
        "reports/empty/report.json": b"",
        "reports/other/report.json": b'{"run":{"sha":"::error::evil"}}',
        "reports/huge/report.json": b'"' + b"x" * 9_000_000 + b'"',
        "reports/::error::evil/report.json": b"##[error]evil",
    }
    inputs = {"mode": "collect", "reports-folder": "reports", "transcript-file": "t.jsonl"}
    env = {"AWS_SECRET_ACCESS_KEY": SECRET}
    scenario = replace(load_scenario("log-only"), inputs=inputs, env=env)
    return start(scenario).run(files=files)


def test_t36_what_is_no_report_is_counted_and_left_out(joined: RunResult) -> None:
    assert joined.exit_code == 0
    assert any(said.startswith("5 of the reports") for said in joined.warnings)
    assert joined.outputs["verdict"] == "failed"


def test_t36_t14_to_t22_a_poisoned_report_acts_on_no_page(joined: RunResult) -> None:
    found = {
        name: faults_of_report(text, hosts=HOSTS, stacks=7)
        for name, text in markdown_sinks(joined).items()
    }
    assert found == {name: [] for name in found}


def test_t36_t1_t9_a_poisoned_report_runs_no_command_and_shows_no_secret(
    joined: RunResult,
) -> None:
    assert {command.name for command in joined.commands} <= {"add-mask", "warning", "error"}
    sinks = all_sinks(joined)
    assert {name: told for name, text in sinks.items() if (told := tells(text, SECRET))} == {}
