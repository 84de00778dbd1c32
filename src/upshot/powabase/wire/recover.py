"""Reads an answer back from its session, for a stream that broke or a run that ended before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from upshot.errors import (
    ServiceError,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.records import Message
from upshot.timing import Deadline

FIRST_LOOK_S: Final = 1.0
LONGEST_PAUSE_S: Final = 10.0
GRACE_S: Final = 15.0
"""How long a message whose reply was lost may take to appear before it counts as never sent."""
_SORRY: Final = frozenset(
    {
        "Sorry \u2014 something went wrong while answering. Please try again.",
        "Sorry \u2014 the reply could not be saved. Please try again.",
    }
)
_TRANSIENT: Final = (ServiceUnreachable, ServiceTimeout, ServiceUnavailable, ServiceRateLimited)


def is_sorry(answer: Message) -> bool:
    """Whether a stored answer says that the turn failed: one of the server's two texts."""
    return answer.diff is None and answer.content.strip() in _SORRY


def failed_turn(said: str) -> ServiceUnavailable:
    """The fault of a turn that failed on the server; `said` is its text, cut to 200 characters."""
    text = " ".join(said.split())[:200]
    return ServiceUnavailable(
        "the Copilot failed in the middle of its turn" + (f": {text}" if text else ""),
        hint="No action needed: Powabase has a fault of its own, the next run asks again. Tools "
        "that ran before it have taken effect.",
        anchor="powabase",
    )


def find_answer(
    messages: Sequence[Message], is_question: Callable[[Message], bool]
) -> Message | None:
    """The first answer after the question; None when the question or its answer is not there."""
    start = next((n for n, one in enumerate(messages) if is_question(one)), len(messages))
    return next((one for one in messages[start + 1 :] if one.role == "assistant"), None)


def find_question(messages: Sequence[Message]) -> Message | None:
    """The newest message of a person: the turn that a later run goes on with."""
    return next((one for one in reversed(messages) if one.role == "user"), None)


def wait_for_answer(
    client: PowabaseClient,
    session_id: str,
    is_question: Callable[[Message], bool],
    *,
    until: Deadline,
    fault: ServiceError | None = None,
    is_accepted: bool = True,
) -> Message | ServiceError:
    """Looks into the session until the answer is there, or says why there is none.

    Raises `fault` when the message is not in the session and was not seen to be accepted: a lost
    reply gets 15 s of grace, a server's error one look. Pauses grow from 1 s to 10 s.
    """
    clock = client.clock
    grace = client.deadline.earlier(GRACE_S if isinstance(fault, ServiceTimeout) else 0.0)
    pause_s = FIRST_LOOK_S
    is_there = is_accepted
    last: ServiceError | None = None
    while True:
        try:
            messages = client.list_messages(session_id, within_s=until.remaining_s())
            last = None
        except _TRANSIENT as error:
            last = error
        except ServiceError as error:
            if fault and not is_there:
                raise fault from None
            return error
        else:
            answer = find_answer(messages, is_question)
            if answer:
                return answer
            is_there = is_there or any(map(is_question, messages))
            if fault and not is_there and grace.passed:
                raise fault
        if pause_s >= until.remaining_s():
            return _no_answer(fault, last)
        clock.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


def _no_answer(fault: ServiceError | None, last: ServiceError | None) -> ServiceTimeout:
    cause = last or fault
    why = f" ({cause.message})" if cause else ""
    return ServiceTimeout(
        f"the Copilot's stream ended early and its answer did not come in time{why}",
        hint="No action needed: the Copilot may still answer, and nothing is asked twice; run again "
        "with `powabase-session: continue` to read its answer.",
        anchor="powabase",
    )
