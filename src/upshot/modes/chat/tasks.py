"""`/upshot task`, `reply`, `cancel`: a Neo task is given, answered, stopped; and what it asks is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import ServiceConflict, ServiceError, ServiceNotFound
from upshot.model import ApprovalRequest, BackendName, Purpose, ReasonCode, Stamp, TaskState
from upshot.model.decision import AnswerOutcome, AnswerResult, Decision, DecisionKind
from upshot.modes.asking.ask_backend import build_question, note_reply
from upshot.modes.chat.chat import Answer, Chat, World, failed, open_world, say, with_prompt
from upshot.modes.explain import ask_one, explain, show_live
from upshot.publish.github.reactions import Reaction
from upshot.registry import APPLIERS, load
from upshot.report.chat.page import Block, Code, Link, Paste, Plain, Prose, Words
from upshot.report.words import TASKS, lines_to_answer
from upshot.result.run_result import RunResult

_NEO: Final = "Pulumi Neo"
_MOST_REQUESTS: Final = 5
_MOST_DIFFS: Final = 5
_LABELS: Final = {
    "approval": "**Pulumi Neo asks for an approval**",
    "plan": "**Pulumi Neo asks to go ahead with its plan**",
    "question": "**Pulumi Neo asks**",
}
_WORDS: Final = {
    AnswerOutcome.ALREADY_APPROVED: "It was approved already.",
    AnswerOutcome.ALREADY_REJECTED: "It was rejected already.",
    AnswerOutcome.ALREADY_ANSWERED: "Another answer came first.",
    AnswerOutcome.NOT_ASKED: "The task does not wait for that, or no longer.",
    AnswerOutcome.WRONG_KIND: "The task asks something else: a question takes `/upshot reply`, an approval "
    "`/upshot approve` or `/upshot reject`.",
    AnswerOutcome.BUSY: "The task still works. Give the command again when it waits.",
    AnswerOutcome.GONE: "The task does not exist any more.",
}
_DONE: Final = {
    AnswerOutcome.ACCEPTED,
    AnswerOutcome.ALREADY_APPROVED,
    AnswerOutcome.ALREADY_REJECTED,
}


class KnownTask(Struct, frozen=True):
    """A Neo task that our comments keep."""

    id: str
    organization: str
    proposals: dict[str, str] = {}
    """Id of what it asked -> digest of what was shown of it, in the newest place."""


def start(chat: Chat) -> Answer:
    job = with_prompt(chat.job, chat.job.redactor.redact(chat.command.argument))
    result = explain(job, chat.lookup, choice=BackendName.NEO, purpose=Purpose.TASK)
    return describe_result(result)


def reply(chat: Chat) -> Answer:
    text = chat.job.redactor.redact(chat.command.argument)
    return carry(chat, DecisionKind.REPLY, text=text)


def cancel(chat: Chat) -> Answer:
    with open_world(chat.job) as world:
        task = newest_task(chat, world)
        if task is None or world.cloud is None:
            return no_task(world)
        if chat.job.inputs.run.dry_run:
            return failed(Words("`dry-run` is on: nothing was cancelled."))
        from upshot.backends.neo.answers import read_turn
        from upshot.pulumi.neo.create import choose_client

        try:
            client = choose_client(world.cloud, task.organization, chat.job.inputs.ask.api_dialect)
            ended = read_turn(client, task.id).status
            if not ended.is_open:
                return failed(Words("The task is not at work: it is {}.", (Plain(TASKS[ended]),)))
            client.cancel(task.id)
        except ServiceConflict:
            pass  # stopped, its status not reset [service description]
        except ServiceNotFound:
            return failed(Words(_WORDS[AnswerOutcome.GONE]))
        except ServiceError as error:
            return unreachable(chat, error)
        result = follow(chat, world, task)
    return describe_result(result, before=(Words("The task was cancelled."),), is_done=True)


def carry(
    chat: Chat,
    kind: DecisionKind,
    *,
    task: KnownTask | None = None,
    request_id: str = "",
    text: str = "",
    before: tuple[Block, ...] = (),
) -> Answer:
    """Carries a decision to the task, and follows it to the end of its turn."""
    with open_world(chat.job) as world:
        task = task or newest_task(chat, world)
        if task is None or world.cloud is None:
            return no_task(world)
        if chat.job.inputs.run.dry_run:
            return failed(Words("`dry-run` is on: nothing was sent to the task."))
        decision = Decision(kind, task.id, task.organization, request_id, text)
        try:
            done: AnswerResult = load(APPLIERS["neo"])(chat.job, world.cloud, decision)
        except ServiceError as error:
            return unreachable(chat, error)
        if done.outcome not in _DONE:
            return failed(Words(_WORDS[done.outcome]))
        said = () if done.outcome is AnswerOutcome.ACCEPTED else (Words(_WORDS[done.outcome]),)
        result = follow(chat, world, task)
    return describe_result(result, before=(*before, *said), is_done=True)


def follow(chat: Chat, world: World, task: KnownTask) -> RunResult:
    """Waits for the end of the task's turn, and brings the report up to date."""
    from upshot.modes.joined.publish import publish_reports

    job = with_prompt(chat.job, "", task_id=task.id)
    case = world.case
    case = replace(case, organization=case.organization or task.organization)
    question = replace(
        build_question(job, case, None, Purpose.TASK), task_id=task.id, only_follows=True
    )
    show = show_live(job, case, chat.lookup)
    found = ask_one(
        job, case, question, BackendName.NEO, cloud=world.cloud, lookup=chat.lookup, show=show
    )
    note_reply(job, question, found)
    return publish_reports(job, [(case, found)], chat.lookup.result())


