"""What only the workflow's author can mend: exit 1, one `::error` a problem, nothing asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.process.conftest import Start


@pytest.mark.parametrize(
    "inputs",
    [
        {"stack-name": "acme/shop/prod/more"},
        {"stack-name": "a b"},
        {"update-url": "https://app.pulumi.com/acme/shop"},
        {"update-url": "not an address"},
        {"update-url": "https://app.pulumi.com.evil.example/acme/shop/prod/updates/41"},
        {"mode": "ask", "prompt-file": "not-there.md"},
        {"log-file": "../../etc/passwd"},
        {"events-file": "/etc/passwd"},
        {"template-file": "../outside.j2"},
        {"backend": "gpt"},
        {"timeout": "soon"},
        {"max-wait": "-5"},
        {"pulumi-access-token": "pul-0123456789abcdef0123\nsecond line"},
        {"cloud-url": "http://api.example.com"},
        {"job-summary": "maybe"},
        {"pr-number": "seven"},
        {"comment-key": "a b/c"},
    ],
    ids=", ".join,
)
def test_one_problem_is_one_error(start: Start, inputs: dict[str, str]) -> None:
    result = start("failed-update").run(inputs=inputs)
    assert result.exit_code == 1
    (error,) = result.errors
    assert list(inputs)[-1] in error
    assert result.requests == ()
    assert result.outputs["reason-code"] == "bad-input"


def test_every_problem_is_told_at_once(start: Start) -> None:
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
