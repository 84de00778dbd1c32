"""What a Neo task says, event by event: the values, for both wires.

No input or output, no judgement about the turn (that is `backends.neo.turn`), and only fields that
are used. Text fields hold hostile text as it was read. The kinds are the complete list of the service description of October
2026; today's wire wraps them in an envelope that says who speaks (`agentResponse` or `userInput`),
the documented wire has flat events with a `sequence`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Event(Struct, frozen=True, kw_only=True):
    """What every event has."""

    id: str = ""
    """The envelope's id, or `sequence:N` on the documented wire; empty when it had none."""
    at: str = ""
    """RFC 3339, as the service wrote it; tells apart two events without an id that say the same."""


class ToolCall(Struct, frozen=True):
    """A call that the model wants; it has not run yet."""

    name: str
    """`<server>__<method>`, such as `pulumi__pulumi_preview`."""
    args: dict[str, Any]
    execution_mode: str = ""
    """`cloud`, `cli`, `worker` or empty (cloud)."""


class Entity(Struct, frozen=True):
    """What a task is about, or a pull request that it opened."""

    type: str
    """`stack`, `repository`, `policy_issue`, `pull_request`, or what else the service sends."""
    name: str = ""
    project: str = ""
    url: str = ""
    """Pull requests only: built by us from checked parts; empty when they are odd."""


class AssistantMessage(Event, frozen=True, kw_only=True):
    text: str
    is_final: bool
    tool_calls: tuple[ToolCall, ...] = ()
    tokens: int = 0
    """Input and output tokens of all models, caches included."""

    @property
    def ends_turn(self) -> bool:
        """Final, and none of its tool calls waits for a machine outside of Pulumi Cloud [shipped client]."""
        return self.is_final and not any(
            call.execution_mode in {"cli", "worker"} for call in self.tool_calls
        )


class ToolStarted(Event, frozen=True, kw_only=True):
    call_id: str
    name: str
    args: dict[str, Any]
    """October 2026; empty before."""


class ToolProgress(Event, frozen=True, kw_only=True):
    call_id: str
    name: str
    status: str


class ToolEnded(Event, frozen=True, kw_only=True):
    call_id: str
    name: str
    is_error: bool


class ApprovalAsked(Event, frozen=True, kw_only=True):
    request_id: str
    message: str
    approval_type: str
    """`general`, `tool_permission` or `plan_exit`."""
    sensitivity: str = ""
    choices: tuple[str, ...] = ()
    tool_name: str = ""
    plan: str = ""
    diff: dict[str, str] = field(default_factory=dict)


class ApprovalsAwaited(Event, frozen=True, kw_only=True):
    """The task is parked until its open approvals are answered."""


class EntitiesChanged(Event, frozen=True, kw_only=True):
    added: tuple[Entity, ...] = ()
    removed: tuple[Entity, ...] = ()


class TaskNamed(Event, frozen=True, kw_only=True):
    name: str


class ContextCompressed(Event, frozen=True, kw_only=True):
    status: str


class TaskFailed(Event, frozen=True, kw_only=True):
    message: str


class TaskWarned(Event, frozen=True, kw_only=True):
    message: str


class TaskCancelled(Event, frozen=True, kw_only=True):
    """It stopped."""


class InternalEvent(Event, frozen=True, kw_only=True):
    """An event between services, without what it carried (`provide_pulumi_access_token`)."""


class UserMessage(Event, frozen=True, kw_only=True):
    """A message that starts or continues a turn; also the documented wire's `user_input`."""

    text: str
    actor: str = ""
    is_trigger: bool = False
    """It came from an outside trigger (`triggerUserInput`), not from a person."""


class UserConfirmed(Event, frozen=True, kw_only=True):
    request_id: str
    ok: bool
    actor: str = ""
    is_synthetic: bool = False
    """The approval mode answered on its own, no person did."""


class UserCancelled(Event, frozen=True, kw_only=True):
    """A person asked the task to stop; `TaskCancelled` says that it did."""


class UserToolEvent(Event, frozen=True, kw_only=True):
    """`tool_result` or `exec_tool_call` of a tool that ran on a person's own machine."""


class ConsoleOutput(Event, frozen=True, kw_only=True):
    """The documented wire's only kind of output."""

    text: str


class UnknownEvent(Event, frozen=True, kw_only=True):
    """Of a kind that this version does not know, or one that could not be read; kept to count."""

    name: str
    """The kind as sent, cut to 80 characters; `malformed` when there was none."""


TaskEvent = (
    AssistantMessage
    | ToolStarted
    | ToolProgress
    | ToolEnded
    | ApprovalAsked
    | ApprovalsAwaited
    | EntitiesChanged
    | TaskNamed
    | ContextCompressed
    | TaskFailed
    | TaskWarned
    | TaskCancelled
    | InternalEvent
    | UserMessage
    | UserConfirmed
    | UserCancelled
    | UserToolEvent
    | ConsoleOutput
    | UnknownEvent
)
