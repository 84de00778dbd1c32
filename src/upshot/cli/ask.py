"""`upshot ask QUESTION`: one question to Pulumi Copilot or Neo, or to the offline rules.

The backends are the action's. What an AI is sent is the question and the redacted evidence.
"""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Final

from upshot.cli.desk import Desk, Misused, Refused
from upshot.cli.explain import collect_sources, print_reports
from upshot.cli.terminal.screen import Screen
from upshot.cli.work import LOG_IN, World, has_token, open_job, open_world
from upshot.inputs.names import variable
from upshot.job import Job
from upshot.model import BackendName, NoAnswer, Question, ReasonCode, Reply
from upshot.registry import BACKENDS
from upshot.report.chat.page import Block, Plain, Prose, Words
from upshot.report.content import Report

_AUTO: Final = "auto"
_NO_TOKEN: Final = "PULUMI_ACCESS_TOKEN is not set"  # noqa: S105 - words
_NO_ORGANIZATION: Final = "an AI is asked for an organization: give --organization NAME, or a log or an address that names it"


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Prints the answer beside the facts. Exit code 1 where an AI was to answer and did not."""
    from upshot.modes.shared.report import ReportMaker

    if not options.question.strip():
        raise Misused("the question is empty")
    choice = BackendName.COPILOT if options.backend == _AUTO else options.backend
    is_ai = BACKENDS[choice].is_ai
    is_chatty = options.verbose or BACKENDS[choice].shows_progress
    with TemporaryDirectory(prefix="upshot-") as spool:
        sources = collect_sources(options, desk, spool)
        if sources.is_empty and not is_ai:
            raise Misused("the offline rules look at evidence: give a log, or another --backend")
        job = open_job(
            desk,
            {**sources.inputs(), **_inputs(options, choice)},
            uses_cloud=is_ai or sources.has_address,
            is_chatty=is_chatty,
        )
        if is_ai and not has_token(job) and (sources.is_empty or sources.has_address):
            raise Refused(f"no AI can be asked: {_NO_TOKEN}", hint=LOG_IN)
        with open_world(job, needs_cloud=sources.has_address) as world:
            reply = _ask(job, world, choice, desk)
            report = world.build(ReportMaker(job), world.worst, reply)
            if options.json or not sources.is_empty:
                print_reports([report], job, screen, as_json=options.json)
            else:
                _print_answer(report, job, screen)
    if not is_ai or reply.is_answered:
        return 0
    if not is_chatty:  # else the log has said it
        desk.say(f"{BACKENDS[choice].title} did not answer: {reply.why}")
    if not has_token(job):
        desk.say(LOG_IN)
    return 1


def _inputs(options: Namespace, choice: str) -> dict[str, str]:
    return {
        variable("mode"): "ask",
        variable("prompt"): options.question,
        variable("backend"): choice,
        variable("organization"): options.organization,
        variable("conversation-id"): options.conversation,
        variable("conversation"): "new",
    }


def _ask(job: Job, world: World, choice: str, desk: Desk) -> Reply:
    """Asks about the stack that is worst. Raises Misused where no organization is known."""
    from upshot.modes.asking.ask_backend import ask_backend, build_question, choose, note_reply
    from upshot.modes.asking.task_progress import TaskProgress

    case = world.worst
    if BACKENDS[choice].is_ai and not case.organization:
        raise Misused(_NO_ORGANIZATION)
    question: Question = build_question(job, case, None)
    chosen: str | NoAnswer = NoAnswer(choice, ReasonCode.AI_TOKEN, why=_NO_TOKEN)
    if has_token(job) or not BACKENDS[choice].is_ai:
        chosen = choose(job, case, question, choice=choice, access=world.access)
    with ExitStack() as stack:
        progress = None
        if BACKENDS[choice].shows_progress:
            progress = stack.enter_context(TaskProgress(job, case.organization, None))
        if isinstance(chosen, str) and BACKENDS[chosen].is_ai and desk.err.isatty():
            desk.say(f"asking {BACKENDS[chosen].title} …")
        reply = ask_backend(
            job, question, chosen, cloud=world.cloud, on_sent=lambda: None, progress=progress
        )
    note_reply(job, question, reply)
    return reply


def _print_answer(report: Report, job: Job, screen: Screen) -> None:
    """The answer alone, where it rests on no evidence."""
    from upshot.report.chat.render import render_blocks
    from upshot.report.view import allowed_hosts

    if blocks := _blocks(report.reply):
        screen.pages([render_blocks(blocks, hosts=allowed_hosts(report), redactor=job.redactor)])


def _blocks(reply: Reply) -> tuple[Block, ...]:
    if isinstance(reply, NoAnswer) or not reply.text:
        return ()
    more = (
        f"\n\nGo on with `--conversation {reply.conversation_id}`." if reply.conversation_id else ""
    )
    link = (Words("The task: {}", (Plain(reply.task_url),)),) if reply.task_url else ()
    return (Prose(reply.text + more, BACKENDS[reply.backend].title), *link)
