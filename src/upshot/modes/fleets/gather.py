"""The newest update of many stacks: one case each, read a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from upshot import evidence
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import Facts, ReasonCode, StackRef
from upshot.modes.fleets.pool import read_each
from upshot.modes.shared.cloud import CloudEvidence, Read
from upshot.modes.shared.gather import Case
from upshot.modes.shared.token import Access, connect_again
from upshot.report.content import map_texts

_AT_ONCE: Final = 4
_NO_TOKEN: Final = "Pulumi Cloud was not asked: there is no access token."  # noqa: S105 - a notice


def gather_stacks(job: Job, access: Access) -> tuple[Case, ...]:
    """One case for each of the input `stacks`, in its order; a stack that cannot be read has a notice.

    Raises nothing but bugs.
    """
    stacks = job.inputs.subject.stacks
    if access.token is None:
        why = access.fault.message if access.fault else "there is no Pulumi access token"
        job.warnings.degraded(
            ReasonCode.PULUMI_UNAVAILABLE,
            f"The stacks could not be read: {why}.",
            hint=access.fault.hint if access.fault else "",
            anchor="pulumi-token",
        )
        return tuple(_case(job, ref, Read((), None, ref, notices=(_NO_TOKEN,))) for ref in stacks)
    reads = read_each(
        stacks, _reader(job), connect=lambda: connect_again(job, access), at_once=_AT_ONCE
    )
    cases = tuple(_case(job, ref, read) for ref, read in reads)
    unread = [case for case in cases if not case.facts.sources]
    job.log.info(f"Read {len(cases) - len(unread):,} of {len(cases):,} stacks")
    if unread:
        job.warnings.degraded(
            ReasonCode.PULUMI_UNAVAILABLE,
            f"{len(unread):,} of {len(cases):,} stacks could not be read; their sections say why.",
            anchor="fleet",
        )
    return cases


def _reader(job: Job) -> Callable[[ServiceClient, StackRef], Read]:
    return lambda client, ref: CloudEvidence(job, client, lambda: None).read_latest(ref)


def _case(job: Job, ref: StackRef, read: Read) -> Case:
    facts = replace(evidence.merge_facts(read.facts) if read.facts else Facts(), stack=ref)
    return Case(
        facts=map_texts(facts, job.redactor.redact),
        subject=read.subject,
        stack=ref,
        organization=ref.organization,
        notices=tuple(job.redactor.redact(notice) for notice in read.notices),
        is_refused=read.is_refused,
    )
