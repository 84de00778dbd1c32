"""Mode `account`: an agent account is made, looked at, or taken over by a person's organization.

Nothing runs for a fork's head, whatever event brings it, nor with `dry-run`: each operation uses a right
that a stranger must not get, and a part of it would be no use to anybody.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError, InputError, InputErrors, UpshotError
from upshot.gate.decision import State
from upshot.gate.request import Binding
from upshot.inputs.account import AccountInputs, Operation
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.accounts.claims import run_claim, run_status, run_validate
from upshot.modes.accounts.outcome import Outcome, is_exit_1
from upshot.modes.accounts.publish import publish_outcome
from upshot.modes.accounts.signup import run_signup
from upshot.modes.accounts.talk import Talk
from upshot.modes.shared.foreign import why_foreign
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.report.accounts.page import AccountPage
from upshot.result.run_result import RunResult
from upshot.runner.warnings import format_message

_FORK: Final = (
    "The workflow's author must act: run mode 'account' on `push` or `workflow_dispatch`, or leave forks "
    "out with `if: github.event.pull_request.head.repo.full_name == github.repository`."
)


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Raises InputError, InputErrors and GitHubError where nothing was done and an input is why."""
    own: AccountInputs = job.inputs.own["account"]
    assert own.operation is not None  # noqa: S101 - the inputs were checked
    if job.inputs.run.dry_run:
        raise InputError("dry-run", "'true'", "false in mode 'account', which does all or nothing")
    refused = why_foreign(job, lookup)
    if refused:
        job.log.error(format_message(refused, _FORK, anchor="account-fork"), title="Upshot")
        page = AccountPage(operation=own.operation, fault=refused, hint=_FORK)
        outcome = Outcome(page=page, exit_code=1, reason=ReasonCode.NOT_ALLOWED)
        return publish_outcome(job, outcome, lookup)
    talk = Talk(job)
    try:
        outcome = _carry_out(job, own, own.operation, lookup, talk)
        talk.release()
    except (InputError, InputErrors, GitHubError):
        raise
    except UpshotError as fault:
        outcome = _explain(job, own.operation, fault)
        if own.operation is not Operation.SIGNUP:  # it may repeat what no reply has told us to mask
            talk.release()
    outcome = replace(
        outcome,
        page=talk.without_secrets(outcome.page),
        outputs=talk.without_secrets(outcome.outputs),
    )
    return publish_outcome(job, outcome, lookup)


def _carry_out(
    job: Job, own: AccountInputs, operation: Operation, lookup: PullRequestLookup, talk: Talk
) -> Outcome:
    match operation:
        case Operation.SIGNUP:
            return run_signup(job, own, lookup, talk)
        case Operation.VALIDATE:
            return run_validate(job, own, talk)
        case Operation.STATUS:
            return run_status(own, talk)
    return run_claim(job, own, talk, gate=_ClaimGate(job, lookup))


class _ClaimGate:
    """An approval of a claim opens what `confirm` opens; whatever cannot be read leaves it closed."""

    def __init__(self, job: Job, lookup: PullRequestLookup) -> None:
        self._job = job
        self._lookup = lookup
        self.line = ""
        """The comment that approves the claim which was asked about last; empty where none can."""

    def is_open(self, digest: str) -> bool:
        """Whether the claim with this digest is approved now."""
        from upshot.modes.gating.named import find_named

        found = find_named(self._job, self._lookup, Binding.CLAIM, digest)
        self.line = found.line if found else ""
        if found is None:
            return False
        self._job.log.info(f"Approval of the claim: {found.state}. {found.why}")
        return found.state is State.APPROVED


def _explain(job: Job, operation: Operation, fault: UpshotError) -> Outcome:
    """The end of an operation that a service or the proof of work has stopped."""
    page = AccountPage(operation=operation, fault=fault.message, hint=fault.hint)
    if is_exit_1(operation, fault):
        message = format_message(fault.message, fault.hint, fault.anchor)
        job.log.error(message, title="Upshot")
        return Outcome(page=page, exit_code=1, reason=ReasonCode.NOT_DONE)
    words = "Pulumi Cloud did not answer as it should"
    job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, words, fault)
    return Outcome(page=page, reason=ReasonCode.PULUMI_UNAVAILABLE)
