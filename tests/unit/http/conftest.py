"""Time that passes only when it is told to, and a client whose service is a function."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from upshot.http.client import ServiceClient
from upshot.http.service import Service
from upshot.secret import Secret
from upshot.timing import Deadline

BUILDER = Service(
    name="The builder",
    address_input="builder-url",
    token_input="builder-key",
    auth={"apikey": "{}", "Authorization": "Bearer {}"},
    warning_header="x-builder-warning",
    request_id_header="x-builder-request",
    status_page="https://status.builder.example",
)
"""A service that is not Pulumi Cloud: whatever `upshot.http` does, it does for any."""


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


Answers = Callable[[httpx.Request], httpx.Response]
MakeClient = Callable[..., ServiceClient]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_client(clock: FakeClock) -> MakeClient:
    def make(
        answers: Answers,
        *,
        service: Service = BUILDER,
        base_url: str = "https://api.builder.example",
        token: str = "key-0123456789abcdef",
        within_s: float = 300.0,
        on_warning: Callable[[str], None] | None = None,
    ) -> ServiceClient:
        return ServiceClient(
            base_url,
            Secret(token) if token else None,
            service=service,
            clock=clock,
            deadline=Deadline.after(clock, within_s),
            on_warning=on_warning,
            http=httpx.MockTransport(answers),
        )

    return make
