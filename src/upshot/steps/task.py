"""A Neo task: its settings from the inputs, and its progress in the job log and the comment."""

from __future__ import annotations

from collections.abc import Callable

from upshot.backends.neo import NeoBackend
from upshot.backends.neo_interface import NeoSettings
from upshot.backends.neo_progress import LogLine
from upshot.inputs import Inputs
from upshot.model import Run, TaskState
from upshot.pulumi.transport import CloudClient
from upshot.runner.files import save_state
from upshot.steps.world import World


class TaskWatcher:
    """Shows a running task: a line an event in the log, the state in the sticky comment."""

    def __init__(
        self, world: World, organization: str, show: Callable[[TaskState], None] | None = None
    ) -> None:
        self._world = world
        self._organization = organization
        self._show = show

    def on_task(self, task_id: str, task_url: str) -> None:
        """Keeps the task's id for the post stage, should this run be killed (threat T47)."""
        world = self._world
        world.log.info(f"Pulumi Neo works on task {task_id} {task_url}".rstrip())
        path = world.env.get("GITHUB_STATE", "")
        if path:
            save_state(path, "task-id", task_id, token=world.token)
            save_state(path, "task-organization", self._organization, token=world.token)

    def on_event(self, line: LogLine) -> None:
        self._world.log.info(line.ours)
        if line.theirs:
            self._world.log.untrusted(line.theirs)

    def on_state(self, state: TaskState) -> None:
        if self._show:
            self._show(state)


def build_neo(
    inputs: Inputs,
    run: Run,
    cloud: CloudClient,
    world: World,
    *,
    show: Callable[[TaskState], None] | None = None,
) -> NeoBackend:
    """The backend for one question or task; `show` edits the comment while the task runs."""
    ask = inputs.ask
    settings = NeoSettings(
        console=world.console,
        dialect=ask.api_dialect,
        approval_mode=ask.approval_mode,
        permission_mode=ask.permission_mode,
        plan_mode=ask.plan_mode,
        max_wait_s=ask.max_wait_s,
        on_timeout=ask.on_timeout,
        cancel_on_interrupt=ask.cancel_task_on_cancel,
    )
    watcher = TaskWatcher(world, inputs.subject.organization, show)
    return NeoBackend(cloud, settings, run, jitter=world.jitter, observer=watcher)
