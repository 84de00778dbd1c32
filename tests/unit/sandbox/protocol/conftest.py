from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.plain_cli import PlainCli

from upshot_sandbox.world import World

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Clients, Serve


class Desk:
    """A CLI that is signed in to a sandbox and has made the stack `acme/shop/dev`."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.cli = PlainCli(clients.cloud)
        assert self.cli.make(tags={"pulumi:project": "shop"}).json() == {"messages": []}

    @property
    def world(self) -> World:
        return self.clients.world

    @property
    def violations(self) -> list[str]:
        return self.clients.violations

    def read(self, tail: str, **params: str) -> Any:
        """What everybody may read of the stack."""
        reply = self.clients.cloud.get(f"{self.cli.stack}{tail}", params=params)
        return reply.raise_for_status().json()


@pytest.fixture
def desk(serve: Serve) -> Callable[..., Desk]:
    """Sits somebody down at one; fields of the scenario may be given."""
    return lambda **changes: Desk(serve(**changes))
