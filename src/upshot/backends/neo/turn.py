"""Where a Neo task stands: a pure fold of its events.

It must not know how events arrive. Only events of the service's own envelopes move the state; the
text of a message moves nothing (T23, T24). Everything kept is bounded, so a
task of any length folds in constant memory.

Rules [shipped client]: a turn ends with a final message none of whose tool calls waits for a
machine outside of Pulumi Cloud, with an error, or with a cancellation. An approval is open until a confirmation
with its id. A task that finished with something open still waits for a person.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from upshot.model import ApprovalRequest, TaskStatus, Todo
from upshot.pulumi.neo import events as ev

TEXT_CHARS: Final = 200_000
MESSAGE_CHARS: Final = 20_000
DIFF_CHARS: Final = 400_000
_LINE_CHARS: Final = 500
_NAME_CHARS: Final = 120
_MANY: Final = 50
_DECISIONS: Final = 200
_CALLS: Final = 500


class Turn(Struct, frozen=True):
    """What the events so far amount to."""

    ended: TaskStatus = TaskStatus.RUNNING
    """`running`, `finished`, `failed` or `cancelled`; open approvals are in `open`."""
    text: str = ""
    """The turn's final message, or its newest one while it runs."""
    why: str = ""
    name: str = ""
    open: tuple[ApprovalRequest, ...] = ()
    """Asked and not yet answered, oldest first."""
    is_waiting: bool = False
    """The task said that it waits for its open approvals."""
    decided: dict[str, bool] = field(default_factory=dict)
    """Request id -> the answer that the task recorded; the newest few."""
    todos: tuple[Todo, ...] = ()
    tools: dict[str, int] = field(default_factory=dict)
    pull_requests: tuple[str, ...] = ()
    tokens: int = 0
    calls_seen: tuple[str, ...] = ()
    """Ids of the newest tool calls, so that each is counted once."""

    @property
    def status(self) -> TaskStatus:
        waits = self.open and (self.is_waiting or self.ended is TaskStatus.FINISHED)
        if not waits:
            return self.ended
        is_question = self.open[0].kind == "question"
        return TaskStatus.AWAITING_ANSWER if is_question else TaskStatus.AWAITING_APPROVAL

    @property
    def is_over(self) -> bool:
        """Nothing more happens until a person answers or asks."""
        return self.status is not TaskStatus.RUNNING


def advance(turn: Turn, event: ev.TaskEvent) -> Turn:  # noqa: C901 - a line a kind
    """The turn after one more event; each event must be given once, in order."""
    match event:
        case ev.AssistantMessage():
            return _message(turn, event)
        case ev.ToolStarted() | ev.ToolEnded():
            return _tool(turn, event)
        case ev.ApprovalAsked():
            return _asked(turn, event)
        case ev.UserConfirmed():
            return _confirmed(turn, event)
        case ev.ApprovalsAwaited():
            return replace(turn, is_waiting=True)
        case ev.UserMessage():
            return begin(turn)
        case ev.TaskFailed():
            why = _line(event.message) or "Neo reported an error without a message"
            return replace(_closed(turn), ended=TaskStatus.FAILED, why=why)
        case ev.TaskCancelled():
            return replace(_closed(turn), ended=TaskStatus.CANCELLED, why="the task was cancelled")
        case ev.EntitiesChanged():
            return add_pull_requests(turn, event.added, event.removed)
        case ev.TaskNamed():
            return replace(turn, name=_line(event.name))
        case ev.ConsoleOutput():
            return replace(turn, text=event.text[:TEXT_CHARS])
        case _:
            return turn


def begin(turn: Turn) -> Turn:
    """A new turn of the same task; what it has opened, and what is still open, stays."""
    return replace(turn, ended=TaskStatus.RUNNING, text="", why="")


def add_pull_requests(
    turn: Turn, added: tuple[ev.Entity, ...], removed: tuple[ev.Entity, ...] = ()
) -> Turn:
    """With the pull requests among `added`, without those among `removed`."""
    gone = {entity.url for entity in removed}
    urls = dict.fromkeys(url for url in turn.pull_requests if url not in gone)
    urls.update((entity.url, None) for entity in added if entity.url)
    return replace(turn, pull_requests=tuple(urls)[:_MANY])


