"""The gate's verifier against a second judge, on random histories of a pull request.

100,000 of them, the same ones each time; the tests run the first of them. A false approval or a
disagreement names its seed: `python -m bench.work.gate SEED` shows both opinions of it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Final

from bench.figures import Figure, hand_over
from tests.unit.gate.histories import make_history, read
from tests.unit.gate.naive import judge

from upshot.gate.decision import State
from upshot.gate.verify import verify

HISTORIES: Final = 100_000


def compare(seed: int) -> tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]]:
    """(state, who approved where it is approved), by the verifier and by the second judge."""
    world, policy, reading = make_history(seed)
    decision = verify(read(world, reading), policy, world.request())
    people = decision.people if decision.state is State.APPROVED else ()
    return (decision.state.value, people), judge(world, policy, reading)


def main() -> int:
    states: Counter[str] = Counter()
    false_approvals, disagreements = [], []
    started = time.monotonic()
    for seed in range(HISTORIES):
        ours, naive = compare(seed)
        states[naive[0]] += 1
        if ours != naive:
            disagreements.append(seed)
            if ours[0] == "approved":
                false_approvals.append(seed)
    took_s = time.monotonic() - started
    shares = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
    figures = [
        Figure("gate.false-approvals", len(false_approvals), 0, note=_seeds(false_approvals)),
        Figure("gate.disagreements", len(disagreements), 0, note=_seeds(disagreements)),
        Figure("gate.histories", HISTORIES, note=f"{shares}; {took_s:.0f} s"),
    ]
    return hand_over(figures)


def _seeds(seeds: list[int]) -> str:
    return f"seeds {', '.join(map(str, seeds[:9]))}" if seeds else ""


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(*compare(int(sys.argv[1])), sep="\n")
    else:
        sys.exit(main())
