"""Markdown that explodes is counted before it is parsed, and shown as it was written (T38)."""

from __future__ import annotations

from typing import Final

import pytest

from upshot.report.markdown.defang import defang_blocks
from upshot.report.markdown.effort import MOST_OF_ONE, Effort, count_parts


def table(columns: int, rows: int, row: str = "") -> str:
    head = "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"
    return head + (row or "|" + "a|" * columns + "\n") * rows


EXPLODING: Final = {
    "500 x 500": table(500, 500),
    "3,000 x 3,000": table(3_000, 3_000, "|x|\n"),
    "20,000 columns": table(20_000, 5_000, "|x|\n"),
    "short rows": table(150, 30_000, "|x\n"),
    "images": "![" * 200_000,
    "brackets": "[" * 50_000 + "]" * 50_000,
    "emphasis": "*_" * 50_000,
    "strong": "a**b" * 30_000,
    "lines": "a\n" * 50_000,
    "items": "1. a\n" * 20_000,
    "headings": "# a\n" * 25_000,
    "tags": "<a " * 50_000,
    "references": "[a]: b\n" * 15_000,
    "entities": "&amp;" * 20_000,
}


@pytest.mark.parametrize("text", EXPLODING.values(), ids=EXPLODING)
def test_t38_markdown_that_explodes_is_an_excerpt_in_a_fence(text: str) -> None:
    note, excerpt = defang_blocks(text, allowed_hosts=set())
    assert "more parts than Upshot reads as Markdown" in note
    assert excerpt.startswith("```")
    assert excerpt.endswith("```")
    assert len(excerpt) < 5_000


def test_t38_depth_costs_no_more_than_length() -> None:
    for text in (">" * 50_000, "- > " * 10_000, "".join(f"{' ' * 2 * n}- a\n" for n in range(300))):
        assert len("".join(defang_blocks(text, allowed_hosts=set()))) < 2 * len(text)


HONEST: Final = (
    "# Why it failed\n\nThe *role* may not `create` **buckets**, see [the docs](https://x.example/).\n\n"
    "1. Add the statement.\n2. Run it again.\n\n| a | b | c |\n|---|---|---|\n"
    + "| 1 | 2 | 3 |\n"
    * 20
)


def test_an_honest_answer_of_fifty_thousand_characters_is_read() -> None:
    text = f"{HONEST}\n" * (50_000 // len(HONEST))
    assert count_parts(text) < MOST_OF_ONE
    assert len(defang_blocks(text, allowed_hosts=set())) > 300


def test_t38_the_texts_of_one_page_share_what_may_be_spent() -> None:
    effort, text = Effort(), HONEST * 20
    pages = [defang_blocks(text, allowed_hosts=set(), effort=effort) for _ in range(100)]
    assert len(pages[0]) == 80
    assert len(pages[-1]) == 2
    assert effort.left >= 0


def test_t9_no_secret_is_in_an_excerpt_whatever_its_end_cuts() -> None:
    secret = "corp-0123456789"
    text = "a" * 3_995 + secret + "[" * 90_000
    shown = defang_blocks(
        text, allowed_hosts=set(), redact=lambda t: t.replace(secret, "[redacted]")
    )
    assert "corp-" not in "".join(shown)
