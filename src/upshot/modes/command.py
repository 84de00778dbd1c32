"""Mode `command`: a command in a comment on the pull request, checked, carried out, answered.

A body that is no command costs no request. Then, in this order: who wrote it, whether this workflow
allows the command, whether the comment still stands as it was delivered, whether it was answered
already. Nothing is spent and nothing is posted before all of that (threats T25, T51, T52, T59, T60).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.grammar import Command, parse_command
from upshot.inputs.command import CommandInputs
from upshot.job import Job
from upshot.model import ReasonCode, Run
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.result.run_result import RunResult
from upshot.runner.warnings import format_message

if TYPE_CHECKING:
    from upshot.modes.chat.origin import Origin

_ACTIONS: Final = frozenset({"created", "submitted", ""})
_SHORT: Final = 1_000
"""Characters of `command-argument`."""


def run(job: Job, _lookup: PullRequestLookup) -> RunResult:
    """Exit code 1 where the workflow's author must act: no token, or one that may not read."""
    comment, event = job.event.comment, job.event
    if comment is None:
        job.log.info("Mode 'command' reads comments, and this event has none.")
        return _end(job, None)
    command = parse_command(comment.body) if event.action in _ACTIONS else None
    if command is None:
        job.log.info("The comment is no command.")
        return _end(job, None)
    if event.number is None:
        job.log.info("The comment is on an issue: commands work on pull requests.")
        return _end(job, command, ReasonCode.NO_SUBJECT)
    if comment.id is None or comment.author_id is None:
        job.log.info("The event does not say which comment it is about.")
        return _end(job, command, ReasonCode.BAD_EVENT)
    from upshot.modes.chat.origin import Origin  # it loads GitHub's wire

    try:
        return _serve(Origin.open(job, comment, event.number), command)
    except GitHubError as fault:
        return _explain(job, command, fault)


def _explain(job: Job, command: Command, fault: GitHubError) -> RunResult:
    """The end of a run that could not read GitHub: nothing was done."""
    if _is_authors(fault):
        message = format_message(fault.message, fault.hint, fault.anchor)
        job.log.error(message, title="Upshot")
        result = _end(job, command, ReasonCode.GITHUB_UNAVAILABLE)
        return replace(result, exit_code=1)
    words = "The command was not carried out"
    job.warnings.degraded_by(ReasonCode.GITHUB_UNAVAILABLE, words, fault)
    return _end(job, command, ReasonCode.GITHUB_UNAVAILABLE)


def _serve(origin: Origin, command: Command) -> RunResult:
    from upshot.modes.chat.publish import carry_out
    from upshot.publish.github.reactions import Reaction

    job = origin.job
    inputs: CommandInputs = job.inputs.own["command"]
    why = origin.why_not_allowed(inputs.access.value)
    if not why and (command.tried or command.verb) not in inputs.allowed and not command.problem:
        why = f"this workflow does not allow `/upshot {command.verb}`"
    if why:
        origin.react(Reaction.NO)
        job.warnings.remark(
            f"Upshot did nothing: {why}.",
            anchor="not-allowed",
        )
        return _end(job, command, ReasonCode.NOT_ALLOWED)
    why = origin.why_not_as_delivered()
    if why:
        origin.react(Reaction.CONFUSED)
        job.warnings.remark(f"Upshot did nothing: {why}.", anchor="not-allowed")
        return _end(job, command, ReasonCode.NOT_ALLOWED)
    origin.react(Reaction.EYES)
    return carry_out(origin, command, inputs, outputs=_outputs(job, command))


def _is_authors(fault: GitHubError) -> bool:
    """A token that is missing, wrong, or may not read: the workflow must be changed."""
    return (fault.status in {401, 403} and fault.anchor != "github-rate-limit") or (
        not fault.status and fault.anchor == "github-token"
    )


def _end(job: Job, command: Command | None, reason: ReasonCode = ReasonCode.OK) -> RunResult:
    """The end of a run that answers nothing."""
    run: Run = job.event.run
    return RunResult(
        reason_code=reason,
        run=run,
        exit_code=int(bool(job.inputs.problems)),
        own_outputs=_outputs(job, command) if command else {},
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )


def _outputs(job: Job, command: Command) -> dict[str, str]:
    """`command` is empty for a word that is no command."""
    is_known = command.problem is None
    argument = " ".join(job.redactor.redact(command.argument).split())
    return {
        "command": command.verb.value if is_known else (command.tried or ""),
        "command-argument": argument[:_SHORT],
    }
