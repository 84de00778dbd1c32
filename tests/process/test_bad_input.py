"""What only the workflow's author can mend: exit 1, one `::error` a problem, nothing asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.process.conftest import Start


STOPS: list[dict[str, str]] = [
    {"mode": "explian"},
    {"update-url": "https://app.pulumi.com/acme/shop"},
    {"update-url": "not an address"},
    {"update-url": "https://app.pulumi.com.evil.example/acme/shop/prod/updates/41"},
    {"mode": "ask", "prompt-file": "not-there.md"},
    {"log-file": "../../etc/passwd"},
    {"events-file": "/etc/passwd"},
    {"template-file": "../outside.j2"},
    {"template-file": "not-there.j2"},
    {"replay-file": "not-there.jsonl"},
    {"backend": "gpt"},
    {"pulumi-access-token": "pul-0123456789abcdef0123\nsecond line"},
    {"requested-token-type": "admin"},
    {"cloud-url": "http://api.example.com"},
    {"console-url": "ftp://app.example.com"},
    {"pr-number": "seven"},
    {"dry-run": "perhaps"},
    {"comment-mode": "loud"},
    {"approval-mode": "never"},
    {"permission-mode": "root"},
    {"plan-mode": "sometimes"},
    {"mask-patterns": "("},
]
GOES_ON: list[dict[str, str]] = [
    {"stack-name": "acme/shop/prod/more"},
    {"stack-name": "a b"},
    {"timeout": "soon"},
    {"max-wait": "-5"},
    {"job-summary": "maybe"},
    {"annotations": "few"},
    {"comment-key": "a b/c"},
    {"comment-on": "monday"},
    {"notify-on": "always"},
    {"commit-status": "x" * 101},
    {"fail-on": "weather"},
    {"risk-threshold": "none"},
    {"outcome": "fine"},
    {"conversation": "perhaps"},
    {"strict": "very"},
]


@pytest.mark.parametrize("inputs", STOPS, ids=", ".join)
def test_what_could_do_harm_or_waste_stops_before_anything(
    start: Start, inputs: dict[str, str]
) -> None:
    result = start("failed-update").run(inputs=inputs)
    assert result.exit_code == 1
    (error,) = result.errors
    assert list(inputs)[-1] in error
    assert result.requests == ()
    assert result.outputs["reason-code"] == "bad-input"


@pytest.mark.parametrize("inputs", GOES_ON, ids=", ".join)
def test_a_wrong_word_does_not_cost_the_report(start: Start, inputs: dict[str, str]) -> None:
    (name,) = inputs
    job = start("failed-update", files={"pulumi.log": "@console"})
    result = job.run(inputs={"log-file": "pulumi.log", **inputs})
    assert result.exit_code == 1
    problems = [error for error in result.errors if error.startswith("input ")]
    assert len(problems) == 1
    assert f"'{name}'" in problems[0]
    assert result.outputs["reason-code"] == "bad-input"
    assert result.outputs["verdict"] == "failed"
    (comment,) = result.comments
    assert f"input '{name}'" in comment
    assert "the default was used" in comment


def test_nothing_to_look_at_is_one_error_with_the_lines_to_add(start: Start) -> None:
    nothing = {"stack-name": "", "log-file": "", "events-file": "", "update-url": ""}
    result = start("failed-update").run(inputs=nothing)
    assert result.exit_code == 1
    (error,) = result.errors
    assert "log-file: pulumi.log" in error
    assert result.requests == ()
    assert result.outputs["verdict"] == "unknown"


def test_every_problem_is_reported_at_once(start: Start) -> None:
    bad = {"stack-name": "a b", "timeout": "soon", "comment-mode": "loud", "pr-number": "0"}
    result = start("failed-update").run(inputs=bad)
    assert result.exit_code == 1
    assert len(result.errors) == 4
    for name, error in zip(sorted(bad), sorted(result.errors), strict=True):
        assert name in error


def test_t34_a_broken_secret_is_not_shown(start: Start) -> None:
    token = "pul-0123456789abcdef0123"
    result = start("failed-update").run(inputs={"pulumi-access-token": f"{token}\nhidden part"})
    told = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    assert not any(token in line or "hidden part" in line for line in told)


def test_a_misspelled_input_gets_a_suggestion(start: Start) -> None:
    result = start("no-changes").run(inputs={"stak-name": "x"})
    assert result.exit_code == 0
    assert any("stack-name" in warning for warning in result.warnings)


def test_an_event_that_cannot_be_read_is_an_error_of_its_own(start: Start) -> None:
    job = start("failed-update")
    result = job.run(event=b'{"pull_request": {"number": ')
    assert result.exit_code == 1
    assert len(result.errors) == 1
    assert result.outputs["reason-code"] == "bad-event"
    assert result.requests == ()


@pytest.mark.parametrize("name", ["log-file", "events-file"])
def test_an_evidence_file_that_was_never_written_is_bad_luck(start: Start, name: str) -> None:
    result = start("failed-update").run(inputs={name: "never-written.log"})
    assert result.exit_code == 0
    assert any(name in warning for warning in result.warnings)
    assert "iam:CreateRole" in result.comments[0]


def test_a_stack_that_is_not_there_is_bad_luck(start: Start) -> None:
    result = start("failed-update").run(inputs={"stack-name": "acme/shop/elsewhere"})
    assert result.exit_code == 0
    assert result.outputs["reason-code"] == "no-subject"
    assert result.warnings
