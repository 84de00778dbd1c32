"""Cutting 20,000 rows to the size of a comment: the rows, and a text that nobody measured.

The rows have characters beyond ASCII, so that all three units of GitHub's limit are counted; the
text leaves a fence and a fold open where it is cut.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from bench.figures import Figure, hand_over

from upshot.report.markdown.fit import COMMENT, Fence, Room, cut_markdown, fit_rows, size

ROWS: Final = 20_000
MOST_MS: Final = 5.0
ROUNDS: Final = 25


def least_ms(work: Callable[[], object]) -> float:
    """The quickest of the rounds: what else runs on the machine can only slow it."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken) * 1_000


def main() -> int:
    rows = [f"| 🚀 `resource-{n}` | `aws:s3/bucket:Bucket` | create |" for n in range(ROWS)]
    text = "<details>\n\n```text\n" + "\n".join(rows)
    kept = fit_rows(rows, str, Room(COMMENT)).kept
    cut = cut_markdown(text, COMMENT)
    fence = Fence()
    for line in cut.split("\n"):
        fence.reads(line)
    is_whole = size(cut).fits(COMMENT) and not fence.closer and cut.count("</details>") == 1
    assert is_whole, "the cut text is too long, or leaves something open"
    assert size("\n".join(kept)).fits(COMMENT), "too many rows"
    return hand_over(
        [
            Figure(
                "cut.rows",
                round(least_ms(lambda: fit_rows(rows, str, Room(COMMENT))), 2),
                MOST_MS,
                "ms",
                f"{ROWS:,} rows to a comment, {len(kept):,} kept",
            ),
            Figure(
                "cut.text",
                round(least_ms(lambda: cut_markdown(text, COMMENT)), 2),
                MOST_MS,
                "ms",
                f"a text of {len(text):,} characters to a comment, fence and fold closed",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
