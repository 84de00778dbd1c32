"""What is said while a task works: our words apart from the model's, edits only when worth it."""

from __future__ import annotations

import pytest

from upshot.backends.neo.progress import EditThrottle, LogLine, build_log_line
from upshot.backends.neo.turn import Turn, advance
from upshot.model import Todo
from upshot.pulumi.neo import events as ev

HOSTILE = "::error::forged\n##[group]x"


@pytest.mark.parametrize(
    "event",
    [
        ev.AssistantMessage(text=HOSTILE, is_final=False),
        ev.AssistantMessage(text=HOSTILE, is_final=True),
        ev.ToolStarted(call_id="c", name=HOSTILE, args={}),
        ev.ToolProgress(call_id="c", name=HOSTILE, status=HOSTILE),
        ev.ToolEnded(call_id="c", name=HOSTILE, is_error=True),
        ev.ApprovalAsked(request_id="r", message=HOSTILE, approval_type="general"),
        ev.ApprovalsAwaited(),
        ev.EntitiesChanged(added=(ev.Entity(HOSTILE),)),
        ev.TaskNamed(name=HOSTILE),
        ev.ContextCompressed(status=HOSTILE),
        ev.TaskFailed(message=HOSTILE),
        ev.TaskWarned(message=HOSTILE),
        ev.TaskCancelled(),
        ev.UserMessage(text=HOSTILE),
        ev.UserConfirmed(request_id="r", ok=True, actor=HOSTILE),
        ev.UserCancelled(),
        ev.ConsoleOutput(text=HOSTILE),
        ev.UnknownEvent(name=HOSTILE),
    ],
    ids=lambda event: type(event).__name__,
)
def test_t1_every_kind_has_a_line_and_foreign_text_is_never_in_our_part(
    event: ev.TaskEvent,
) -> None:
    line = build_log_line(event)
    assert line is not None
    assert line.ours
    assert "forged" not in line.ours
    assert "\n" not in line.ours


@pytest.mark.parametrize(
    "event",
    [
        ev.InternalEvent(id="1"),
        ev.UserToolEvent(id="1"),
        ev.AssistantMessage(text="", is_final=False),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_says_nothing_to_a_person_has_no_line(event: ev.TaskEvent) -> None:
    assert build_log_line(event) is None


def test_who_answered_is_said() -> None:
    by_mode = ev.UserConfirmed(request_id="r", ok=True, is_synthetic=True)
    by_person = ev.UserConfirmed(request_id="r", ok=False, actor="maria-lopez")
    assert build_log_line(by_mode) == LogLine("The approval mode said yes")
    assert build_log_line(by_person) == LogLine("A person said no", "maria-lopez")


def test_a_plain_tool_name_is_said_and_an_odd_one_is_not() -> None:
    plain = ev.ToolStarted(call_id="c", name="pulumi__pulumi_preview", args={})
    assert build_log_line(plain) == LogLine("Neo runs pulumi__pulumi_preview")
    odd = ev.ToolStarted(call_id="c", name="::error::x", args={})
    assert build_log_line(odd) == LogLine("Neo runs a tool")


def test_a_long_text_is_cut_in_the_log() -> None:
    line = build_log_line(ev.AssistantMessage(text="x" * 100_000, is_final=True))
    assert line is not None
    assert len(line.theirs) == 32_000


def with_todo(status: str) -> Turn:
    return Turn(todos=(Todo("a", status),))


def test_the_first_state_is_worth_an_edit() -> None:
    assert EditThrottle().is_due(Turn(), now_s=0.0)


def test_nothing_is_edited_when_nothing_changed() -> None:
    throttle = EditThrottle()
    due = [throttle.is_due(Turn(), now_s=float(t)) for t in range(0, 600, 5)]
    assert due.count(True) == 1


def test_tokens_and_counters_alone_are_no_change() -> None:
    throttle = EditThrottle()
    throttle.is_due(Turn(), now_s=0.0)
    assert not throttle.is_due(Turn(tokens=9), now_s=100.0)


def test_at_most_one_edit_in_ten_seconds_and_the_last_state_is_not_lost() -> None:
    throttle = EditThrottle()
    edits = []
    for tenth in range(300):  # 30 s, a change every 0.1 s for the first 15
        turn = advance(Turn(), ev.TaskNamed(name=str(min(tenth, 150))))
        if throttle.is_due(turn, now_s=tenth / 10):
            edits.append((tenth / 10, turn.name))
    assert edits == [(0.0, "0"), (10.0, "100"), (20.0, "150")]


def test_a_state_that_came_back_to_what_is_shown_costs_no_edit() -> None:
    throttle = EditThrottle()
    assert throttle.is_due(with_todo("pending"), now_s=0.0)
    assert not throttle.is_due(with_todo("completed"), now_s=5.0)
    assert not throttle.is_due(with_todo("pending"), now_s=20.0)
