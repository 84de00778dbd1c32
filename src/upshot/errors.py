"""The error tree, by who acts.

::

    UpshotError                     hint, anchor; never holds a secret
    ├── InputError                  the workflow's author: one input is wrong
    ├── InputErrors                 the workflow's author: every wrong input at once
    ├── NothingGiven                the workflow's author: no input says what to look at
    ├── EventError                  the workflow's author: the event payload cannot be read
    ├── ServiceError                a request to a service: method, path, status, request id
    │   ├── ServiceUnreachable      the network: no connection, nothing was accepted
    │   ├── ServiceTimeout          time: no answer, but it may have been acted upon
    │   │   └── ServiceConnectionLost   the network: the same, cut off while it answered
    │   ├── ServiceAuthError        the token's owner (401; an OIDC exchange that was refused)
    │   ├── ServiceForbidden        an administrator of the service (403)
    │   ├── ServiceLimitReached     an administrator of the service (402, exhausted budget)
    │   ├── ServiceNotFound         the workflow's author (404)
    │   ├── ServiceConflict         time (409)
    │   ├── ServiceBadRequest       the workflow's author, or Upshot's (other 4xx)
    │   ├── ServiceRateLimited      time (429)
    │   ├── ServiceUnavailable      the service (5xx after retries)
    │   └── ServiceBadReply         the service, or Upshot's author: an unreadable reply
    ├── GitHubError                 the workflow's author, or time: a request to GitHub
    └── TemplateFault               the author of the template

A class says in `anchor` which section of docs/troubleshooting.md explains it, a ServiceError also in
`reason` why an AI that was asked gave no answer. Who acts for one error is in its `hint`.
Library code neither exits nor prints; `app` and `__main__` turn errors into exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence

from upshot.model.verdict import ReasonCode


class UpshotError(Exception):
    """Anything that Upshot knows how to explain.

    `message` is one sentence: what was found. `hint` says who acts and what to paste. `anchor`
    names a heading of docs/troubleshooting.md. None of them holds a secret.
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
        self, name: str, given: str, allowed: str, *, hint: str = "", stops: bool = False
    ) -> None:
        """`stops`: going on with the default could do harm, whatever input it is."""
        super().__init__(f"input '{name}': got {given}; allowed: {allowed}", hint=hint)
        self.name = name
        self.given = given
        self.allowed = allowed
        self.stops = stops


class InputErrors(UpshotError):
    """Every problem of the inputs, reported together."""

    anchor = "bad-input"

    def __init__(self, problems: Sequence[InputError]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class NothingGiven(UpshotError):
    """No input and no event says which deployment to look at."""

    anchor = "nothing-given"


class EventError(UpshotError):
    """The event payload is missing, not JSON, or lacks what every event has."""

    anchor = "bad-event"


class ServiceError(UpshotError):
    """A request to a service did not give what was asked; `message` names the service.

    `status` is the HTTP status, 0 when there was no answer. `path` holds no query and no host.
    The anchors are those of Pulumi Cloud; another service brings its own (`http.service`).
    """

    anchor = "pulumi-cloud"
    reason = ReasonCode.AI_UNAVAILABLE
    """Why there is no answer, where an AI was asked."""
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
    """No connection: DNS, TCP or TLS. Nothing was accepted."""

    anchor = "pulumi-unreachable"
    reason = ReasonCode.AI_UNREACHABLE


class ServiceTimeout(ServiceError):
    """No answer in time. What was asked may have been done."""

    anchor = "pulumi-unreachable"
    reason = ReasonCode.AI_TIMED_OUT


class ServiceConnectionLost(ServiceTimeout):
    """The connection broke before the whole reply was there. What was asked may have been done."""

    reason = ReasonCode.AI_UNREACHABLE


class ServiceAuthError(ServiceError):
    """401, or an OIDC exchange that was refused."""

    anchor = "pulumi-token"
    reason = ReasonCode.AI_TOKEN


class ServiceForbidden(ServiceError):
    """403: the feature is off for the organization, or the token may not use it."""

    anchor = "pulumi-forbidden"
    reason = ReasonCode.AI_FORBIDDEN


class ServiceLimitReached(ServiceError):
    """402, or an exhausted token budget."""

    anchor = "ai-usage-limit"
    reason = ReasonCode.AI_USAGE_LIMIT


class ServiceNotFound(ServiceError):
    """404: no such stack, update, task or conversation for this token."""

    anchor = "pulumi-not-found"
    reason = ReasonCode.AI_NOT_FOUND


class ServiceConflict(ServiceError):
    """409: still working, or already decided."""

    anchor = "pulumi-conflict"


class ServiceBadRequest(ServiceError):
    """Any other 4xx."""

    anchor = "pulumi-bad-request"


class ServiceRateLimited(ServiceError):
    """429, still after our retries. `retry_after_s` is what the service asked for, or 0."""

    anchor = "pulumi-rate-limit"
    reason = ReasonCode.AI_RATE_LIMITED
    retry_after_s: float = 0.0


class ServiceUnavailable(ServiceError):
    """5xx, still after our retries."""

    anchor = "pulumi-unavailable"


class ServiceBadReply(ServiceError):
    """A reply that is not JSON, too large, redirected, or lacks what its kind must have."""

    anchor = "pulumi-bad-reply"
    reason = ReasonCode.AI_BAD_REPLY


class GitHubError(UpshotError):
    """A request to GitHub failed after our retries. `status` is 0 when there was no answer."""

    anchor = "github"

    def __init__(self, message: str, *, status: int = 0, hint: str = "", anchor: str = "") -> None:
        super().__init__(message, hint=hint, anchor=anchor)
        self.status = status


class TemplateFault(UpshotError):
    """A template could not be read, compiled or rendered."""

    anchor = "template"
