"""A GitHub on loopback, and a clock that does not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from msgspec.structs import replace

from upshot.event import parse_addresses
from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Receipt, Stamp
from upshot.publish.comment.marker import Marker, build_marker
from upshot.publish.comment.plan import Draft
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.thread import Thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import connect
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import GitHubPlan, Scenario
from upshot_sandbox.server import Sandbox


class FakeClock:
    """Time passes only in `sleep`."""

    def __init__(self) -> None:
        self.at_s = 1_795_000_000.0
        self.slept: list[float] = []
        self.wake: Callable[[], None] = lambda: None
        """What happens in the world during a `sleep`."""

    def monotonic(self) -> float:
        return self.at_s

    def now(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at_s += seconds
        self.wake()


class World:
    """One sandbox, one client, and words for what the tests do."""

    def __init__(self, sandbox: Sandbox, github: GitHub, clock: FakeClock) -> None:
        self.sandbox = sandbox
        self.github = github
        self.clock = clock
        self.state = sandbox.world.github

    @property
    def sent(self) -> list[str]:
        """`METHOD /path` of each request, in order."""
        return [request.line for request in self.sandbox.world.journal.requests]

    @property
    def bodies(self) -> list[str]:
        """What the action's comments say now."""
        return [comment.body for comment in self.state.by_bot()]

    def fail(self, route: str, status: int = 503, *nth: int, **more: object) -> None:
        self.sandbox.world.faults.add(
            Fault(route, FaultKind.STATUS, nth=nth, status=status, **more)  # type: ignore[arg-type]
        )

    def lose_reply(self, route: str, *nth: int) -> None:
        self.sandbox.world.faults.add(Fault(route, FaultKind.LOSE_REPLY, nth=nth))

    def marker(
        self, *, run: int = 100, attempt: int = 1, sha: str = "", key: str = "prod", **more: str
    ) -> Marker:
        known = {"sha": sha or self.state.head_sha, "verdict": "failed", "digest": "d1"} | more
        stamp = Stamp(run=str(run), attempt=attempt, started=1_700_000_000 + run)
        stamp = replace(stamp, **known)
        return build_marker(key, stamp)

    def publish(
        self,
        text: str = "It failed.",
        *,
        mode: str = "update",
        marker: Marker | None = None,
        thread: Thread | None = None,
        is_fork: bool = False,
        is_due: bool = True,
        notice: str = "",
    ) -> Receipt:
        draft = Draft(text, marker or self.marker(), is_due=is_due, notice=notice)
        pull = PullRequest(7, head_sha=self.state.head_sha, is_fork=is_fork)
        return publish_comment(self.github, pull, draft, mode=CommentMode(mode), thread=thread)


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Starts a sandbox; keywords are those of `GitHubPlan`."""
    with ExitStack() as stack:

        def make(*, timeout_s: float = 600.0, **plan: object) -> World:
            scenario = Scenario("a test", github=GitHubPlan(**plan))  # type: ignore[arg-type]
            sandbox = stack.enter_context(Sandbox(scenario))
            clock = FakeClock()
            github = connect(
                Secret(sandbox.world.github.workflow_token or "ghs_unknown"),
                parse_addresses(sandbox.github_url),
                repository="acme/shop",
                deadline=Deadline.after(clock, timeout_s),
                jitter=lambda: 0.5,
            )
            stack.callback(github.close)
            return World(sandbox, github, clock)

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
