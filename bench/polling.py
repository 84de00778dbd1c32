"""Following a Neo task where nothing is streamed, on a virtual clock: requests, and the delay.

A task of 45 s by the count of requests; 200 tasks of log-normal length (median 45 s) by the time
that passes between a task's end and the poll that shows it. Both wires.
"""

from __future__ import annotations

import random
import statistics
import sys
from typing import Final

from bench.figures import Figure, hand_over

from upshot.backends.neo.backend import NeoBackend
from upshot.backends.neo.session import NeoSettings
from upshot.http.client import ServiceClient
from upshot.model import Outcome, Question, Run, TaskState, UpdateKind
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.neo.plan import NeoPlan, NeoStep
from upshot_sandbox.neo.virtual import VirtualClock, VirtualNeo

TASKS: Final = 200
MOST_REQUESTS: Final = 25
MOST_DELAY_S: Final = 1.3
_ROUND_TRIP_S: Final = 0.15
_MEDIAN_S: Final = 45.0


class NoEvidence:
    def cut(self, budget_bytes: int) -> str:
        return "error: boom"[:budget_bytes]


class Silent:
    """An observer that shows nothing."""

    def on_task(self, task_id: str, task_url: str) -> None: ...
    def on_event(self, line: object) -> None: ...
    def on_state(self, state: TaskState) -> None: ...


def follow(wire: str, takes_s: float) -> tuple[int, float]:
    """Requests in all, and seconds from the task's end to the reply that shows it."""
    clock = VirtualClock()
    plan = NeoPlan((NeoStep(do="final", text="Because.", after_s=takes_s),), streams=False)
    server = VirtualNeo(plan, clock, wire=wire, round_trip_s=_ROUND_TRIP_S)
    deadline = Deadline.after(clock, 86_400)
    with ServiceClient(
        "https://api.pulumi.com", Secret("pul-0123456789"), service=pulumi_cloud(), clock=clock, deadline=deadline,
        http=server,
    ) as cloud:  # fmt: skip
        backend = NeoBackend(
            cloud,
            NeoSettings(console="https://app.pulumi.com"),
            Run("acme/shop", "https://github.com", "123"),
            jitter=lambda: 0.5,
            observer=Silent(),
            nonce="n0nce",
        )
        question = Question("", "acme", None, Outcome.FAILED, UpdateKind.UPDATE, NoEvidence())
        state = backend.ask(question, on_sent=lambda: None)
    assert isinstance(state, TaskState), state
    assert state.text == "Because."
    ended_s = server.neo.tasks["task-0001"].events[-1].at_s
    asked = "/task-0001/events" if wire == "today" else "/task-0001"
    polls = [
        at_s
        for line, at_s in zip(server.lines, server.at_s, strict=True)
        if line.startswith("GET") and line.endswith(asked) and at_s >= ended_s
    ]
    return len(server.requests), polls[0] - ended_s


def main() -> int:
    figures = []
    for wire in ("today", "documented"):
        chance = random.Random(4)
        requests, _ = follow(wire, _MEDIAN_S)
        delays = [follow(wire, max(10.0, chance.lognormvariate(3.8, 0.6)))[1] for _ in range(TASKS)]
        longest = f"{TASKS} tasks; longest {max(delays):.1f} s"
        median_s = round(statistics.median(delays), 2)
        figures += [
            Figure(f"poll.{wire}.requests", requests, MOST_REQUESTS, note="a task of 45 s"),
            Figure(f"poll.{wire}.delay", median_s, MOST_DELAY_S, "s", longest),
        ]
    return hand_over(figures)


if __name__ == "__main__":
    sys.exit(main())
