"""Which update is meant, and what the engine said about it.

Evidence, best first: `events-file`, Pulumi Cloud's events of the update, its record, its text as
the CLI prints it, `log-file`, `log` and the logs of `log-from`. A source that is missing is a notice and ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct, json
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.http.client import ServiceClient
from upshot.inputs.values import PolicyInputs
from upshot.job import Job
from upshot.model import Facts, Outcome, ReasonCode, StackRef, Subject
from upshot.modes.shared.cloud import CloudEvidence, Read
from upshot.modes.shared.files import Accounts, Group, find_project, read_files
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.report.content import map_texts
from upshot.subject import subject_from_links
from upshot.verdict import settle_outcome

KEPT: Final = "case"
"""Name of the note that holds a `Kept` as JSON."""
_JOB_LOG: Final = "job-log"
_BEST_FIRST: Final = ("events-file", CLOUD, "log-file", "log", _JOB_LOG)
_WRONG: Final = frozenset({Outcome.FAILED, Outcome.CANCELLED})


class Case(Struct, frozen=True):
    """What is known of one stack before an AI is asked; every text in it is redacted."""

    facts: Facts
    subject: Subject | None = None
    stack: StackRef | None = None
    """As far as it is known; empty parts are unknown."""
    organization: str = ""
    looked_at: tuple[str, ...] = ()
    """Where an update was looked for, in words for people; empty when it, or evidence of it, was found."""
    notices: tuple[str, ...] = ()
    """About this stack, one line each, for the report."""
    job: str = ""
    """Name of the job whose log it is, for a stack without a name; untrusted text."""
    asked: str = ""
    """Digest of what an AI was asked; empty where none was."""
    is_refused: bool = False
    """Pulumi Cloud refused the token: asking an AI with it would fail again."""
    is_of_other_run: bool = False
    """Another run of a workflow made the update: it may have asked about it already."""


class Kept(Struct, frozen=True):
    """What is published of a run that is ended before its report is ready."""

    facts: tuple[Facts, ...]
    """Of each stack; redacted."""
    subject: Subject | None
    """Of the only stack."""
    policy: PolicyInputs
    is_strict: bool
    warnings: tuple[str, ...]
    redacted_count: int


def keep_cases(job: Job, cases: Sequence[Case]) -> None:
    """Notes the facts, should the run be ended at its hard end."""
    if job.keep is not None:
        kept = Kept(
            facts=tuple(case.facts for case in cases),
            subject=cases[0].subject if len(cases) == 1 else None,
            policy=job.inputs.policy,
            is_strict=job.inputs.run.strict,
            warnings=tuple(map(job.redactor.redact, job.warnings.notices)),
            redacted_count=job.redactor.count,
        )
        job.keep(KEPT, json.encode(kept))


def gather_evidence(
    job: Job,
    cloud: ServiceClient | None,
    *,
    is_expected: bool,
    attempt_start: Callable[[], float | None] = lambda: None,
) -> tuple[Case, ...]:
    """Reads files, then Pulumi Cloud where there is a client; one case for each stack, at least one.

    `is_expected`: finding nothing is worth a warning. `attempt_start`: when this attempt of the
    workflow run began, in seconds since the Unix epoch. Raises nothing but bugs.
    """
    files = read_files(job)
    groups = _wanted(files.groups, job)
    cloud_evidence = CloudEvidence(job, cloud, attempt_start)
    cases = [_open_case(job, cloud_evidence, group) for group in groups]
    cases = _floored(cases, job)
    for case in cases:
        job.log.info(_describe(case))
    is_empty = len(cases) == 1 and not cases[0].facts.sources
    if is_expected and is_empty and not files.is_explained:
        _warn_of_nothing(cases[0], job)
    return tuple(cases)


def _wanted(groups: tuple[Group, ...], job: Job) -> tuple[Group, ...]:
    """The stack that the workflow names, where several are in the evidence; else all of them."""
    subject = job.inputs.subject
    if len(groups) == 1 or not (subject.name or subject.update):
        return groups
    wanted = [group for group in groups if _is_named(group, job)]
    return tuple(wanted) or groups


def _is_named(group: Group, job: Job) -> bool:
    subject = job.inputs.subject
    stacks = [facts.stack for facts in group.accounts if facts.stack]
    if subject.update:
        return any(subject.update.stack.agrees(stack) for stack in stacks)
    return subject.name is not None and any(map(subject.name.allows, stacks))


def _open_case(job: Job, cloud_evidence: CloudEvidence, group: Group) -> Case:
    inputs, files = job.inputs.subject, group.accounts
    stack, conflict = settle_stack(job, files)
    # A stranger's run may print any address and any stack's name: neither leads to Pulumi Cloud.
    trusted = () if job.event.is_evidence_foreign else files
    subject = inputs.update or _subject_of(trusted, stack, job)
    if subject and not conflict:
        stack = stack.filled(subject.stack) if stack else subject.stack
    asked_for = stack if trusted or not files else settle_stack(job, ())[0]
    read: Read = cloud_evidence.read(subject, asked_for, () if conflict else files)
    stack = read.stack or stack
    facts = evidence.merge_facts(sorted(read.facts if not conflict else files, key=_rank))
    facts = _never_greener(facts, files)
    notices = (*read.notices, *([conflict] if conflict else ()))
    if facts.retried:
        tries = "one earlier try" if facts.retried == 1 else f"{facts.retried} earlier tries"
        notices = (*notices, f"This is the last run of the step: {tries} failed.")
    return Case(
        facts=map_texts(
            facts if conflict else replace(facts, stack=stack or facts.stack), job.redactor.redact
        ),
        subject=read.subject,
        stack=stack or facts.stack,
        organization=inputs.organization or (asked_for.organization if asked_for else ""),
        looked_at=() if read.subject or facts.sources else read.looked_at,
        notices=notices,
        job=job.redactor.redact(group.job),
        is_refused=read.is_refused,
        is_of_other_run=read.is_of_other_run,
    )


def _never_greener(facts: Facts, files: Accounts) -> Facts:
    """A job's step that failed is no success, whatever a better source says of its update."""
    ends = {other.outcome for other in files if _JOB_LOG in other.sources}
    if facts.outcome is Outcome.SUCCEEDED and (worse := ends & _WRONG):
        return replace(facts, outcome=worse.pop())
    return facts


