"""All texts of a value go through a redactor, in few passes and each to its own place."""

from __future__ import annotations

import pytest
from tests.golden.report.scenarios import many_failures

from upshot.model import PolicyViolation
from upshot.report.content import map_texts
from upshot.report.redact.redact import MASK, Redactor


def test_thousands_of_texts_take_one_pass() -> None:
    passes = []

    def change(text: str) -> str:
        passes.append(len(text))
        return Redactor(()).redact(text)

    report = many_failures()
    assert map_texts(report, change) == map_texts(report, lambda text: text)
    assert len(passes) == 1


@pytest.mark.parametrize("sign", ["\u241e", "\n\n\u241e", "\n\n\u241e\n\n", "\x00", "\n\x00\n"])
def test_a_text_that_looks_like_the_line_between_two_moves_nothing(sign: str) -> None:
    value = PolicyViolation(f"a{sign}b", "pack", "mandatory", f"x{sign}")
    redactor = Redactor(())
    changed = map_texts(value, redactor.redact)
    assert (changed.pack, changed.enforcement) == ("pack", "mandatory")
    assert (changed.policy, changed.message) == tuple(
        map(redactor.redact, (value.policy, value.message))
    )


def test_a_secret_that_spans_two_texts_moves_nothing() -> None:
    begin, end = "-----BEGIN PRIVATE KEY-----\nMIIEvQ", "IBADANBg\n-----END PRIVATE KEY-----"
    value = PolicyViolation(begin, "pack", "mandatory", end)
    changed = map_texts(value, Redactor(()).redact)
    assert (changed.pack, changed.enforcement) == ("pack", "mandatory")


def test_each_text_is_redacted() -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    value = PolicyViolation(token, "pack", "mandatory", f"said {token}")
    changed = map_texts(value, Redactor(()).redact)
    assert changed.policy == MASK
    assert changed.message == f"said {MASK}"
