"""The operations on an account that is there: validate, preview, claim, status.

A claim is started once, behind the word of its preview; with anything against it nothing is started.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from upshot.errors import ServiceConflict, ServiceError, ServiceNotFound
from upshot.inputs.account import AccountInputs, Operation
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.accounts.outcome import Outcome, claim_outputs, describe_claim
from upshot.modes.accounts.talk import Talk, log_claim
from upshot.pulumi.agents.accounts import AgentAccounts
from upshot.pulumi.agents.claiming import (
    ClaimEnd,
    Preview,
    carry_out,
    follow_claim,
    preview_claim,
    read_states,
)
from upshot.pulumi.agents.claims import ClaimState
from upshot.pulumi.agents.confirm import build_word, digest_claim, is_confirmed
from upshot.pulumi.agents.destination import Destination
from upshot.report.accounts.page import AccountPage, Progress
from upshot.runner.warnings import format_message
from upshot.secret import Secret

_ANCHOR = "agent-claim"


class Gate(Protocol):
    """People's approvals, which open a claim as `confirm` does (`binding: claim`)."""

    line: str
    """The comment that approves the claim which was asked about last; empty where none can."""

    def is_open(self, digest: str) -> bool:
        """Whether the claim with this digest (`confirm.digest_claim`) is approved now."""
        ...


def run_validate(job: Job, own: AccountInputs, talk: Talk) -> Outcome:
    """Raises ServiceError."""
    token = _token(own, talk)
    with talk.accounts() as accounts:
        claim = accounts.validate(token)
    if claim is None:
        return _gone(job, Operation.VALIDATE)
    return _end(describe_claim(Operation.VALIDATE, ClaimState.VALID, claim))


def run_claim(job: Job, own: AccountInputs, talk: Talk, *, gate: Gate | None = None) -> Outcome:
    """`preview-claim` and `claim`, which differ in what follows a preview that is ready.

    Raises InputError, and ServiceError when nothing was started.
    """
    return _Claim(job, own, talk, gate).run()


def run_status(own: AccountInputs, talk: Talk) -> Outcome:
    """Every recent claim; state and id of the one that `claim-token` is for, or of the only one.

    Raises InputError and ServiceError.
    """
    client, destination = talk.destination()
    with client, talk.accounts() as accounts:
        ends = sorted(read_states(destination), key=lambda end: end.claim.agent.login)
        page = _status_page(own, talk, accounts, ends)
    progress = tuple(
        Progress(end.claim.agent.login, end.state.value, len(end.claim.entities), end.transfer_id)
        for end in ends
    )
    return _end(replace(page, claims=progress, destination=destination.organization))


def _status_page(
    own: AccountInputs, talk: Talk, accounts: AgentAccounts, ends: list[ClaimEnd]
) -> AccountPage:
    ours, state = ends, ClaimState.VALID
    if own.claim_token is not None:
        claim = accounts.validate(_token(own, talk))
        if claim is None:
            return AccountPage(operation=Operation.STATUS, state=ClaimState.GONE)
        ours = [end for end in ends if end.claim.agent.organization == claim.agent.organization]
        if not ours:
            return describe_claim(Operation.STATUS, state, claim)
    if len(ours) != 1:
        return AccountPage(operation=Operation.STATUS)
    end = ours[0]
    return describe_claim(Operation.STATUS, end.state, end.claim, transfer_id=end.transfer_id)


