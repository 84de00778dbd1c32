"""Parallel jobs into one comment over real sockets: nothing may be lost, nothing may be doubled.

Each job is a thread with a client of its own against the loopback GitHub, and reads the thread
some time before it publishes, as it does while an AI answers. Time runs faster than on the wall,
so a job that watches its section for eight seconds takes one.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from typing import Final

from bench.figures import Figure, hand_over
from msgspec import Struct

from upshot.event import parse_addresses
from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Receipt, ReceiptStatus, Section
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft, Share
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.sections import parse_sections
from upshot.publish.comment.thread import read_thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import connect
from upshot.report.rollup import assemble
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.scenario import GitHubPlan, Scenario
from upshot_sandbox.server import Sandbox

SIZES: Final = (2, 10, 40)
SPEED: Final = 6.0
LONGEST_ASK_S: Final = 8.0
TIMEOUT_S: Final = 600.0
KEY: Final = "bench"


class QuickClock:
    """Time that passes `speed` times as fast as on the wall."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._now = time.time()

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._speed

    def now(self) -> float:
        return self._now + self.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds) / self._speed)


class Played(Struct, frozen=True):
    """What became of one matrix; times are in the jobs' own seconds."""

    stacks: int
    comments: int
    lost: int
    doubled: int
    failed_jobs: int
    requests_per_job: float
    seconds: float


def section(n: int, sha: str) -> Section:
    """One stack's part, of the size of a short report."""
    verdict = ("failed", "succeeded", "no-changes")[n % 3]
    return Section(
        stack=f"acme/shop/s{n:02}",
        run="19283746501",
        attempt=1,
        sha=sha,
        started=1_795_000_000,
        verdict=verdict,
        digest=f"digest-{n}",
        cells={"kind": "update", "create": str(n)},
        text=f"### Stack {n}\n\n" + "One line of its report.\n\n" * 40,
    )


class Job(threading.Thread):
    """One job of the matrix."""

    def __init__(self, sandbox: Sandbox, clock: QuickClock, n: int) -> None:
        super().__init__(name=f"job-{n}", daemon=True)
        self._sandbox = sandbox
        self._clock = clock
        self._n = n
        self._chance = random.Random(n)
        self.receipt: Receipt | None = None

    def run(self) -> None:
        state = self._sandbox.world.github
        github = self._connect()
        self._clock.sleep(self._chance.uniform(0.0, 2.0))
        thread = read_thread(github, 7, key=KEY)
        self._clock.sleep(self._chance.uniform(0.0, LONGEST_ASK_S))
        pull = PullRequest(7, head_sha=state.head_sha)
        draft = _draft(section(self._n, state.head_sha))
        self.receipt = publish_comment(github, pull, draft, mode=CommentMode.UPDATE, thread=thread)
        github.close()

    def _connect(self) -> GitHub:
        return connect(
            Secret(self._sandbox.world.github.workflow_token),
            parse_addresses(self._sandbox.github_url),
            repository="acme/shop",
            deadline=Deadline.after(self._clock, TIMEOUT_S),
            jitter=self._chance.random,
        )


def _draft(mine: Section) -> Draft:
    return Draft(mine.text, build_marker(KEY, mine), share=Share(mine, assemble))


def play(stacks: int, *, speed: float = SPEED) -> Played:
    """Runs one matrix on a pull request without a comment."""
    with Sandbox(Scenario("a matrix", github=GitHubPlan())) as sandbox:
        clock = QuickClock(speed)
        jobs = [Job(sandbox, clock, n) for n in range(stacks)]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        seconds = clock.monotonic()
        bodies = [comment.body for comment in sandbox.world.github.by_bot()]
        requests = len(sandbox.world.journal.requests)
    found = [part.stack for body in bodies for part in parse_sections(body)]
    done = [job.receipt for job in jobs]
    return Played(
        stacks=stacks,
        comments=len(bodies),
        lost=stacks - len(set(found)),
        doubled=len(found) - len(set(found)),
        failed_jobs=sum(r is None or r.status is not ReceiptStatus.POSTED for r in done),
        requests_per_job=round(requests / stacks, 1),
        seconds=round(seconds, 1),
    )


def figures_of(played: Played) -> list[Figure]:
    name = f"matrix.{played.stacks}"
    note = (
        f"{played.requests_per_job} requests a job; {played.seconds:.0f} s until the last is done"
    )
    return [
        Figure(f"{name}.comments", played.comments, 1, note=note),
        Figure(f"{name}.lost", played.lost, 0),
        Figure(f"{name}.doubled", played.doubled, 0),
        Figure(f"{name}.failed_jobs", played.failed_jobs, 0),
    ]


def main() -> int:
    return hand_over([figure for stacks in SIZES for figure in figures_of(play(stacks))])


if __name__ == "__main__":
    sys.exit(main())
