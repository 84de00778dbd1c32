"""Votes about what a Neo task asks: read from the task's own events now, and compared with what was
shown (threat T62).
"""

from __future__ import annotations

from collections.abc import Sequence

from upshot.errors import ServiceError
from upshot.gate.grammar import Verb
from upshot.gate.proposal import ProposalFault, match_proposal
from upshot.model.decision import DecisionKind
from upshot.modes.chat.chat import Answer, Chat, World, failed, open_world
from upshot.modes.chat.tasks import KnownTask, carry, known_tasks, newest_task, unreachable
from upshot.publish.github.reactions import was_touched
from upshot.report.chat.page import Inline, Link, Plain, Words
from upshot.report.words import TASKS


def vote(chat: Chat) -> Answer | None:
    """None where no task of this pull request has shown, or asks, anything with this id."""
    typed = chat.command.argument
    with open_world(chat.job) as world:
        task = _task_of(chat, world, typed)
        if task is None:
            return None
        if world.cloud is None:
            return failed(Words("There is no Pulumi access token, so the task cannot be answered."))
        from upshot.backends.neo.answers import read_turn
        from upshot.pulumi.neo.create import choose_client

        try:
            client = choose_client(world.cloud, task.organization, chat.job.inputs.ask.api_dialect)
            turn = read_turn(client, task.id)
        except ServiceError as error:
            return unreachable(chat, error) if typed in task.proposals else None
    found = match_proposal(typed, task_id=task.id, is_open=turn.open, shown=task.proposals)
    is_decided = typed in turn.decided
    if found is ProposalFault.NOT_OPEN and not is_decided:
        return failed(Words("{}", (Plain(found.value),))) if typed in task.proposals else None
    if isinstance(found, ProposalFault) and not is_decided:
        return failed(Words("{}", (Plain(found.value),)))
    if was_touched(chat.github, chat.place):
        words = "The comment was edited or hidden, so it is no vote. Write a new one."
        return failed(Words(words))
    is_yes = chat.command.verb is Verb.APPROVE
    what = typed if isinstance(found, ProposalFault) else Inline(found.message)
    return carry(
        chat,
        DecisionKind.APPROVE if is_yes else DecisionKind.REJECT,
        task=task,
        request_id=typed,
        text=chat.job.redactor.redact(chat.command.reason),
        before=(Words("Approved: {}" if is_yes else "Rejected: {}", (what,)),),
    )


def describe(chat: Chat, world: World) -> Sequence[tuple[Words, Words]]:
    """Where the newest task stands, for `/upshot status`."""
    task = newest_task(chat, world)
    if task is None or world.cloud is None:
        return ()
    from upshot.backends.neo.answers import read_turn
    from upshot.backends.neo.session import build_task_url
    from upshot.pulumi.neo.create import choose_client

    try:
        client = choose_client(world.cloud, task.organization, chat.job.inputs.ask.api_dialect)
        turn = read_turn(client, task.id)
    except ServiceError as error:
        return ((Words("Neo task"), Words("{}", (Plain(error.message),))),)
    link = Link(TASKS[turn.status], build_task_url(chat.job.console, task.organization, task.id))
    waiting = [
        (Words("Waits for"), Words("{} {}", (request.id, Inline(request.message))))
        for request in turn.open
    ]
    return ((Words("Neo task"), Words("{}", (link,))), *waiting)


def _task_of(chat: Chat, world: World, typed: str) -> KnownTask | None:
    """The task that has shown this id; else the newest, unless the id has the gate's form."""
    tasks = known_tasks(chat, world)
    shown = next((task for task in tasks if typed in task.proposals), None)
    if shown is not None or chat.command.request_id:
        return shown
    return tasks[0] if tasks else None
