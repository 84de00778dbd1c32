"""A command that is allowed: carried out once, and answered in a new comment."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.grammar import Command, Verb
from upshot.inputs.command import CommandInputs
from upshot.job import Job
from upshot.model import (
    Facts,
    PullRequest,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    Run,
    Verdict,
    VerdictStatus,
)
from upshot.model.stamp import clean_id
from upshot.modes.chat.chat import Answer, Chat, failed
from upshot.modes.chat.origin import Origin
from upshot.modes.shared.finish import build_result, note_receipt, write_files
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish import summary
from upshot.publish.comment.marker import Kind, build_marker
from upshot.publish.comment.plan import Draft
from upshot.publish.comment.thread import OwnComment, find_own, read_thread
from upshot.publish.comment.write_comment import (
    compose_body,
    create_comment,
    delete_comment,
    find_rival,
)
from upshot.publish.comment.write_comment import failed as failed_receipt
from upshot.publish.github.pulls import get_pull_request
from upshot.publish.github.reactions import Reaction
from upshot.publish.interface import Publication, PullRequestContext
from upshot.registry import COMMANDS, load
from upshot.report.chat.page import Asked, ChatPage, Words
from upshot.report.chat.render import render_answer
from upshot.report.render import render_footer, shell_report
from upshot.report.view import allowed_hosts
from upshot.result.build import build_document
from upshot.result.run_result import RunResult

_ANCHORS: Final = {
    "issue_comment": "issuecomment-",
    "pull_request_review": "pullrequestreview-",
    "pull_request_review_comment": "discussion_r",
}
_QUOTED: Final = frozenset({Verb.ASK, Verb.TASK, Verb.REPLY})


def carry_out(
    origin: Origin, command: Command, inputs: CommandInputs, *, outputs: dict[str, str]
) -> RunResult:
    """Raises GitHubError where the pull request cannot be read: then nothing was done."""
    key = _key(origin)
    earlier = find_own(origin.github, origin.place.number, key=key, since=origin.comment.created_at)
    spec = COMMANDS.get(command.verb.value)
    if earlier is not None and not (spec and spec.is_repeatable):
        origin.job.log.info(f"The command was carried out already: {earlier.url}")
        return _end(origin.job, Answer(blocks=()), outputs, _known(earlier))
    chat = _open_chat(origin, command, inputs)
    if spec is None:
        answer = failed(
            Words("There is nothing here that {} could do.", (f"/upshot {command.verb}",))
        )
    else:
        answer = load(spec.answer)(chat)
    text = _render(chat, answer) if answer.blocks else ""
    receipt = _known(earlier) if earlier else _post(chat, answer, text, key)
    note_receipt(chat.job, receipt)
    is_lost = receipt.status is ReceiptStatus.FAILED
    origin.react(Reaction.CONFUSED if is_lost else answer.reaction)
    return _end(chat.job, answer, outputs, receipt, text)


def _open_chat(origin: Origin, command: Command, inputs: CommandInputs) -> Chat:
    """With the pull request and our comments; the event then names the head."""
    pull = get_pull_request(origin.github, origin.place.number)
    job = _of_pull(origin.job, pull)
    thread = read_thread(
        origin.github, pull.number, key=clean_id(job.comment_key), answers=_prefix(job)
    )
    may_write = not job.inputs.run.dry_run
    context = PullRequestContext(origin.github if may_write else None, pull, thread)
    return Chat(
        job=job,
        command=command,
        inputs=inputs,
        comment=origin.comment,
        place=origin.place,
        github=origin.github,
        pull=pull,
        thread=thread,
        lookup=PullRequestLookup(job, known=context),
    )


def _of_pull(job: Job, pull: PullRequest) -> Job:
    """The event of a comment does not name the pull request's head; what is read later needs it."""
    run: Run = replace(job.event.run, sha=pull.head_sha)
    event = replace(job.event, head_sha=pull.head_sha, is_fork=pull.is_fork, run=run)
    return replace(job, event=event)


