"""`/upshot explain [STACK]`: the report is made anew, and a short comment says so: edits notify no one."""

from __future__ import annotations

from msgspec.structs import replace

from upshot.errors import InputError
from upshot.inputs.choices import CommentMode, Conversation
from upshot.modes.chat.chat import Answer, Chat, failed, say, with_prompt
from upshot.modes.explain import explain, has_something_to_explain
from upshot.publish.github.reactions import Reaction
from upshot.report.chat.page import Block, Link, Plain, Words
from upshot.report.words import headline
from upshot.result.build import comment_receipt
from upshot.result.run_result import RunResult
from upshot.subject import parse_stack_name


def answer(chat: Chat) -> Answer:
    job = with_prompt(chat.job, "", conversation=Conversation.NEW, ask_again=True)
    if chat.command.argument:
        try:
            name = parse_stack_name(
                chat.command.argument, organization=job.inputs.subject.organization
            )
        except InputError as problem:
            return failed(Words("{}", (Plain(problem.message),)))
        subject = replace(job.inputs.subject, name=name, update=None)
        job = replace(job, inputs=replace(job.inputs, subject=subject))
    if not has_something_to_explain(job):
        return failed(
            say(
                "There is nothing to look at: the workflow gives {}, or the command names a stack.",
                "stack-name",
            )
        )
    result = explain(job, chat.lookup, choice=job.inputs.ask.backend, needs_evidence=True)
    return Answer(
        blocks=describe(chat, result),
        reaction=Reaction.ROCKET if result.report else Reaction.CONFUSED,
        result=result,
        report=result.report,
        exit_code=result.exit_code,
        reason=result.reason_code,
    )


def describe(chat: Chat, result: RunResult) -> tuple[Block, ...]:
    """The verdict, and where the report is."""
    report, receipt = result.report, comment_receipt(result.receipts)
    icon, phrase = headline(report) if report else ("❔", "No report was made")
    stack = str(result.facts.stack or "")
    about = " · {}" if stack else ""
    values = (Plain(phrase), *((stack,) if stack else ()))
    url = receipt.comment_url if receipt else ""
    if url:
        where = Words("{} was made anew.", (Link("The report", url),))
    elif chat.job.inputs.publish.comment_mode is CommentMode.OFF:
        where = Words("{} has the report.", (Link("The workflow run", chat.run.url),))
    else:
        why = receipt.why if receipt and receipt.why else "there is no comment"
        where = Words(
            "{} has the report; the comment was not written: {}",
            (Link("The workflow run", chat.run.url), Plain(why)),
        )
    return (Words(f"{icon} **{{}}**{about}", values), where)
