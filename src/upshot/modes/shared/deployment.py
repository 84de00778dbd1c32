"""Evidence of a Pulumi Deployment: its updates are the subject, its log is a console log.

A deployment that failed before Pulumi ran (clone, dependencies, credentials) has no update: its failed
step and the end of its log are what there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from upshot import evidence
from upshot.errors import ServiceAuthError, ServiceError
from upshot.http.client import ServiceClient
from upshot.inputs.values import DeploymentRef
from upshot.job import Job
from upshot.model import Facts, Failure, Outcome, ReasonCode, UpdateKind
from upshot.modes.shared.cloud import CloudEvidence, Read
from upshot.modes.shared.gather import Case
from upshot.pulumi.deployments import FAILED, Deployment, Deployments
from upshot.report.content import map_texts

SOURCE: Final = "deployment-log"
_LAST_LINES: Final = 12
_LONGEST_LINE: Final = 2_000
_RUNNING: Final = frozenset({"not-started", "accepted", "running"})
_KINDS: Final = {
    "update": UpdateKind.UPDATE,
    "preview": UpdateKind.PREVIEW,
    "destroy": UpdateKind.DESTROY,
    "refresh": UpdateKind.REFRESH,
    "detect-drift": UpdateKind.REFRESH,
    "remediate-drift": UpdateKind.UPDATE,
}
_NO_TOKEN: Final = "Pulumi Cloud: not asked, there is no access token"  # noqa: S105 - a notice


def gather_deployment(job: Job, cloud: ServiceClient | None) -> tuple[Case, ...]:
    """One case. What cannot be read is a notice. Raises nothing but bugs."""
    wanted = job.inputs.subject.deployment
    assert wanted is not None  # noqa: S101 - asked for only where it is given
    if cloud is None:
        job.warnings.degraded(
            ReasonCode.PULUMI_UNAVAILABLE,
            "The deployment could not be read: there is no Pulumi access token.",
            anchor="pulumi-token",
        )
        return (_case(job, wanted, Read((), None, wanted.stack, looked_at=(_NO_TOKEN,))),)
    try:
        read = _read(job, cloud, wanted)
    except ServiceError as error:
        notice = "The deployment could not be read"
        job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, notice, error)
        is_refused = isinstance(error, ServiceAuthError)
        looked_at = (f"Pulumi Cloud: {error.message}",)
        read = Read((), None, wanted.stack, looked_at=looked_at, is_refused=is_refused)
    return (_case(job, wanted, read),)


def _read(job: Job, cloud: ServiceClient, wanted: DeploymentRef) -> Read:
    deployments = Deployments(cloud, wanted.stack)
    found = deployments.get(wanted.version)
    updates = deployments.get_updates(found.id)
    last = max(updates, key=lambda info: (info.started_at or 0.0, info.version or 0), default=None)
    read = Read((), None, wanted.stack)
    if last is not None:
        read = CloudEvidence(job, cloud, lambda: None).read_known(wanted.stack, last)
    tail: deque[str] = deque(maxlen=_LAST_LINES)
    said = Facts()
    try:
        said = evidence.facts_from_console(
            _noting(deployments.read_log(found.id), tail, found.failed_step)
        )
    except ServiceError as error:
        job.warnings.degraded_by(
            ReasonCode.PULUMI_UNAVAILABLE, "The deployment's log could not be read", error
        )
    log = _of_deployment(said, found, "\n".join(tail), has_update=last is not None)
    notices = () if last else (_describe_without_update(found),)
    return replace(read, facts=(*read.facts, log), notices=(*read.notices, *notices))


def _noting(lines: Iterable[bytes], tail: deque[str], step: str) -> Iterator[bytes]:
    """The same lines; the last that are not empty stay in `tail`, from the heading of `step` on."""
    for line in lines:
        text = line.decode("utf-8", "replace").strip()
        if text and text == step:
            tail.clear()
        elif text:
            tail.append(text[:_LONGEST_LINE])
        yield line


def _of_deployment(said: Facts, found: Deployment, tail: str, *, has_update: bool) -> Facts:
    """What the log says, with the deployment's own end: a failed one is never a success."""
    facts = replace(said, sources=(SOURCE,), is_running=found.status in _RUNNING)
    if facts.kind is UpdateKind.UNKNOWN:
        facts = replace(facts, kind=_KINDS.get(found.operation, UpdateKind.UNKNOWN))
    if found.status != FAILED:
        return facts
    facts = replace(facts, outcome=Outcome.FAILED)
    if facts.failures or has_update:
        return facts
    step = f"The deployment's step '{found.failed_step}' failed" if found.failed_step else ""
    headline = tail.rpartition("\n")[2] or step or "The deployment failed before Pulumi ran"
    message = "\n".join(filter(None, (step, tail))) or headline
    return replace(facts, failures=(Failure(message=message, headline=headline),))


def _describe_without_update(found: Deployment) -> str:
    if found.status != FAILED:
        return f"Deployment {found.version} ({found.status or 'unknown'}) has run no update."
    where = f" in its step '{found.failed_step}'" if found.failed_step else ""
    return f"Deployment {found.version} failed{where}, before Pulumi ran: nothing was changed."


def _case(job: Job, wanted: DeploymentRef, read: Read) -> Case:
    facts = evidence.merge_facts(read.facts) if read.facts else Facts()
    if any(one.outcome is Outcome.FAILED for one in read.facts):
        facts = replace(facts, outcome=Outcome.FAILED)
    return Case(
        facts=map_texts(replace(facts, stack=wanted.stack), job.redactor.redact),
        subject=read.subject,
        stack=wanted.stack,
        organization=wanted.stack.organization,
        looked_at=read.looked_at,
        notices=tuple(job.redactor.redact(notice) for notice in read.notices),
        is_refused=read.is_refused,
    )