def _post(chat: Chat, answer: Answer, text: str, key: str) -> Receipt:
    """Creates the comment. Of two runs for one comment the later one takes its own back."""
    job = chat.job
    if not text:
        return Receipt("comment", ReceiptStatus.SKIPPED, "skipped", why="there is nothing to say")
    stamp = replace(
        answer.stamp,
        run=chat.run.run_id,
        attempt=chat.run.attempt,
        sha=chat.pull.head_sha,
        started=int(job.started_at),
    )
    marker = replace(build_marker(key, stamp), kind=Kind.ANSWER, command=chat.command.verb.value)
    if answer.result is None:  # the report that was published stands in the summary
        summary.publish(_publication(chat, text, Draft(text, marker)), PullRequestContext(), job)
    if job.inputs.run.dry_run:
        return Receipt("comment", ReceiptStatus.SKIPPED, "skipped", why="'dry-run' is on")
    try:
        made = create_comment(chat.github, chat.thread, compose_body(text, marker))
        rival = find_rival(chat.github, chat.thread, made, marker)
        if rival:
            delete_comment(chat.github, made.id)
            return _known(rival)
    except GitHubError as error:
        return failed_receipt(error)
    return Receipt(
        "comment", ReceiptStatus.POSTED, "created", comment_id=made.id, comment_url=made.url
    )


def _render(chat: Chat, answer: Answer) -> str:
    job, comment = chat.job, chat.comment
    report = answer.report or shell_report(chat.run, job.clock.now())
    server = job.event.addresses.server
    anchor = f"{_ANCHORS[job.event.name]}{comment.id}"
    url = f"{server}/{job.event.repository}/pull/{chat.pull.number}#{anchor}"
    is_quoted = chat.command.verb in _QUOTED
    first = comment.body.split("\n", 1)[0].strip()
    asked = Asked(
        login=comment.author,
        url=url,
        text=chat.command.argument if is_quoted else first,
        is_command=not is_quoted,
    )
    return render_answer(
        ChatPage(asked, answer.blocks),
        footer=render_footer(report),
        hosts=allowed_hosts(report),
        redactor=job.redactor,
        notices=() if answer.result else _notices(job),
    )


def _notices(job: Job) -> tuple[str, ...]:
    """Not those that the answer has said already."""
    return tuple(note for note in job.warnings.notices if "reaction" not in note)


def _publication(chat: Chat, text: str, draft: Draft) -> Publication:
    return Publication(
        facts=Facts(),
        verdict=Verdict(VerdictStatus.UNKNOWN),
        run=chat.run,
        summary=text,
        draft=draft,
    )


def _end(
    job: Job, answer: Answer, outputs: dict[str, str], receipt: Receipt, text: str = ""
) -> RunResult:
    """Outputs of the report that the answer rests on, the comment being the answer."""
    if answer.result is not None:
        result = answer.result
    elif answer.report is not None:
        result = build_result(job, answer.report, answer=answer.prose, receipts=(receipt,))
        result = replace(result, exit_code=int(bool(job.inputs.problems)))
    else:
        result = RunResult(reason_code=answer.reason, run=job.event.run)
    reason = result.reason_code
    if receipt.status is ReceiptStatus.FAILED:
        reason = ReasonCode.COMMENT_FAILED
    elif answer.reason is not ReasonCode.OK:
        reason = answer.reason
    result = replace(
        result,
        reason_code=reason,
        receipts=(*(r for r in result.receipts if r.publisher != "comment"), receipt),
        exit_code=answer.exit_code or int(bool(job.inputs.problems)),
        own_outputs={**outputs, **answer.outputs},
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )
    if answer.result is not None:
        return result
    result = replace(result, document=build_document(result, redact=job.redactor.redact))
    return write_files(job, result, text)


def _key(origin: Origin) -> str:
    """The name of the one answer to this comment: it is how a second delivery is known (T60)."""
    kind = _ANCHORS[origin.place.event].rstrip("-")
    return clean_id(f"{_prefix(origin.job)}{kind}-{origin.place.id}")


def _prefix(job: Job) -> str:
    return f"command/{job.comment_key}/"


def _known(own: OwnComment) -> Receipt:
    return Receipt(
        "comment", ReceiptStatus.POSTED, "unchanged", comment_id=own.id, comment_url=own.url
    )
