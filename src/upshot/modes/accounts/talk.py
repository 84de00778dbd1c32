"""Connections to Pulumi Cloud for agent accounts, and what the log says while they work.

A reply may warn its client, and the warning may repeat a token that only this reply brings. So warnings
wait until the tokens of the reply are masked; those of a reply that could not be read are never shown
(threat T66).
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from upshot.errors import InputError
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.pulumi.agents.accounts import AgentAccounts, build_claim_address, find_claim_token
from upshot.pulumi.agents.claiming import ClaimEnd
from upshot.pulumi.agents.claims import ClaimState
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.agents.exposure import scrub, shows
from upshot.pulumi.agents.proof.challenge import Challenge
from upshot.pulumi.agents.proof.solve import Progress, count_cores
from upshot.secret import Secret

T = TypeVar("T")

_NOT_SHOWN: Final = "(not shown: it repeats a part of a token)"
_WARNS: Final = "Pulumi Cloud warns its clients:"


class Talk:
    """Connections of one operation. Holds back what the service warns of, until `release`."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._held: list[str] = []
        self._secrets: list[Secret] = []

    def hide(self, secret: Secret) -> None:
        """Masks a secret; no text that leaves through `without_secrets` holds a part of it."""
        self._job.hide(secret)
        self._secrets.append(secret)

    def hide_claim_token(self, given: Secret) -> Secret:
        """The claim token of what was given, masked with its address."""
        token = find_claim_token(given)
        for secret in (token, build_claim_address(self._job.console, token)):
            if secret:
                self.hide(secret)
        return token

    def without_secrets(self, value: T) -> T:
        """The value without any part of a secret in its texts, which may be the service's."""
        import msgspec

        plain = msgspec.to_builtins(value)
        whole = msgspec.json.encode(plain).decode()
        if not any(shows(whole, secret) for secret in self._secrets):
            return value
        return msgspec.convert(self._scrubbed(plain), type(value))

    def _scrubbed(self, value: Any) -> Any:
        match value:
            case str():
                return scrub(value, self._secrets, otherwise=_NOT_SHOWN)
            case list() | tuple():
                return [self._scrubbed(item) for item in value]
            case dict():
                return {key: self._scrubbed(item) for key, item in value.items()}
        return value

    def accounts(self) -> AgentAccounts:
        """A client without an access token, to be closed."""
        job = self._job
        return AgentAccounts(
            job.inputs.pulumi.cloud_url,
            console=job.console,
            clock=job.clock,
            deadline=job.deadline,
            on_warning=self._held.append,
            http=job.http,
        )

    def release(self) -> None:
        """Prints the warnings: every token that they may repeat is masked now."""
        for text in self._held:
            self._job.log.info(_WARNS)
            self._job.log.untrusted(scrub(text, self._secrets, otherwise=_NOT_SHOWN))
        self._held.clear()

    def destination(self) -> tuple[ServiceClient, Destination]:
        """The organization that takes an account over, and the client to be closed.

        Raises InputError without an organization or a token, ServiceError when an exchange gave no
        token.
        """
        job = self._job
        organization = job.inputs.subject.organization
        if not organization:
            raise InputError(
                "organization", "nothing", "the organization that takes the account over (`acme`)"
            )
        access = obtain_access(job)
        client = connect_cloud(job, access, on_warning=self._held.append)
        if client is None:
            raise access.fault or InputError(
                "pulumi-access-token",
                "nothing",
                "an access token of a person who may create stacks in the organization; the agent's "
                "own cannot claim",
            )
        return client, Destination(client, organization)


def log_challenge(job: Job, challenge: Challenge) -> None:
    wait_s = min(job.inputs.ask.max_wait_s, job.deadline.remaining_s())
    job.log.info(
        f"Proof of work: {challenge.difficulty} zero bits, {challenge.expected_hashes:,} hashes on "
        f"average, on {count_cores()} cores, for at most {wait_s:.0f} s."
    )


def log_proof(job: Job, progress: Progress) -> None:
    """About every 10 s; the estimate is the same at any time, since the search has no memory."""
    average_s = progress.average_s
    estimate = "" if average_s is None else f"; on average {average_s:.0f} s from now on"
    job.log.info(
        f"Proof of work: {progress.hashes:,} hashes in {progress.elapsed_s:.0f} s, "
        f"{progress.per_s:,.0f} a second{estimate}."
    )


def log_claim(job: Job, end: ClaimEnd) -> None:
    left = len(end.claim.entities)
    if end.fault is not None:
        job.log.info(
            f"Claim: its progress cannot be read now ({end.fault.message}); it is tried again."
        )
    elif end.state is ClaimState.STARTED:
        job.log.info(
            f"Claim: {left} {'entity is' if left == 1 else 'entities are'} listed; it runs."
        )
