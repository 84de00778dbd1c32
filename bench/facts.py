"""From the start of the process to the comment with the facts, when the AI takes its time.

The AI takes 20 s, then none; GitHub and Pulumi Cloud answer at once. A slow AI costs one write more
than a fast one: the facts first, then the explanation.
"""

from __future__ import annotations

import sys
import time
from typing import Final

from bench.action import Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Loopback
from bench.post_ai import Services

SLOW_S: Final = 20.0
MOST_S: Final = 1.5
WRITES_SLOW: Final = 2
WRITES_FAST: Final = 1
_TOKEN: Final = "pul-" + "0" * 40


class Patience:
    """How long the AI takes; everything else takes no time."""

    ai_s = 0.0

    def __call__(self, line: str) -> float:
        return self.ai_s if "/api/ai/" in line else 0.0


def measure(step: Step, server: Loopback, *, run_id: int) -> tuple[int, float]:
    """Writes of our comment, and seconds from the start to the end of the first one."""
    server.exchanges.clear()
    started = time.perf_counter()
    step.run(
        env={"GITHUB_RUN_ID": str(run_id)},
        github_token="ghs_bench0000000000000000",
        pulumi_access_token=_TOKEN,
        outcome="failure",
    )
    writes = [
        exchange
        for exchange in server.exchanges
        if "/comments" in exchange.line and exchange.line.startswith(("POST", "PATCH"))
    ]
    return len(writes), writes[0].answered_s - started


def main() -> int:
    services, patience = Services(), Patience()
    with Loopback(services.answer, round_trip_s=patience) as server:
        services.thread.url = server.url
        python = interpreter().python
        # A job each: where a job's earlier step has left a result, our comment is read before an AI is
        # asked, since it may hold the answer.
        with Step(python, cloud_url=server.url, github_url=server.url) as step:
            services.thread.begin(100)
            writes_fast, _ = measure(step, server, run_id=1_001)
        patience.ai_s = SLOW_S
        with Step(python, cloud_url=server.url, github_url=server.url) as step:
            services.thread.begin(100)
            writes_slow, facts_s = measure(step, server, run_id=1_002)
    note = f"an AI of {SLOW_S:.0f} s"
    return hand_over(
        [
            Figure("facts.time", round(facts_s, 2), MOST_S, "s", note),
            Figure("facts.writes_slow", writes_slow, WRITES_SLOW, note=note),
            Figure(
                "facts.writes_fast", writes_fast, WRITES_FAST, note="an AI that answers at once"
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
