"""`account-operation: signup`: a new agent account, with its tokens where only later steps can read them.

Everything that could keep the tokens from being kept is found before the account is made: an account
without its tokens is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upshot.errors import GitHubError, InputError
from upshot.inputs.account import AccountInputs, Operation
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.accounts.outcome import Outcome
from upshot.modes.accounts.talk import Talk, log_challenge, log_proof
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.pulumi.agents.accounts import AgentAccount
from upshot.pulumi.agents.claims import ClaimState
from upshot.pulumi.agents.proof.solve import solve
from upshot.pulumi.agents.signup import Solver, sign_up
from upshot.report.accounts.page import AccountPage
from upshot.runner.token_file import write_token_file
from upshot.runner.warnings import format_message
from upshot.secret import Secret

if TYPE_CHECKING:  # loaded where a secret is to be stored
    from upshot.publish.github.client import GitHub
    from upshot.publish.github.secrets import SecretStore

ACCESS_FILE: Final = "access-token"
CLAIM_FILE: Final = "claim-token"  # names of files


class _Keeper:
    """Keeps the tokens of a new account. What it needs is there before the account is."""

    def __init__(self, job: Job, own: AccountInputs, lookup: PullRequestLookup) -> None:
        """Raises InputError without a folder for the files, GitHubError when no secret can be stored."""
        if not job.workspace.temp:
            raise InputError(
                "account-operation",
                "'signup' without RUNNER_TEMP, the folder that the tokens are written to",
                "'signup' in a job of GitHub Actions",
            )
        self._job = job
        self._github: GitHub | None = None
        self._store: SecretStore | None = None
        if own.secret is not None:
            from upshot.publish.github.secrets import open_store

            self._github = _github_of(lookup)
            self._store = open_store(self._github, own.secret)
        self.faults: list[str] = []
        self.secret = ""
        """Name of the secret in which the access token is now."""

    def keep(self, account: AgentAccount) -> dict[str, str]:
        """The outputs with the files' names. What fails is in `faults`; the rest is done anyway."""
        outputs = {
            "account-token-file": self._write(ACCESS_FILE, account.access_token),
            "claim-token-file": self._write(CLAIM_FILE, account.claim_token),
        }
        if self._github is not None and self._store is not None:
            from upshot.publish.github.secrets import store_secret

            try:
                store_secret(self._github, self._store, account.access_token)
                self.secret = str(self._store.name)
            except GitHubError as fault:
                self._note(f"The access token is not in a secret: {fault.message}", fault.hint)
        return outputs

    def _write(self, name: str, token: Secret) -> str:
        try:
            key = self._job.inputs.publish.comment_key
            return write_token_file(self._job.workspace.temp, key, name, token)
        except OSError as fault:
            why = fault.strerror or type(fault).__name__
            hint = "The workflow's author must act: give the runner a disk with room, then sign up again."
            self._note(f"The file with the {name} was not written: {why}", hint)
            return ""

    def _note(self, fault: str, hint: str) -> None:
        self.faults.append(f"{fault}\n{hint}".strip())
        self._job.log.error(format_message(fault, hint, "agent-signup"), title="Upshot")


def run_signup(
    job: Job,
    own: AccountInputs,
    lookup: PullRequestLookup,
    talk: Talk,
    *,
    solver: Solver | None = None,
) -> Outcome:
    """Raises InputError, GitHubError and UpshotError when no account was made, or none is known of.

    `solver` is for tests.
    """
    keeper = _Keeper(job, own, lookup)
    with talk.accounts() as accounts:
        account = sign_up(
            accounts,
            agent_name=own.agent_name,
            deadline=job.deadline.earlier(job.inputs.ask.max_wait_s),
            on_secret=talk.hide,
            on_challenge=lambda challenge: log_challenge(job, challenge),
            on_progress=lambda progress: log_proof(job, progress),
            solver=solver or solve,
        )
    files = keeper.keep(account)
    talk.release()
    job.log.info(
        f"Agent account {account.login!a} is made; its access token can write until "
        f"{account.valid_until or 'a time that is not known'}."
    )
    page = AccountPage(
        operation=Operation.SIGNUP,
        state=ClaimState.VALID,
        login=account.login,
        organization=account.organization,
        writes_until=account.valid_until,
        claim_until=account.claim_valid_until,
        secret=keeper.secret,
        fault="\n".join(keeper.faults),
    )
    outputs = files | {
        "account-login": account.login,
        "account-organization": account.organization,
        "account-valid-until": account.valid_until,
        "claim-valid-until": account.claim_valid_until,
        "claim-state": ClaimState.VALID.value,
    }
    is_kept = not keeper.faults
    return Outcome(
        page=page,
        outputs=outputs,
        exit_code=0 if is_kept else 1,
        reason=ReasonCode.OK if is_kept else ReasonCode.NOT_DONE,
    )


def _github_of(lookup: PullRequestLookup) -> GitHub:
    context = lookup.result()
    if context.github is not None:
        return context.github
    raise context.fault or GitHubError(
        "There is no GitHub token to store the secret with",
        hint="The workflow's author must act: give `github-token` a token that may store secrets, or "
        "leave `account-secret` out. No account was made.",
        anchor="account-secret",
    )