def settle_stack(job: Job, files: Accounts) -> tuple[StackRef | None, str]:
    """The stack that is meant, as far as inputs and evidence name it, and what contradicts it.

    Parts that the input leaves out come from the evidence, then from `Pulumi.yaml`.
    """
    inputs = job.inputs.subject
    told = [facts.stack for facts in files if facts.stack]
    known = [*([inputs.update.stack] if inputs.update else ()), *told]
    if inputs.name is None:
        ref = known[0] if known else None
        for other in known[1:]:
            ref = ref.filled(other) if ref and ref.agrees(other) else ref
        if ref and inputs.organization:
            ref = ref.filled(StackRef(inputs.organization, "", ""))
        return ref, ""
    project = "" if any(ref.project for ref in known) else find_project(job)
    hints = [*known, *([StackRef("", project, "")] if project else ())]
    stack = inputs.name.settle(hints)
    strangers = [ref for ref in told if not inputs.name.allows(ref)]
    if strangers:
        return stack, (
            f"The evidence is about the stack {strangers[0]}, and 'stack-name' means {stack}: "
            "check 'stack-name'."
        )
    return stack, ""


def _floored(cases: list[Case], job: Job) -> list[Case]:
    """With the step's own outcome as the floor, where no stack's evidence explains it."""
    outcome = job.inputs.subject.outcome
    if len(cases) == 1 or not any(case.facts.outcome in _WRONG for case in cases):
        cases[-1] = replace(cases[-1], facts=settle_outcome(cases[-1].facts, outcome))
    return cases


def _describe(case: Case) -> str:
    """For the job log: our own words, checked names, numbers."""
    facts, subject = case.facts, case.subject
    what = str(case.stack) if case.stack else "an update that is not known"
    if subject and subject.version:
        what += f", update {subject.version}"
    sources = ", ".join(facts.sources) or "nothing"
    failed = len(facts.failed_resources)
    count = f", {failed} failed" if failed else ""
    return f"About {what}; evidence from {sources}: {facts.kind} {facts.outcome}{count}"


def _warn_of_nothing(case: Case, job: Job) -> None:
    """Says nothing where a warning about Pulumi Cloud has named the reason already."""
    if ReasonCode.PULUMI_UNAVAILABLE in job.warnings.codes:
        return
    if case.subject is not None:
        job.warnings.degraded(
            ReasonCode.NO_EVIDENCE,
            "There is no evidence of what happened in the update.",
            hint="In the workflow, give 'log-file' or 'events-file', or a token that may read it.",
            anchor="no-subject",
        )
        return
    job.warnings.degraded(
        ReasonCode.NO_SUBJECT,
        "No update or preview was found. In the workflow, give 'log-file', 'events-file' or "
        "'update-url'.",
        hint=f"Looked at: {'; '.join(case.looked_at)}",
        anchor="no-subject",
    )


def _subject_of(files: Iterable[Facts], wanted: StackRef | None, job: Job) -> Subject | None:
    """What the last link of the run means, if it is the wanted stack's."""
    for facts in files:
        for link in reversed(facts.links):
            found = subject_from_links((link,), {job.console})
            if found and (wanted is None or wanted.agrees(found.stack)):
                return found
    return None


def _rank(facts: Facts) -> int:
    return min(_BEST_FIRST.index(source) for source in facts.sources)
