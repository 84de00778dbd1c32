"""What was run in a stack: planned by the scenario, or sent by a CLI (`protocol`)."""

from __future__ import annotations

import json
from typing import Any, Protocol

from upshot_sandbox.cloud.records import environment_of, update_info
from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.engine.snapshot import snapshot_of
from upshot_sandbox.scenario import CloudPlan, UpdatePlan
from upshot_sandbox.world import World


class Run(Protocol):
    """One update, preview, refresh, destroy or import, as the routes that read need it."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int:
        """Its number; a preview has none of its own."""
        ...

    @property
    def is_preview(self) -> bool: ...

    @property
    def result(self) -> str:
        """`in-progress`, `succeeded` or `failed` (`apitype.UpdateResult`)."""
        ...

    @property
    def status(self) -> str:
        """`running`, `succeeded`, `failed` or `cancelled` (`apitype.UpdateStatus`)."""
        ...

    @property
    def started_at(self) -> float:
        """Seconds since 1970."""
        ...

    @property
    def page_size(self) -> int:
        """Engine events a page."""
        ...

    def info(self, latest: int) -> dict[str, Any]:
        """Its record, with the stack's newest version."""
        ...

    def events(self) -> list[dict[str, Any]]:
        """What the engine said, in its order."""
        ...

    def console(self) -> str:
        """What the CLI printed; empty where only the CLI knows."""
        ...

    def state(self) -> bytes:
        """The stack's state after it (`apitype.UntypedDeployment`, JSON)."""
        ...


class Planned:
    """A `Run` of the scenario: everything is made from its plan."""

    def __init__(self, world: World, cloud: CloudPlan, plan: UpdatePlan) -> None:
        self._world = world
        self._engine = Engine(cloud, plan)
        self._plan = plan
        self.id = plan.id
        self.version = plan.version
        self.is_preview = plan.is_preview
        self.result = plan.result
        self.status = "running" if plan.result == "in-progress" else plan.result
        self.started_at = world.started_at - plan.ago_s
        self.page_size = plan.page_size

    def info(self, latest: int) -> dict[str, Any]:
        world = self._world
        environment = environment_of(world.scenario, world.github, self._plan)
        return update_info(self._engine, self.started_at, environment, latest=latest)

    def events(self) -> list[dict[str, Any]]:
        return self._engine.events(self.started_at)

    def console(self) -> str:
        return console_log(self._engine)

    def state(self) -> bytes:
        return json.dumps(snapshot_of(self._engine, self.started_at)).encode()


def newest_state(runs: list[Run], now: float) -> bytes:
    """The state after the newest update that has one; an empty state where there is none.

    That of a running update of a CLI is what it has saved until now.
    """
    last = last_update(runs)
    return last.state() if last else json.dumps(snapshot_of(None, now)).encode()


def last_update(runs: list[Run]) -> Run | None:
    """The newest that is no preview and has ended, or is a CLI's that still runs."""
    done = [one for one in runs if not one.is_preview and _counts(one)]
    return max(done, key=lambda one: one.started_at, default=None)


def _counts(run: Run) -> bool:
    return run.result != "in-progress" or not isinstance(run, Planned)


def newest_version(runs: list[Run]) -> int:
    return max((one.version for one in runs if not one.is_preview), default=0)
