"""Which values are taken for secrets: one judge for the runner's masks and for the redactor."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.report.redact.redact import MASK, Redactor
from upshot.runner.commands import RunnerLog
from upshot.secret import Secret, why_not_masked


def is_masked_by_the_runner(value: str) -> bool:
    log = RunnerLog(io.StringIO(), redact=str, token=lambda: "0" * 32)
    return log.mask(Secret(value))


def is_redacted(value: str) -> bool:
    return MASK in Redactor([Secret(value)]).redact(f"it is {value} here")


@pytest.mark.parametrize(
    "word", ["infrastructure", "organization", "administrator", "Kubernetes", "us-east-1", "e" * 9]
)
def test_t11_a_common_word_is_masked_by_neither(word: str) -> None:
    assert not is_masked_by_the_runner(word)
    assert not is_redacted(word)


@pytest.mark.parametrize("value", ["hunter22", "correct horse", "pässwörter"])
def test_t11_a_secret_is_masked_by_both(value: str) -> None:
    assert is_masked_by_the_runner(value)
    assert is_redacted(value)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12))
def test_t11_the_runner_and_the_redactor_agree(value: str) -> None:
    why = why_not_masked(value)
    assert is_masked_by_the_runner(value) is not bool(why)
    assert Redactor([Secret(value)]).refused == ((why,) if why and value else ())


@given(st.text(max_size=12))
def test_t09_the_reason_does_not_hold_the_value(value: str) -> None:
    why = why_not_masked(value)
    assert why == why_not_masked("x" * len(value.strip())) or "common word" in why or not why