class _Claim:
    """One claim, from its preview on."""

    def __init__(self, job: Job, own: AccountInputs, talk: Talk, gate: Gate | None) -> None:
        assert own.operation is not None  # noqa: S101 - the inputs were checked
        self._job = job
        self._own = own
        self._operation = own.operation
        self._is_commit = own.operation is Operation.CLAIM
        self._talk = talk
        self._gate = gate
        self._token = _token(own, talk)

    def run(self) -> Outcome:
        client, destination = self._talk.destination()
        with client, self._talk.accounts() as accounts:
            is_gone = lambda: accounts.validate(self._token) is None  # noqa: E731
            try:
                preview = preview_claim(destination, self._token, self._own.renames)
            except ServiceNotFound as fault:
                return self._not_found(fault, is_gone)
            except ServiceConflict as fault:
                return self._running(fault, accounts, destination)
            return self._decide(destination, preview, is_gone)

    def _not_found(self, fault: ServiceNotFound, is_gone: Callable[[], bool]) -> Outcome:
        """404 is the token's or the organization's; raises the fault when it is the latter's."""
        try:
            if not is_gone():
                raise fault
        except ServiceError:
            raise fault from None
        return _gone(self._job, self._operation)

    def _running(
        self, fault: ServiceConflict, accounts: AgentAccounts, destination: Destination
    ) -> Outcome:
        """Another run has started the claim: it is followed, never started again."""
        claim = accounts.validate(self._token)
        if claim is None:
            return _gone(self._job, self._operation)
        preview = Preview(claim)
        if not self._is_commit:
            self._job.warnings.remark(f"{fault.message}. {fault.hint}", anchor=_ANCHOR)
            return self._show(destination, preview, ClaimState.STARTED)
        end = follow_claim(
            destination,
            preview,
            "",
            deadline=self._job.deadline.earlier(self._job.inputs.ask.max_wait_s),
            is_gone=lambda: accounts.validate(self._token) is None,
            on_progress=lambda seen: log_claim(self._job, seen),
        )
        return self._ended(destination, preview, end)

    def _decide(
        self, destination: Destination, preview: Preview, is_gone: Callable[[], bool]
    ) -> Outcome:
        digest = digest_claim(preview.claim, preview.renames, destination=destination.organization)
        word = build_word(digest)
        if preview.state is ClaimState.BLOCKED:
            return self._show(destination, preview, ClaimState.BLOCKED)
        is_given = bool(self._own.confirm)
        is_right = is_given and is_confirmed(self._own.confirm, digest)
        # A word that is given decides alone: a wrong one is about another claim.
        gate = None if is_given else self._gate
        is_open = gate is not None and gate.is_open(digest)
        if not self._is_commit or not (is_right or is_open):
            is_wrong = self._is_commit and is_given
            return self._show(
                destination,
                preview,
                ClaimState.READY,
                word=word,
                is_word_wrong=is_wrong,
                line=gate.line if gate and not is_open else "",
            )
        end = carry_out(
            destination,
            self._token,
            preview,
            deadline=self._job.deadline.earlier(self._job.inputs.ask.max_wait_s),
            is_gone=is_gone,
            on_progress=lambda seen: log_claim(self._job, seen),
        )
        return self._ended(destination, preview, end)

    def _show(
        self,
        destination: Destination,
        preview: Preview,
        state: ClaimState,
        *,
        word: str = "",
        is_word_wrong: bool = False,
        line: str = "",
    ) -> Outcome:
        """The end of a run that changed nothing."""
        page = self._describe(destination, preview, state)
        page = replace(page, word=word, is_word_wrong=is_word_wrong, line=line)
        is_failed = self._is_commit and (state is ClaimState.BLOCKED or is_word_wrong)
        if is_word_wrong:
            self._error(
                "input 'confirm' does not hold the word of what the claim would do now; nothing was "
                "changed",
                f"The workflow's author must act: read the report, then write\n\nconfirm: {word}",
            )
        elif is_failed:
            self._error(
                "The claim is blocked, and nothing was changed: names taken: "
                f"{len(page.conflicts):,}, cannot move: {len(page.failures):,}",
                "The workflow's author must act: the report has `claim-renames` to paste, and says "
                "what cannot move.",
            )
        reason = ReasonCode.BAD_INPUT if is_word_wrong else ReasonCode.NOT_DONE
        return _end(page, exit_code=int(is_failed), reason=reason, has_comment=True)

    def _ended(self, destination: Destination, preview: Preview, end: ClaimEnd) -> Outcome:
        """The end of a run that started the claim, may have, or followed it."""
        is_stopped = end.state in {ClaimState.FAILED, ClaimState.BLOCKED}
        shown = Preview(end.claim, preview.renames) if is_stopped else preview
        page = self._describe(destination, shown, end.state, transfer_id=end.transfer_id)
        if end.fault is not None:
            page = replace(page, fault=end.fault.message, hint=end.fault.hint)
        if end.state is ClaimState.DONE:
            self._job.log.info(f"The claim of {page.login!a} is done.")
        else:
            self._error(
                _NOT_DONE[end.state] if end.fault is None else _UNSURE,
                "The workflow's author must act: `account-operation: status` shows how far it is, "
                "`preview-claim` what is left. It is not started again meanwhile.",
            )
        is_done = end.state is ClaimState.DONE
        return _end(page, exit_code=int(not is_done), reason=ReasonCode.NOT_DONE, has_comment=True)

    def _describe(
        self, destination: Destination, preview: Preview, state: ClaimState, transfer_id: str = ""
    ) -> AccountPage:
        return describe_claim(
            self._operation,
            state,
            preview.claim,
            destination=destination.organization,
            renames=self._own.renames,
            sent=preview.renames,
            transfer_id=transfer_id,
        )

    def _error(self, message: str, hint: str) -> None:
        self._job.log.error(format_message(message, hint, _ANCHOR), title="Upshot")


_NOT_DONE = {
    ClaimState.STARTED: "The claim is not done yet: `max-wait` is over, Pulumi Cloud goes on with it",
    ClaimState.FAILED: "The claim failed",
    ClaimState.BLOCKED: "The claim is blocked: something collides since its preview; nothing was changed",
}
_UNSURE = "It is not known whether the claim has started, or how far it is"


def _token(own: AccountInputs, talk: Talk) -> Secret:
    assert own.claim_token is not None  # noqa: S101 - the inputs were checked
    return talk.hide_claim_token(own.claim_token)


def _gone(job: Job, operation: Operation) -> Outcome:
    """The claim token is used up or unknown: what `validate` asks for, a failure of `claim`."""
    words = "The claim token no longer works: it is unknown, expired, cancelled or used"
    hint = "The workflow's author must act, unless the account was claimed: sign up again."
    page = AccountPage(operation=operation, state=ClaimState.GONE)
    if operation is Operation.CLAIM:
        job.log.error(format_message(words, hint, _ANCHOR), title="Upshot")
        return _end(page, exit_code=1, reason=ReasonCode.NOT_DONE)
    job.log.warning(format_message(words, hint, _ANCHOR), title="Upshot")
    return _end(page)


def _end(
    page: AccountPage,
    *,
    exit_code: int = 0,
    reason: ReasonCode = ReasonCode.OK,
    has_comment: bool = False,
) -> Outcome:
    outputs, is_cut = claim_outputs(page)
    return Outcome(
        page=page,
        outputs=outputs,
        exit_code=exit_code,
        reason=reason if exit_code else ReasonCode.OK,
        has_comment=has_comment,
        is_truncated=is_cut,
    )
