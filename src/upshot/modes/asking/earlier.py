"""The answer to the same question of an earlier run, read back from our own comment: no AI call.

The same means: the same backend, words and settings, the same update and evidence, the same commit.
Only our own comment that no one has edited is read, and what it says is as hostile as a fresh answer.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from msgspec import json

from upshot import __version__
from upshot.job import Job
from upshot.model import (
    Answer,
    BackendName,
    NoAnswer,
    Purpose,
    Question,
    Reply,
    TaskState,
    TaskStatus,
)
from upshot.modes.shared.gather import Case
from upshot.report.markdown.quote import read_at

if TYPE_CHECKING:  # loaded when the AI request is on its way, not before
    from upshot.publish.interface import PullRequestContext

NOTE: Final = (
    "The same was asked about this commit before: this is that answer, and no AI was asked. "
    "Set `ask-again: true` to ask anew."
)
_EVIDENCE_BYTES: Final = 200_000
_DIGEST_CHARS: Final = 32


def digest_of(job: Job, question: Question, backend: str) -> str:
    """What the question comes to, without the commit: the marker has that already."""
    ask = job.inputs.ask
    parts = (
        __version__,
        backend,
        question.purpose,
        question.prompt,
        question.organization,
        question.subject,
        question.outcome,
        question.kind,
        question.evidence.cut(_EVIDENCE_BYTES),
        (ask.conversation, ask.conversation_id, ask.task_id, ask.api_dialect, ask.plan_mode),
    )
    return sha256(json.encode(parts)).hexdigest()[:_DIGEST_CHARS]


def is_repeatable(reply: Reply) -> bool:
    """Whether the text is the whole of the reply: a program, a plan or a pull request is not kept."""
    match reply:
        case Answer():
            return bool(reply.text) and not reply.programs
        case TaskState():
            is_done = reply.status is TaskStatus.FINISHED
            return bool(reply.text) and is_done and not (reply.pull_requests or reply.requests)
        case NoAnswer():
            return False


def find_earlier(
    job: Job, case: Case, question: Question, backend: str, context: PullRequestContext
) -> Reply | None:
    """The earlier answer; None where there is none, or where it cannot be trusted to be ours.

    `case.asked` is the digest of the question.
    """
    comment, pull = context.latest, context.pull_request
    sha = job.event.run.sha or (pull.head_sha if pull else "")
    if comment is None or not sha or question.purpose is Purpose.TASK:
        return None
    stamp = comment.remembered(str(case.stack or job.unknown_stack))
    if (stamp.asked, stamp.sha) != (case.asked, sha) or not comment.is_untouched:
        return None
    text = read_at(comment.text_of(stamp), stamp.said)
    if not text:
        return None
    if backend == BackendName.NEO:
        from upshot.backends.neo.session import build_task_url

        return TaskState(
            TaskStatus.FINISHED,
            stamp.task,
            build_task_url(job.console, question.organization, stamp.task),
            text=text,
            calls=0,
            notes=(NOTE,),
        )
    return Answer(backend, text, conversation_id=stamp.conversation, calls=0, notes=(NOTE,))