def _message(turn: Turn, event: ev.AssistantMessage) -> Turn:
    turn = replace(turn, tokens=turn.tokens + event.tokens)
    for call in event.tool_calls:
        turn = _todos(turn, call.name, call.args)
    if event.ends_turn:
        return replace(turn, ended=TaskStatus.FINISHED, text=event.text[:TEXT_CHARS])
    return replace(turn, text=event.text[:TEXT_CHARS]) if event.text else turn


def _tool(turn: Turn, event: ev.ToolStarted | ev.ToolEnded) -> Turn:
    if isinstance(event, ev.ToolStarted):
        turn = _todos(turn, event.name, event.args)
    name = event.name[:_NAME_CHARS]
    is_new = not event.call_id or event.call_id not in turn.calls_seen
    if not name or not is_new or (name not in turn.tools and len(turn.tools) >= _MANY):
        return turn
    tools = {**turn.tools, name: turn.tools.get(name, 0) + 1}
    return replace(turn, tools=tools, calls_seen=(*turn.calls_seen, event.call_id)[-_CALLS:])


def _asked(turn: Turn, event: ev.ApprovalAsked) -> Turn:
    request = ApprovalRequest(
        id=event.request_id,
        kind=_kind_of(event),
        message=event.message[:MESSAGE_CHARS],
        sensitivity=_line(event.sensitivity),
        tool_name=event.tool_name[:_NAME_CHARS],
        plan=event.plan[:TEXT_CHARS],
        diff=_bounded_diff(event.diff),
        choices=tuple(_line(choice) for choice in event.choices[:_MANY]),
    )
    others = tuple(one for one in turn.open if one.id != request.id)
    return replace(turn, open=(*others, request)[:_MANY], is_waiting=False)


def _kind_of(event: ev.ApprovalAsked) -> str:
    """A question has no type of its own, only its tool's name; a plan comes before both."""
    if event.approval_type == "plan_exit":
        return "plan"
    return "question" if event.tool_name.rpartition("__")[2] == "ask_user" else "approval"


def _confirmed(turn: Turn, event: ev.UserConfirmed) -> Turn:
    """An answer to something that this task did not ask moves nothing."""
    left = tuple(request for request in turn.open if request.id != event.request_id)
    if len(left) == len(turn.open):
        return turn
    older = list(turn.decided.items())[-_DECISIONS:]
    decided = {**dict(older), event.request_id: event.ok}
    # The answer sets the task going again, also after a final message that stood beside a plan.
    ended = turn.ended if left else TaskStatus.RUNNING
    return replace(
        turn, open=left, decided=decided, is_waiting=turn.is_waiting and bool(left), ended=ended
    )


def _closed(turn: Turn) -> Turn:
    """Nothing can be answered any more in a turn that broke off."""
    return replace(turn, open=(), is_waiting=False)


def _todos(turn: Turn, tool: str, args: dict[str, Any]) -> Turn:
    """With the to-do list that a call of `todo__TodoWrite` writes: always the whole list."""
    listed = args.get("todos")
    if tool.rpartition("__")[2] != "TodoWrite" or not isinstance(listed, list):
        return turn
    todos = (_todo(raw) for raw in listed[:_MANY] if isinstance(raw, dict))
    return replace(turn, todos=tuple(todo for todo in todos if todo.text))


def _todo(raw: dict[str, Any]) -> Todo:
    text = next((raw[key] for key in ("content", "text", "title") if raw.get(key)), "")
    status = raw.get("status")
    known = status if status in {"pending", "in_progress", "completed"} else "pending"
    return Todo(text=_line(text) if isinstance(text, str) else "", status=str(known))


def _bounded_diff(diff: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    left = DIFF_CHARS
    for file, patch in list(diff.items())[:_MANY]:
        kept[file[:_LINE_CHARS]] = patch[:left]
        left -= len(patch[:left])
    return kept


def _line(text: str) -> str:
    """The first line with something on it, cut."""
    head = text[: 4 * _LINE_CHARS].strip()
    return head.splitlines()[0][:_LINE_CHARS].rstrip() if head else ""
