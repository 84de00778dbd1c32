"""`/upshot undo`, and votes about a change of a Powabase workflow: it is put, or put back, at once.

The vote stands in the comment itself: the approval is checked as mode `powabase` checks it, by the same
inputs. Nothing that an earlier run has shown is believed; turns and graphs are read again (threat T65).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import InputError, ServiceError
from upshot.inputs.powabase import Apply, PowabaseInputs
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.model.stamp import clean_id
from upshot.modes.builder.access import WorkflowAccess, connect
from upshot.modes.builder.ends import end, explain, unusable
from upshot.modes.builder.file import has_drifted, read_file
from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.modes.builder.past import Put, find_pending, find_stored, match_put, read_before
from upshot.modes.builder.propose import Proposal, propose
from upshot.modes.builder.publish import publish_outcome
from upshot.modes.builder.put import already_put, find_approval, put_approved, put_back
from upshot.modes.chat.chat import Answer, Chat, World, failed, say
from upshot.modes.shared.foreign import why_foreign
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import digest_masked
from upshot.powabase.state import build_state
from upshot.powabase.wire.records import Workflow
from upshot.publish.comment.thread import read_thread
from upshot.publish.github.reactions import Reaction
from upshot.publish.interface import PullRequestContext
from upshot.report.chat.page import Block, Items, Plain, Words

_MODE: Final = "powabase"
_MOST_FINDINGS: Final = 10
_STALE: Final = (
    "The person who asked must act: look at the workflow in the Studio; it is not as the newest change "
    "left it, and an undo would drop what was changed since."
)


class _Scene(Struct, frozen=True):
    """A workflow as it stands, and what earlier runs left of it."""

    access: WorkflowAccess
    lookup: PullRequestLookup
    found: Workflow
    server: Graph
    base: Graph | None
    remembered: str

    def name(self, outcome: Outcome) -> Outcome:
        return replace(outcome, name=self.found.name, is_deployed=self.found.is_deployed)


def undo(chat: Chat) -> Answer:
    """Puts the newest stored state back, where the graph has not changed since."""
    return _carry(chat, _undo) or failed(
        say(
            "There is no workflow here: the workflow gives {}, {} and {}.",
            "powabase-url",
            "powabase-key",
            "workflow-id",
        )
    )


def vote(chat: Chat) -> Answer | None:
    """None where the id is not that of a change which waits, or of the one that was put last."""
    return _carry(chat, _vote, is_vote=True) if chat.command.request_id else None


def describe(chat: Chat, _world: World) -> Sequence[tuple[Words, Words]]:
    """Which workflow, and whether a change of it waits, for `/upshot status`."""
    own: PowabaseInputs = chat.job.inputs.own[_MODE]
    if not own.url or chat.job.inputs.run.dry_run:
        return ()
    try:
        with _open(chat) as scene:
            waiting = [
                approval.request_id
                for proposal in _proposals(scene)
                if (approval := find_approval(scene.access, scene.lookup, proposal.bound))
            ]
    except (ServiceError, InvalidWorkflow, InputError) as fault:
        return ((Words("Workflow"), Words("{}", (Plain(fault.message),))),)
    name, version = Plain(scene.found.name or own.workflow_id), scene.server.version
    rows = [(Words("Workflow"), Words("{}, version {}", (name, version)))]
    return [*rows, *((Words("Waits for"), Words("{}", (one,))) for one in waiting)]


def _carry(
    chat: Chat, act: Callable[[Chat, _Scene], Answer | None], *, is_vote: bool = False
) -> Answer | None:
    own: PowabaseInputs = chat.job.inputs.own[_MODE]
    if not own.url:
        return None
    if chat.job.inputs.run.dry_run:
        answer = failed(Words("`dry-run` is on: nothing was put on the server."))
        return replace(answer, is_unsure=is_vote)
    refused = why_foreign(_job(chat), chat.lookup)
    if refused:
        answer = failed(Words("{}.", (Plain(refused),)), reason=ReasonCode.NOT_ALLOWED, exit_code=1)
        return replace(answer, is_unsure=is_vote)
    try:
        with _open(chat) as scene:
            return act(chat, scene)
    except ServiceError as fault:
        found = explain(_job(chat), fault)
    except InvalidWorkflow as invalid:
        found = unusable(_job(chat), invalid)
    except InputError as problem:
        found = end(_job(chat), problem.message, problem.hint, ReasonCode.BAD_INPUT)
    return replace(_answer(found), is_unsure=is_vote)


def _job(chat: Chat) -> Job:
    """The job as mode `powabase` would have it."""
    return replace(chat.job, inputs=replace(chat.job.inputs, mode=_MODE))


@contextmanager
def _open(chat: Chat) -> Iterator[_Scene]:
    """Raises ServiceError, InvalidWorkflow, and InputError for a file that cannot be read."""
    job = _job(chat)
    own: PowabaseInputs = job.inputs.own[_MODE]
    thread = read_thread(chat.github, chat.pull.number, key=clean_id(job.comment_key))
    context = PullRequestContext(chat.github, chat.pull, thread)
    latest = context.latest
    remembered = latest.remembered("").conversation if latest else ""
    with connect(job, own) as service:
        access = WorkflowAccess(job, own, service)
        found, server = access.read_workflow()
        base = read_file(access, server)
        lookup = PullRequestLookup(job, known=context)
        yield _Scene(access, lookup, found, server, base, remembered)


def _undo(_: Chat, scene: _Scene) -> Answer:
    access, own = scene.access, scene.access.own
    stored = find_stored(access.read_talks(scene.remembered))
    if stored is None:
        return failed(Words("Nothing can be undone: no state before a change is stored."))
    put = match_put(stored, scene.server, scene.base, workflow_id=own.workflow_id, find=access.find)
    if put is not None:
        outcome = scene.name(put_back(access, put, scene.server))
        return _publish(scene, outcome)
    if digest_masked(read_before(stored, access.find)) == digest_masked(scene.server):
        words = "The workflow is as it was before the newest change: nothing was done."
        return Answer(blocks=(Words(words),), outputs=_outputs(ApplyState.NO_CHANGE))
    version = scene.server.version
    message = f"the workflow on the server was changed since (it has version {version})"
    return _answer(
        Outcome(
            state=ApplyState.STALE,
            exit_code=1,
            reason=ReasonCode.NOT_DONE,
            is_undo=True,
            session_id=stored.session_id,
            message=message,
            hint=_STALE,
        )
    )


def _vote(chat: Chat, scene: _Scene) -> Answer | None:
    access, asked = scene.access, chat.command.request_id
    for proposal in _proposals(scene):
        approval = find_approval(access, scene.lookup, proposal.bound)
        if approval is None or (approval.request_id != asked and approval.fault is None):
            continue
        if access.own.apply is not Apply.SERVER:
            return failed(
                say("Nothing was put: this workflow does not give {}.", "apply: server"),
                exit_code=1,
            )
        outcome = scene.name(put_approved(access, proposal, scene.server, approval))
        return _publish(scene, outcome)
    put = _find_put(scene)
    approval = find_approval(access, scene.lookup, put.bound) if put else None
    if put is None or approval is None or approval.request_id != asked:
        return None
    return _answer(scene.name(already_put(put, scene.server, approval)))


def _proposals(scene: _Scene) -> Iterator[Proposal]:
    """The changes that wait, in the sessions that an earlier run may have used."""
    access, base = scene.access, scene.base
    if base is not None and has_drifted(base, scene.server):
        return
    asked = base if base is not None else scene.server
    state = build_state(asked)
    for turn in find_pending(access.read_talks(scene.remembered)):
        proposal = propose(
            turn,
            asked,
            scene.server,
            state,
            workflow_id=access.own.workflow_id,
            find=access.find,
            is_for_server=True,
        )
        if proposal.whole is not None:
            yield proposal


def _find_put(scene: _Scene) -> Put | None:
    access = scene.access
    stored = find_stored(access.read_talks(scene.remembered))
    if stored is None:
        return None
    own = access.own
    return match_put(
        stored, scene.server, scene.base, workflow_id=own.workflow_id, find=access.find
    )


def _publish(scene: _Scene, outcome: Outcome) -> Answer:
    """The report of mode `powabase` is brought up to date, unless nothing has become of an undo."""
    if outcome.is_undo and outcome.state is not ApplyState.APPLIED:
        return _answer(outcome)
    job = scene.access.job
    result = publish_outcome(job, scene.access.own, outcome, scene.lookup)
    return replace(_answer(outcome), result=result, outputs=result.own_outputs)


_WORDS: Final = {
    ApplyState.APPLIED: "✅ The change of the workflow {} is on the server; it was read back.",
    ApplyState.WAITING: "⏳ The change of the workflow {} waits: the approvals that count are not enough.",
    ApplyState.REFUSED: "⛔ The change of the workflow {} was not put on the server.",
    ApplyState.STALE: "⚠️ Nothing was put on the server: the workflow {} was changed meanwhile.",
    ApplyState.FAILED: "❌ The change of the workflow {} was not put on the server as asked.",
}
_UNDONE: Final = "↩️ The workflow {} has the state before the newest change again; it was read back."
_NO_ANSWER: Final = "❌ The workflow could not be looked at."


def _answer(outcome: Outcome) -> Answer:
    """One sentence, why, and who acts."""
    is_done = outcome.state in {ApplyState.APPLIED, ApplyState.WAITING}
    words = _WORDS.get(outcome.state, _NO_ANSWER)
    if outcome.is_undo and outcome.state is ApplyState.APPLIED:
        words = _UNDONE
    said = [Words(words, (outcome.name or "on the server",) if "{}" in words else ())]
    blocks: list[Block] = [*said]
    why = outcome.fault or outcome.message
    if why and outcome.state is not ApplyState.APPLIED:
        blocks.append(Words("{}", (Plain(f"{why[0].upper()}{why[1:]}."),)))
    if outcome.hint:
        blocks.append(Words("{}", (Plain(outcome.hint),)))
    if outcome.findings:
        found = tuple(Words("{}", (Plain(one.message),)) for one in outcome.findings)
        blocks.append(Items(found[:_MOST_FINDINGS]))
    return Answer(
        blocks=tuple(blocks),
        reaction=Reaction.ROCKET if is_done else Reaction.CONFUSED,
        reason=outcome.reason,
        exit_code=outcome.exit_code,
        outputs=_outputs(outcome.state, outcome),
    )


def _outputs(state: ApplyState, outcome: Outcome | None = None) -> dict[str, str]:
    found = outcome or Outcome()
    return {
        "apply-state": state.value,
        "session-id": found.session_id,
        "message-id": found.turn.message_id if found.turn else "",
        "approval-request-id": found.request_id,
    }
