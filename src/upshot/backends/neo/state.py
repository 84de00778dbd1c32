"""A turn, and what we have to say about it, as the reply that is shown. Pure."""

from __future__ import annotations

from upshot.backends.neo.turn import Turn
from upshot.model import TaskState, TaskStatus


def build_task_url(console: str, organization: str, task_id: str) -> str:
    """The task's page at the console [shipped client]; empty when the console is not known."""
    from urllib.parse import quote

    if not (console and organization and task_id):
        return ""
    return f"{console}/{quote(organization, safe='')}/neo/tasks/{quote(task_id, safe='')}"


def build_state(
    turn: Turn,
    *,
    task_id: str,
    task_url: str,
    calls: int,
    notes: tuple[str, ...] = (),
    status: TaskStatus | None = None,
    why: str = "",
) -> TaskState:
    """`status` and `why`, when given, come from us: out of time, or out of reach."""
    return TaskState(
        status=status or turn.status,
        task_id=task_id,
        task_url=task_url,
        text=turn.text,
        requests=turn.open if turn.status.is_waiting else (),
        todos=turn.todos,
        tools=turn.tools,
        pull_requests=turn.pull_requests,
        tokens_used=turn.tokens or None,
        calls=calls,
        notes=notes,
        why=why or turn.why,
    )
