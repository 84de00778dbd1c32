"""The error tree, by who must act.

::

    UpshotError                   hint, anchor; never holds a secret
    ├── InputError                the workflow's author: one input is wrong
    │   └── InputErrors           the same, every problem at once
    ├── EventError                the workflow's author: the event payload cannot be read
    ├── ServiceError               a request to Pulumi Cloud: method, path, status, request id
    │   ├── ServiceUnreachable     the network
    │   ├── ServiceTimeout         time: the answer may have been lost after it was acted upon
    │   │   └── ServiceConnectionLost   the network: the same, cut off while it answered
    │   ├── ServiceAuthError       the token's owner (401; an OIDC exchange that was refused)
    │   ├── ServiceForbidden       an organization administrator (403)
    │   ├── ServiceLimitReached    an organization administrator (402, exhausted budget)
    │   ├── ServiceNotFound        the workflow's author (404)
    │   ├── ServiceConflict        nobody, or time (409)
    │   ├── ServiceBadRequest      us, or the workflow's author (other 4xx)
    │   ├── ServiceRateLimited     time (429)
    │   ├── ServiceUnavailable     Pulumi (5xx after retries)
    │   └── ServiceBadReply        us or Pulumi: a reply that cannot be read
    ├── GitHubError               the workflow's author, or time: a request to GitHub
    └── TemplateFault             us, or the author of the template

Library code neither exits nor prints; the one ladder that does is in `__main__`.
"""

from __future__ import annotations

from collections.abc import Sequence


class UpshotError(Exception):
    """Anything that Upshot knows how to explain.

    `message` is one sentence: what was found. `hint` says who must act and what to paste.
    `anchor` names a heading of docs/troubleshooting.md. None of them holds a secret.
    """

    anchor = "something-else"

    def __init__(self, message: str, *, hint: str = "", anchor: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if anchor:
            self.anchor = anchor


class InputError(UpshotError):
    """An action input is wrong: names it, what was given (never a secret), what is allowed."""

    anchor = "bad-input"

    def __init__(
        self, name: str, given: str, allowed: str, *, hint: str = "", anchor: str = ""
    ) -> None:
        super().__init__(
            f"input '{name}': got {given}; allowed: {allowed}", hint=hint, anchor=anchor
        )
        self.name = name
        self.given = given
        self.allowed = allowed


class InputErrors(UpshotError):
    """Every problem of the inputs, reported together."""

    anchor = "bad-input"

    def __init__(self, problems: Sequence[InputError]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class EventError(UpshotError):
    """The event payload is missing, not JSON, or lacks what every event has."""

    anchor = "bad-event"


class ServiceError(UpshotError):
    """A request to Pulumi Cloud did not give what was asked.

    `status` is the HTTP status, 0 when there was no answer. `path` holds no query and no host.
    """

    anchor = "pulumi-cloud"
    retry_after_s: float | None = None
    """What the service asked us to wait; None when it did not say."""
    tries: int = 0
    """Requests that were made, this last one included; 0 when none was."""

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int = 0,
        request_id: str = "",
        hint: str = "",
        anchor: str = "",
    ) -> None:
        super().__init__(message, hint=hint, anchor=anchor)
        self.method = method
        self.path = path
        self.status = status
        self.request_id = request_id


class ServiceUnreachable(ServiceError):
    """No connection: DNS, TCP or TLS. Surely nothing was accepted."""

    anchor = "pulumi-unreachable"


class ServiceTimeout(ServiceError):
    """No answer in time. What was asked may have been done all the same."""

    anchor = "pulumi-unreachable"


class ServiceConnectionLost(ServiceTimeout):
    """The connection broke before the whole reply was there. What was asked may have been done."""


class ServiceAuthError(ServiceError):
    """401, or an OIDC exchange that was refused: the token's owner must act."""

    anchor = "pulumi-token"


class ServiceForbidden(ServiceError):
    """403: the feature is off for the organization, or the token may not use it."""

    anchor = "pulumi-forbidden"


class ServiceLimitReached(ServiceError):
    """402 or an exhausted token budget: an organization administrator must act, or wait."""

    anchor = "ai-usage-limit"


class ServiceNotFound(ServiceError):
    """404: no such stack, update, task or conversation for this token."""

    anchor = "pulumi-not-found"


class ServiceConflict(ServiceError):
    """409: still working, or already decided."""

    anchor = "pulumi-conflict"


class ServiceBadRequest(ServiceError):
    """Any other 4xx."""

    anchor = "pulumi-bad-request"


class ServiceRateLimited(ServiceError):
    """429, still after our retries. `retry_after_s` is what the service asked for, or 0."""

    anchor = "pulumi-rate-limit"
    retry_after_s: float = 0.0


class ServiceUnavailable(ServiceError):
    """5xx, still after our retries."""

    anchor = "pulumi-unavailable"


class ServiceBadReply(ServiceError):
    """A reply that is not JSON, too large, redirected, or lacks what its kind must have."""

    anchor = "pulumi-bad-reply"


class GitHubError(UpshotError):
    """A request to GitHub failed after our retries. `status` is 0 when there was no answer."""

    anchor = "github"

    def __init__(self, message: str, *, status: int = 0, hint: str = "", anchor: str = "") -> None:
        super().__init__(message, hint=hint, anchor=anchor)
        self.status = status


class TemplateFault(UpshotError):
    """A template could not be read, compiled or rendered."""

    anchor = "template"