def known_tasks(chat: Chat, world: World) -> list[KnownTask]:
    """The tasks of this pull request, the newest first."""
    fallback = world.case.organization
    given = chat.job.inputs.ask.task_id
    found: dict[str, KnownTask] = {given: KnownTask(given, fallback)} if given else {}
    for stamp in sorted(_stamps(chat), key=lambda stamp: -stamp.started):
        if not stamp.task:
            continue
        before = found.get(stamp.task)
        organization = stamp.stack.split("/")[0] if stamp.stack.count("/") > 1 else fallback
        known = before or KnownTask(stamp.task, organization)
        proposals = {**stamp.proposals, **known.proposals}
        found[stamp.task] = replace(known, proposals=proposals)
    return list(found.values())


def newest_task(chat: Chat, world: World) -> KnownTask | None:
    return next(iter(known_tasks(chat, world)), None)


def _stamps(chat: Chat) -> Iterator[Stamp]:
    for own in (*chat.thread.comments, *chat.thread.answers):
        yield own.marker
        yield from own.sections


def describe_result(
    result: RunResult, *, before: tuple[Block, ...] = (), is_done: bool = False
) -> Answer:
    """What a run with a task ends with, as an answer."""
    state = result.reply
    if not isinstance(state, TaskState):
        why = Words("{} did not answer: {}", (Plain(_NEO), Plain(state.why or "it was not asked")))
        hint = (Words("{}", (Plain(state.hint),)),) if state.hint else ()
        return Answer(
            blocks=(*before, why, *hint),
            reaction=Reaction.ROCKET if is_done else Reaction.CONFUSED,
            result=result,
            report=result.report,
            reason=result.reason_code,
        )
    stack = str(result.facts.stack or "")
    return Answer(
        blocks=(*before, *describe_state(state)),
        reaction=Reaction.ROCKET,
        result=result,
        report=result.report,
        prose=result.answer,
        reason=result.reason_code,
        exit_code=result.exit_code,
        stamp=Stamp(stack=stack, task=state.task_id, proposals=state.proposals),
    )


def describe_state(state: TaskState) -> tuple[Block, ...]:
    """Where the task stands, what it asks with the line that answers it, what it says."""
    task = Link("Neo task", state.task_url)
    blocks: list[Block] = [Words("{}: **{}**", (task, Plain(TASKS[state.status])))]
    if state.why:
        blocks.append(Words("{}", (Plain(state.why),)))
    for request in state.requests[:_MOST_REQUESTS]:
        blocks += _request(request)
    if state.text:
        blocks.append(Prose(state.text, _NEO))
    blocks += [Words("_{}_", (Plain(note),)) for note in state.notes]
    return tuple(blocks)


def _request(asked: ApprovalRequest) -> Iterator[Block]:
    label = _LABELS.get(asked.kind, _LABELS["approval"])
    tool = " · tool {}" if asked.tool_name else ""
    yield Words(label + tool, (asked.tool_name,) if asked.tool_name else ())
    yield Prose(asked.message)
    if asked.plan:
        yield Prose(asked.plan)
    for name, patch in list(asked.diff.items())[:_MOST_DIFFS]:
        yield Words("{}", (name,))
        yield Code(patch, "diff")
    lines = lines_to_answer(asked)
    if lines:
        yield Words("To answer, comment one of:" if len(lines) > 1 else "To answer, comment:")
        yield from map(Paste, lines)


def no_task(world: World) -> Answer:
    if world.cloud is None:
        return failed(
            Words("There is no Pulumi access token, so no task can be reached."),
            reason=ReasonCode.AI_TOKEN,
        )
    return failed(say("There is no Neo task of this pull request. {} starts one.", "/upshot task"))


def unreachable(chat: Chat, error: ServiceError) -> Answer:
    """An outage on the way to the task: nothing is known to have been done."""
    chat.job.warnings.degraded_by(error.reason, "The task could not be reached", error)
    return failed(
        Words("Pulumi Cloud did not answer as it should: {}", (Plain(error.message),)),
        Words("Give the command again; an answer that arrived is not given twice."),
        reason=error.reason,
    )
