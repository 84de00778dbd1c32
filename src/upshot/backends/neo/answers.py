"""A person's answer, carried to a Neo task: approve, reject, reply. Idempotent, never inferred.

The caller has checked the person. This module checks that the task asked for it and still waits:
an id of another task, or one that was decided already, sends nothing. `ok` comes from the
function that was called and never from a text.
"""

from __future__ import annotations

from typing import Final

from upshot.backends.neo.turn import Turn, advance
from upshot.errors import ServiceConflict, ServiceNotFound, ServiceTimeout
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import ApprovalRequest
from upshot.model.decision import AnswerOutcome, AnswerResult, Decision, DecisionKind
from upshot.pulumi.neo.create import choose_client
from upshot.pulumi.neo.follow import EventReader, Seen
from upshot.pulumi.neo.tasks import TaskClient

_TEXT_CHARS: Final = 16_000


def apply(job: Job, cloud: ServiceClient, decision: Decision) -> AnswerResult:
    """Carries a decision to the Neo task `decision.subject_id`. Raises ServiceError."""
    client = choose_client(cloud, decision.organization, job.inputs.ask.api_dialect)
    task_id, request_id = decision.subject_id, decision.request_id
    match decision.kind:
        case DecisionKind.APPROVE:
            return approve(client, task_id, request_id)
        case DecisionKind.REJECT:
            return reject(client, task_id, request_id, instructions=decision.text)
        case DecisionKind.REPLY:
            return reply(client, task_id, decision.text, request_id=request_id)


def approve(client: TaskClient, task_id: str, request_id: str) -> AnswerResult:
    """Says yes to an approval request or a plan. Raises ServiceError."""
    return _answer(client, task_id, request_id, ok=True)


def reject(
    client: TaskClient, task_id: str, request_id: str, *, instructions: str = ""
) -> AnswerResult:
    """Says no; `instructions` tell Neo what to do instead. Raises ServiceError."""
    return _answer(client, task_id, request_id, ok=False, text=instructions)


def reply(client: TaskClient, task_id: str, text: str, *, request_id: str = "") -> AnswerResult:
    """Answers a question, or continues the task when nothing is asked. Raises ServiceError.

    Without `request_id` the oldest open question is meant. An answer travels as a confirmation
    whose `ok` is false and whose instructions are the text [shipped client].
    """
    if request_id:
        return _answer(client, task_id, request_id, ok=False, text=text, is_reply=True)
    try:
        turn = read_turn(client, task_id)
        question = next((one for one in turn.open if one.kind == "question"), None)
        if question:
            return _answer(client, task_id, question.id, ok=False, text=text, is_reply=True)
        if turn.open:
            return AnswerResult(AnswerOutcome.WRONG_KIND, turn.open[0])
        client.send_message(task_id, text[:_TEXT_CHARS])
    except ServiceConflict:
        return AnswerResult(AnswerOutcome.BUSY)
    except ServiceNotFound:
        return AnswerResult(AnswerOutcome.GONE)
    return AnswerResult(AnswerOutcome.ACCEPTED)


def read_turn(client: TaskClient, task_id: str) -> Turn:
    """Where the task stands by all of its events. Raises ServiceError."""
    turn = Turn()
    for event in EventReader(client, task_id, Seen()).read_new():
        turn = advance(turn, event)
    return turn


def _answer(
    client: TaskClient,
    task_id: str,
    request_id: str,
    *,
    ok: bool,
    text: str = "",
    is_reply: bool = False,
) -> AnswerResult:
    try:
        turn = read_turn(client, task_id)
        request = next((one for one in turn.open if one.id == request_id), None)
        if not request:
            return _not_open(turn, request_id, ok=ok)
        if is_reply != (request.kind == "question"):
            return AnswerResult(AnswerOutcome.WRONG_KIND, request)
        try:
            client.confirm(task_id, request_id, ok=ok, instructions=text[:_TEXT_CHARS])
        except (ServiceConflict, ServiceTimeout) as error:
            return _after(error, read_turn(client, task_id), request, ok=ok)
    except ServiceNotFound:
        return AnswerResult(AnswerOutcome.GONE)
    return AnswerResult(AnswerOutcome.ACCEPTED, request)


def _not_open(turn: Turn, request_id: str, *, ok: bool) -> AnswerResult:
    decided = turn.decided.get(request_id)
    if decided is None:
        return AnswerResult(AnswerOutcome.NOT_ASKED)
    if decided != ok:
        return AnswerResult(AnswerOutcome.ALREADY_ANSWERED)
    return AnswerResult(AnswerOutcome.ALREADY_APPROVED if ok else AnswerOutcome.ALREADY_REJECTED)


def _after(
    error: ServiceConflict | ServiceTimeout, turn: Turn, request: ApprovalRequest, *, ok: bool
) -> AnswerResult:
    """What happened to an answer that was refused, or whose own answer was lost."""
    if request.id in turn.decided:
        if isinstance(error, ServiceTimeout) and turn.decided[request.id] == ok:
            return AnswerResult(AnswerOutcome.ACCEPTED, request)
        return _not_open(turn, request.id, ok=ok)
    if isinstance(error, ServiceConflict):
        return AnswerResult(AnswerOutcome.BUSY, request)
    raise error
