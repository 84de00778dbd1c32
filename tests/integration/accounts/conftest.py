"""The sandbox's agent accounts and clients for them, on a clock on which sleeping takes no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from msgspec.structs import replace
from tests.stage import StillClock

from upshot.http.client import ServiceClient
from upshot.pulumi.agents.accounts import AgentAccounts
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.faults import Fault
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

CONSOLE = "https://app.pulumi.com"


class Cloud:
    """A running sandbox, what it knows of accounts, and clients for it."""

    def __init__(self, sandbox: Sandbox, stack: ExitStack) -> None:
        self.sandbox = sandbox
        self.state: AccountsState = sandbox.world.extensions["accounts"]
        self.clock = StillClock()
        self._stack = stack

    @property
    def lines(self) -> list[str]:
        """`METHOD /path` of every request, in order; a dry run has `?dryRun` at its end."""
        return [
            sent.line + "?dryRun" * ("dryRun" in sent.query)
            for sent in self.sandbox.world.journal.requests
        ]

    @property
    def violations(self) -> list[str]:
        return self.sandbox.world.journal.violations

    def deadline(self, seconds: float = 600.0) -> Deadline:
        return Deadline.after(self.clock, seconds)

    def accounts(self) -> AgentAccounts:
        return self._stack.enter_context(
            AgentAccounts(
                self.sandbox.cloud_url,
                console=CONSOLE,
                clock=self.clock,
                deadline=self.deadline(),
            )
        )

    def destination(self, *, token: str = "", organization: str = "acme") -> Destination:
        client = ServiceClient(
            self.sandbox.cloud_url,
            Secret(token or self.sandbox.world.cloud.workflow_token),
            service=pulumi_cloud(CONSOLE),
            clock=self.clock,
            deadline=self.deadline(),
        )
        return Destination(self._stack.enter_context(client), organization)

    def fail(self, route: str, kind: str, **more: Any) -> None:
        """A fault of the sandbox from now on."""
        self.sandbox.world.faults.add(Fault(route, kind, **more))  # type: ignore[arg-type]


MakeCloud = Callable[..., Cloud]


@pytest.fixture
def make_cloud() -> Iterator[MakeCloud]:
    """`make_cloud(**accounts)`: a table `[accounts]` of a scenario."""
    with ExitStack() as stack:

        def make(**accounts: Any) -> Cloud:
            scenario = replace(load_scenario("failed-update"), accounts=accounts)
            return Cloud(stack.enter_context(Sandbox(scenario)), stack)

        yield make
