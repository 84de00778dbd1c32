"""Adversarial texts against their own length: twice the text, at most 2.2 times the processor time.

Every text goes where untrusted text goes: through the redactor, with patterns of a user's, through the
Markdown of a report and through the reader of console logs. Ratios, so they hold on a slow machine.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from bench.figures import Figure, hand_over, interleave

from upshot.evidence import accounts_from_console
from upshot.report.markdown.defang import defang_markdown
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

SIZE: Final = 1_000_000
"""Characters of the longer text; the shorter one is half of it."""
ROUNDS: Final = 2
ROUNDS_AGAIN: Final = 8
MOST: Final = 2.2
LEAST_MS: Final = 50.0
"""What takes less, at twice the length, is about the machine."""
_PATTERNS: Final = ("a{0,99}a{0,99}a{0,99}b", "(x+x+)+y", ".*.*.*Q", r"corp-[\w.-]+@[\w.-]+")
SEEDS: Final = {
    "words": "the bucket already exists and cannot be created again ",
    "a": "a",
    "spaces": " ",
    "lines": "\n",
    "errors": "error: it broke\n",
    "dots": "a.",
    "equals": "token=",
    "keys": '"SecretAccessKey":"',
    "begins": "ghp_eyJ.xoxb-AKIA",
    "base64": "QUFB/+",
    "at": "a@b:",
    "hex": "%61\\u0061",
    "brackets": "[](",
    "images": "![",
    "marks": "*_~",
    "cells": "|a",
    "quotes": ">",
    "tags": "<a ",
    "ticks": "` ",
    "escapes": "\x1b[2K\x1b[1A",
    "diags": "Diagnostics:\n  a:b:C (d):\n",
    "stamps": "2026-11-27T05:42:50.1234567Z ",
    "styled": "\uff41\U0001d41a",
}


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def works_on(text: str) -> dict[str, Callable[[], object]]:
    redactor = Redactor([Secret("hunter2hunter2!"), Secret("pul-" + "0a9f" * 10)], _PATTERNS)
    data = text.encode("utf-8", "replace")
    return {
        "redact": lambda: redactor.redact(text),
        "defang": lambda: defang_markdown(text, allowed_hosts={"www.pulumi.com"}),
        "console": lambda: accounts_from_console([data]),
    }


def measure(
    once: Callable[[], object], twice: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """The least seconds of each."""
    works = {"once": partial(timed, once), "twice": partial(timed, twice)}
    taken = interleave(works, rounds=rounds, warm_ups=0)
    return min(taken["once"]), min(taken["twice"])


def main() -> int:
    worst: dict[str, tuple[float, str]] = {}
    slowest: dict[str, tuple[float, str]] = {}
    for name, seed in SEEDS.items():
        long = (seed * (SIZE // len(seed) + 1))[:SIZE]
        once, twice = works_on(long[: SIZE // 2]), works_on(long)
        for kind in twice:
            once_s, twice_s = measure(once[kind], twice[kind], ROUNDS)
            if twice_s > MOST * once_s:  # the machine, or the text?
                once_s, twice_s = measure(once[kind], twice[kind], ROUNDS_AGAIN)
            slowest[kind] = max(slowest.get(kind, (0.0, "")), (twice_s * 1_000, name))
            if twice_s * 1_000 >= LEAST_MS:
                worst[kind] = max(worst.get(kind, (0.0, "")), (twice_s / once_s, name))
    return hand_over(
        [
            Figure(
                f"hostile.{kind}",
                round(value, 2),
                MOST,
                "x",
                f"twice the text, worst of {len(SEEDS)} ({name}); slowest: "
                f"{slowest[kind][0]:.0f} ms for {SIZE // 1_000_000} MB ({slowest[kind][1]})",
            )
            for kind, (value, name) in worst.items()
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
