"""Time that passes only when it is told to, and a client whose service is a function."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from upshot.http.client import ServiceClient
from upshot.secret import Secret
from upshot.timing import Deadline


class FakeClock:
    """Sleeping takes no time and moves the clock."""

    def __init__(self) -> None:
        self.at_s = 1_000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at_s

    def now(self) -> float:
        return 1_763_719_200.0 + self.at_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at_s += seconds


Service = Callable[[httpx.Request], httpx.Response]
MakeClient = Callable[..., ServiceClient]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_client(clock: FakeClock) -> MakeClient:
    def make(
        service: Service,
        *,
        base_url: str = "https://api.pulumi.com",
        token: str = "pul-0123456789abcdef",
        within_s: float = 300.0,
        console: str = "",
    ) -> ServiceClient:
        return ServiceClient(
            base_url,
            Secret(token) if token else None,
            clock=clock,
            deadline=Deadline.after(clock, within_s),
            console=console,
            http=httpx.MockTransport(service),
        )

    return make
