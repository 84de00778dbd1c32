"""What a person sees while a Neo task works: one line an event, and edits that are rare enough.

Pure. Our own words and the model's are kept apart, because only ours may be printed outside of a
stop-commands block.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from upshot.backends.neo.turn import Turn
from upshot.pulumi.neo import events as ev

EDIT_GAP_S: Final = 10.0
"""The sticky comment is edited at most so often while a task runs."""
_TEXT_CHARS: Final = 32_000
"""More than is shown: who shows it takes secrets out first, and a cut may split one."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""Nothing in it can start a workflow command."""


class LogLine(Struct, frozen=True):
    """One event in the job log."""

    ours: str
    """Safe to print as it is: no text of the service or the model."""
    theirs: str = ""
    """Untrusted, possibly many lines; only inside a stop-commands block."""
    opens_group: bool = False
    """A new step of the work begins here."""


def build_log_line(event: ev.TaskEvent) -> LogLine | None:
    """The line for an event; None for one that says nothing to a person."""
    is_silent = isinstance(event, ev.AssistantMessage) and not (event.text or event.is_final)
    if is_silent or isinstance(event, ev.InternalEvent | ev.UserToolEvent):
        return None
    return _of_the_agent(event) or _of_a_person(event) or _of_the_task(event)


def _of_the_agent(event: ev.TaskEvent) -> LogLine | None:
    match event:
        case ev.AssistantMessage(is_final=True):
            return LogLine("Neo's final message", _cut(event.text), opens_group=True)
        case ev.AssistantMessage() | ev.ConsoleOutput():
            return LogLine("Neo", _cut(event.text), opens_group=True)
        case ev.ToolStarted():
            return LogLine(f"Neo runs {_tool(event.name)}")
        case ev.ToolProgress():
            return LogLine(f"{_tool(event.name, 'A tool')} goes on: {_word(event.status)}")
        case ev.ToolEnded():
            done = "reported an error" if event.is_error else "is done"
            return LogLine(f"{_tool(event.name, 'A tool')} {done}")
        case ev.ApprovalAsked():
            return LogLine("Neo asks a person", _cut(event.message), opens_group=True)
        case ev.ApprovalsAwaited():
            return LogLine("Neo waits for the answer")
    return None


def _of_a_person(event: ev.TaskEvent) -> LogLine | None:
    match event:
        case ev.UserConfirmed():
            who = "The approval mode" if event.is_synthetic else "A person"
            return LogLine(f"{who} said {'yes' if event.ok else 'no'}", _cut(event.actor))
        case ev.UserMessage():
            return LogLine("A trigger spoke" if event.is_trigger else "The task was asked")
        case ev.UserCancelled():
            return LogLine("A person asked the task to stop")
    return None


def _of_the_task(event: ev.TaskEvent) -> LogLine | None:
    match event:
        case ev.EntitiesChanged():
            named = ", ".join(entity.url or entity.type for entity in event.added)
            return LogLine("What the task is about changed", _cut(named))
        case ev.TaskNamed():
            return LogLine("The task has a name", _cut(event.name))
        case ev.ContextCompressed():
            return LogLine(f"Neo shortens its context: {_word(event.status)}")
        case ev.TaskFailed():
            return LogLine("Neo reported an error", _cut(event.message), opens_group=True)
        case ev.TaskWarned():
            return LogLine("Neo warns", _cut(event.message))
        case ev.TaskCancelled():
            return LogLine("The task was cancelled", opens_group=True)
        case ev.UnknownEvent():
            named = f": {event.name}" if _PLAIN.fullmatch(event.name) else ""
            return LogLine(f"An event of a kind that this version does not know{named}")
    return None


class EditThrottle:
    """Says when a running task's comment is worth an edit: something changed, and time passed."""

    def __init__(self, *, gap_s: float = EDIT_GAP_S) -> None:
        self._gap_s = gap_s
        self._edited_at_s: float | None = None
        self._shown: object = None

    def is_due(self, turn: Turn, *, now_s: float) -> bool:
        """True at most once in `gap_s`, and never twice for what looks the same.

        `now_s` is monotonic. A True is taken as an edit that is made now.
        """
        shown = _shown(turn)
        if shown == self._shown:
            return False
        if self._edited_at_s is not None and now_s - self._edited_at_s < self._gap_s:
            return False
        self._edited_at_s, self._shown = now_s, shown
        return True


def _shown(turn: Turn) -> object:
    """What of a running task the comment shows; tokens and counters alone are no reason."""
    return (turn.status, turn.name, turn.todos, turn.text, tuple(turn.tools), turn.pull_requests)


def _tool(name: str, other: str = "a tool") -> str:
    """The name of a tool (`<server>__<method>`) when it is one plain word, else our own words."""
    return name if _PLAIN.fullmatch(name) else other


def _word(status: str) -> str:
    return status if _PLAIN.fullmatch(status) else "it works"


def _cut(text: str) -> str:
    return text[:_TEXT_CHARS]
