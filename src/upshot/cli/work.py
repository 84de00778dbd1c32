"""The job of a command, and the reports that come of its evidence.

The options become the inputs that a workflow would give, so whatever the action understands, a desk
understands, by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from upshot.cli.desk import Desk, Misused, Refused
from upshot.cli.log import DeskLog
from upshot.errors import InputError, InputErrors
from upshot.inputs.names import variable
from upshot.job import Job
from upshot.model import BackendName, NoAnswer, Outcome, Reply
from upshot.runner.warnings import Warnings

if TYPE_CHECKING:
    from upshot.http.client import ServiceClient
    from upshot.modes.shared.gather import Case
    from upshot.modes.shared.report import ReportMaker
    from upshot.modes.shared.token import Access
    from upshot.report.content import Report

_TIMEOUT_S: Final = 600.0
NO_REPOSITORY: Final = "local/files"
"""Stands for the repository where there is none."""
_NO_RUNNER: Final = {
    "GITHUB_REPOSITORY": NO_REPOSITORY,
    "GITHUB_EVENT_NAME": "command-line",
    "GITHUB_WORKSPACE": "/",
    "INPUT_BACKEND": BackendName.LOCAL,
    "INPUT_COMMENT-MODE": "off",
}
_TOKEN: Final = "PULUMI_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
_BACKEND_URL: Final = "PULUMI_BACKEND_URL"
_UNKNOWN_TO_CLOUD: Final = (
    "Pulumi Cloud is asked with an access token, and PULUMI_ACCESS_TOKEN is not set"
)
LOG_IN: Final = (
    "Make one in Pulumi Cloud (Personal access tokens), then: "
    "export PULUMI_ACCESS_TOKEN=…, and run this command again"
)


def open_job(
    desk: Desk, given: Mapping[str, str], *, uses_cloud: bool = False, is_chatty: bool = False
) -> Job:
    """`given` are variables of inputs. `uses_cloud`: the token of the environment may be used, with the
    address of PULUMI_BACKEND_URL and with no other.

    Raises Misused for inputs that are wrong.
    """
    redactor = desk.redactor()
    cloud = _cloud_variables(desk.env) if uses_cloud else {}
    log = DeskLog(desk, redactor, is_chatty=is_chatty)
    try:
        return Job.from_env(
            {**_NO_RUNNER, **cloud, **given},
            log=log,
            redactor=redactor,
            warnings=Warnings(log if is_chatty else _Silent()),  # the report itself shows them
            clock=desk.clock,
            http=desk.http,
            timeout_s=_TIMEOUT_S,
        )
    except InputErrors as fault:
        raise Misused("; ".join(map(_for_desk, fault.problems))) from None


def _for_desk(problem: InputError) -> str:
    """Without the name of an input, which no option has."""
    if problem.name == "cloud-url":
        return f"{_BACKEND_URL}: {problem.given}; allowed is {problem.allowed}"
    if problem.name == "pulumi-access-token":
        return f"{_TOKEN}: {problem.given}; allowed is {problem.allowed}"
    allowed = problem.allowed.replace(
        "none: give `console-url`", "none is known: set PULUMI_CONSOLE_DOMAIN"
    )
    return f"{problem.given}; allowed is {allowed}"


def _cloud_variables(env: Mapping[str, str]) -> dict[str, str]:
    """What leads to Pulumi Cloud; a backend of files or buckets has no interface to ask."""
    address = env.get(_BACKEND_URL, "").strip()
    names = (_TOKEN, "PULUMI_CONSOLE_DOMAIN")
    found = {name: env[name] for name in names if env.get(name, "").strip()}
    if address.startswith(("https://", "http://")):
        found[variable("cloud-url")] = address
    return found


def has_token(job: Job) -> bool:
    """Whether Pulumi Cloud, and an AI there, can be asked."""
    return job.inputs.pulumi.access_token is not None


class World(Struct, frozen=True):
    """The evidence of one job, with the client that may be asked more."""

    job: Job
    cases: tuple[Case, ...]
    access: Access
    cloud: ServiceClient | None

    @property
    def worst(self) -> Case:
        """The one to talk about: a failed one before others."""
        from upshot.modes.asking.ask_backend import most_urgent_first

        return most_urgent_first(self.cases)[0]

    def build(self, maker: ReportMaker, case: Case, reply: Reply | None = None) -> Report:
        from upshot.publish.interface import PullRequestContext

        return maker.build(case, reply or NoAnswer(BackendName.LOCAL), PullRequestContext())


@contextmanager
def open_world(job: Job, *, needs_cloud: bool) -> Iterator[World]:
    """Reads the evidence; the client is open inside the `with` block, where there is a token.

    Pulumi Cloud is read only where it is needed: a log from another person makes no request.

    Raises Refused where Pulumi Cloud is needed and there is no token for it.
    """
    from upshot.modes.shared.deployment import gather_deployment
    from upshot.modes.shared.gather import gather_evidence
    from upshot.modes.shared.token import Access, connect_cloud

    access = Access(job.inputs.pulumi.access_token)
    if needs_cloud and access.token is None:
        raise Refused(_UNKNOWN_TO_CLOUD, hint=LOG_IN)
    cloud = connect_cloud(job, access)
    try:
        cases = (
            gather_deployment(job, cloud)
            if job.inputs.subject.deployment
            else gather_evidence(job, cloud if needs_cloud else None, is_expected=True)
        )
        yield World(job, cases, access, cloud)
    finally:
        if cloud is not None:
            cloud.close()


def is_known(case: Case) -> bool:
    """Whether there is something to report."""
    return case.facts.is_running or case.facts.outcome is not Outcome.UNKNOWN


class _Silent:
    """Prints no warning."""

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """Does nothing."""
