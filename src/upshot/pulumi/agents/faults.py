"""What the refusals of each call mean, and who must act. Pure.

Statuses as documented; where the page names none, as Pulumi Cloud's other calls use them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.http.service import Refusal
from upshot.pulumi.agents.exposure import scrub
from upshot.secret import Secret

E = TypeVar("E", bound=ServiceError)
SIGN_UP_ANCHOR: Final = "agent-signup"
CLAIM_ANCHOR: Final = "agent-claim"
_LOOK_FIRST: Final = (
    "`account-operation: validate` says whether the claim token still works. Nothing was changed."
)


class SignupLost(ServiceError):
    """The sign-up was sent and its answer is lost: an account may exist that cannot be used."""

    anchor = "agent-signup-lost"


class ChallengeSpent(ServiceError):
    """The service does not take the answer of a challenge that was solved: it has expired."""

    anchor = "agent-signup"


def _forbidden(status: int) -> Refusal:
    return Refusal(
        ServiceAuthError if status == 401 else ServiceForbidden,  # noqa: PLR2004
        "Pulumi Cloud lets no agent sign up from here",
        "The workflow's author must act: make an account by hand and store its token as the secret "
        "PULUMI_ACCESS_TOKEN. No account was made.",
        SIGN_UP_ANCHOR,
    )


_NOT_OFFERED: Final = Refusal(
    ServiceNotFound,
    "this Pulumi Cloud does not offer agent accounts",
    "The workflow's author must act: check `cloud-url`; a self-hosted Pulumi Cloud may not have "
    "them. No account was made.",
    SIGN_UP_ANCHOR,
)
CHALLENGE: Final[Mapping[int, Refusal]] = {
    401: _forbidden(401),
    403: _forbidden(403),
    404: _NOT_OFFERED,
    405: _NOT_OFFERED,
}
SIGN_UP: Final[Mapping[int, Refusal]] = {
    **CHALLENGE,
    400: Refusal(
        ServiceBadRequest,
        "Pulumi Cloud did not take the proof of work",
        "No action needed: no account was made, the next run solves a new challenge. If every run "
        "says this, please report the message to Upshot.",
        SIGN_UP_ANCHOR,
    ),
}
VALIDATE: Final[Mapping[int, Refusal]] = {
    400: Refusal(
        ServiceBadRequest,
        "Pulumi Cloud takes `claim-token` for no claim token",
        "The workflow's author must act: a claim token is the last part of the claim address, or "
        "all that the file of the output `claim-token-file` holds.",
        CLAIM_ANCHOR,
    ),
    404: Refusal(
        ServiceNotFound,
        "Pulumi Cloud does not know the claim token: it is used, expired or cancelled",
        "The workflow's author must act, unless it was claimed: sign up again.",
        CLAIM_ANCHOR,
    ),
}
_NO_CLAIM: Final = Refusal(
    ServiceNotFound,
    "Pulumi Cloud knows no such organization, or no such claim token",
    f"The workflow's author must act: check `organization`, the destination. {_LOOK_FIRST}",
    CLAIM_ANCHOR,
)
_BAD_CLAIM: Final = Refusal(
    ServiceBadRequest,
    "Pulumi Cloud did not take the claim",
    f"The workflow's author must act: check `claim-token` and `claim-renames`. {_LOOK_FIRST}",
    CLAIM_ANCHOR,
)
_BUSY: Final = Refusal(
    ServiceConflict,
    "the agent's organization is being claimed already",
    "No action needed: a claim is running; `account-operation: status` shows it.",
    CLAIM_ANCHOR,
)
CLAIM: Final[Mapping[int, Refusal]] = {
    400: _BAD_CLAIM,
    401: Refusal(
        ServiceAuthError,
        "Pulumi Cloud refused the access token of the person who claims",
        "The owner of the token must act: make a new one at the console under Settings > Access "
        "tokens and store it as the secret PULUMI_ACCESS_TOKEN. The agent's own token cannot "
        "claim.",
        CLAIM_ANCHOR,
    ),
    403: Refusal(
        ServiceForbidden,
        "this access token may not claim into the organization",
        "An organization administrator must act: give the token's owner a role that may create "
        "stacks. The agent's own token cannot claim.",
        CLAIM_ANCHOR,
    ),
    404: _NO_CLAIM,
    409: _BUSY,
    422: _BAD_CLAIM,
    423: _BUSY,
}


def without(error: ServiceError, secrets: Sequence[Secret]) -> ServiceError:
    """The same error without any of the secrets, which the service may repeat in what it says.

    Of a message in which a part of a secret is left, only our own words stay (threat T66).
    """
    if not secrets:
        return error
    ours = error.message.partition(" (HTTP ")[0]
    message = scrub(error.message, secrets, otherwise=f"{ours} (HTTP {error.status})")
    new = type(error)(
        message,
        method=error.method,
        path=scrub(error.path, secrets),
        status=error.status,
        request_id=scrub(error.request_id, secrets),
        hint=scrub(error.hint, secrets),
        anchor=error.anchor,
    )
    new.retry_after_s, new.tries = error.retry_after_s, error.tries
    return new


def build_lost(error: ServiceError) -> SignupLost:
    """For a sign-up whose answer did not come, or cannot be read."""
    return _as(
        SignupLost,
        error,
        f"the sign-up was sent and its answer is lost, so it is not sent again: {error.message}",
        "No action needed for what is lost: an account without its tokens can neither be used nor "
        "claimed, and Pulumi Cloud ends it. Run the job again for another one.",
    )


def build_spent(error: ServiceError) -> ChallengeSpent:
    """For a sign-up that was refused although its proof of work is right."""
    return _as(ChallengeSpent, error, error.message, error.hint)


def build_no_account() -> ServiceBadReply:
    """For a success that has no account in it."""
    return _bad_reply("the reply to the sign-up holds no account with both its tokens")


def build_no_challenge() -> ServiceBadReply:
    return _bad_reply("the reply to the sign-up's first question holds no challenge")


def build_no_claim() -> ServiceBadReply:
    return _bad_reply("the reply holds no claim with an agent", anchor="agent-claim")


def _bad_reply(found: str, *, anchor: str = SIGN_UP_ANCHOR) -> ServiceBadReply:
    hint = "No action needed: the next run asks again. If every run says this, please report it."
    return ServiceBadReply(found, status=200, hint=hint, anchor=anchor)


def _as(kind: type[E], error: ServiceError, message: str, hint: str) -> E:
    new = kind(
        message,
        method=error.method,
        path=error.path,
        status=error.status,
        request_id=error.request_id,
        hint=hint,
    )
    new.tries = error.tries
    return new
