"""Evidence from Pulumi Cloud, where the files do not say enough."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.errors import ServiceAuthError, ServiceError
from upshot.http.client import ServiceClient
from upshot.inputs.choices import StepOutcome
from upshot.job import Job
from upshot.model import Facts, Outcome, ReasonCode, StackRef, Subject, UpdateKind
from upshot.pulumi.search import Criteria, find_update
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.pulumi.update_info import UpdateInfo, facts_from_update, subject_from_update
from upshot.pulumi.updates import Updates

if TYPE_CHECKING:
    from upshot.pulumi.events import EventLines

_FAILED: Final = "failed"
_NOT_MADE: Final = frozenset({StepOutcome.FAILURE, StepOutcome.CANCELLED, StepOutcome.SKIPPED})


class Read(Struct, frozen=True):
    """What all sources together gave, in no order."""

    facts: tuple[Facts, ...]
    subject: Subject | None
    stack: StackRef | None = None
    """With the parts that only Pulumi Cloud knew."""
    looked_at: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    is_refused: bool = False
    is_of_other_run: bool = False
    """Another run of a workflow made the update: it may have reported it already."""


class CloudEvidence:
    """Reads from Pulumi Cloud what the files leave open."""

    def __init__(
        self, job: Job, cloud: ServiceClient | None, attempt_start: Callable[[], float | None]
    ) -> None:
        """`attempt_start`: when this attempt of the workflow run began, None for the first one."""
        self._job = job
        self._cloud = cloud
        self._attempt_start = attempt_start

    def read(
        self, subject: Subject | None, stack: StackRef | None, files: tuple[Facts, ...]
    ) -> Read:
        looked_at = self._files_looked_at()
        if self._cloud is None:
            why = "Pulumi Cloud: not asked, there is no access token"
            return Read(files, subject, looked_at=() if subject or files else (*looked_at, why))
        if stack is None:
            why = "Pulumi Cloud: not asked, no input and no evidence names the stack"
            return Read(files, subject, looked_at=() if subject or files else (*looked_at, why))
        notices: tuple[str, ...] = ()
        info = None
        try:
            if not stack.is_qualified and subject is None:
                from upshot.pulumi.stacks import find_stacks  # rarely needed

                found_stacks = find_stacks(self._cloud, stack)
                if len(found_stacks) != 1:
                    looked_at += (f"Pulumi Cloud: {_describe_stacks(stack, found_stacks)}",)
                    return Read(files, None, looked_at=looked_at)
                stack = found_stacks[0]
            if subject is None:
                found = find_update(self._cloud, stack, self._criteria(), console=self._job.console)
                looked_at += tuple(f"Pulumi Cloud: {place}" for place in found.looked_at)
                subject, info = found.subject, found.info
                if info and self._is_earlier(info, files, is_of_run=found.is_of_run):
                    notices = (_describe_earlier(found.subject, info),)
                    looked_at += notices
                    subject, info = None, None
            if subject is None or _is_enough(files):
                return Read(files, subject, stack, looked_at, notices)
            return self._read_update(Updates(self._cloud, subject.stack), subject, info, files)
        except ServiceError as error:
            notice = "Pulumi Cloud could not be read"
            self._job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, notice, error)
            looked_at += (f"Pulumi Cloud: {error.message}",)
            return Read(
                files, subject, stack, looked_at, notices, isinstance(error, ServiceAuthError)
            )

    def _is_earlier(self, info: UpdateInfo, files: tuple[Facts, ...], *, is_of_run: bool) -> bool:
        """Whether the update was made before this attempt, and so is no result of it.

        An update of the same commit or pull request but of no run of ours is this step's only
        while the step did not fail: a step that failed may never have reached Pulumi Cloud.
        """
        if not is_of_run:
            outcome = self._job.inputs.subject.outcome
            return outcome in _NOT_MADE or any(map(_did_not_end_well, files))
        started = self._attempt_start()
        return started is not None and (info.started_at or 0.0) < started

    def read_latest(self, stack: StackRef) -> Read:
        """The newest update of the stack, by any person; what a drift run found after it where the
        update did not fail. Raises nothing but bugs.
        """
        assert self._cloud is not None  # noqa: S101 - read only where there is a client
        try:
            updates = Updates(self._cloud, stack)
            info = updates.find_latest()
            if info is None:
                why = f"{stack} was never updated, or the token may not see it."
                return Read((), None, stack, notices=(why,))
            newest = self.read_known(stack, info)
            drift = None if info.result == _FAILED else self._read_drift(stack)
            return drift or newest
        except ServiceError as error:
            notice = f"Pulumi Cloud could not be read: {error.message}"
            is_refused = isinstance(error, ServiceAuthError)
            return Read((), None, stack, notices=(notice,), is_refused=is_refused)

    def _read_drift(self, stack: StackRef) -> Read | None:
        """What the newest drift run found. Raises ServiceError."""
        from upshot.pulumi.fleet import find_drift, find_drift_since  # only a leg of a fleet asks

        assert self._cloud is not None  # noqa: S101 - read only where there is a client
        drift = find_drift(self._cloud, stack)
        if drift is None or not drift.update_id:
            return None
        lines = Updates(self._cloud, stack).read_events(drift.update_id)
        facts = replace(
            evidence.facts_from_events(lines),
            kind=UpdateKind.REFRESH,
            sources=(CLOUD,),
            drifted_since=find_drift_since(self._cloud, stack),
        )
        when = f" of {drift.found_at}" if drift.found_at else ""
        notice = f"Pulumi Cloud's drift run{when} found what is listed here: it was changed outside of Pulumi."
        return Read((facts,), None, stack, notices=(notice,))

    def read_known(self, stack: StackRef, info: UpdateInfo) -> Read:
        """The update of this record. Raises ServiceError."""
        assert self._cloud is not None  # noqa: S101 - read only where there is a client
        subject = subject_from_update(info, stack, self._job.console)
        return self._read_update(Updates(self._cloud, stack), subject, info, ())

    def _read_update(
        self,
        updates: Updates,
        subject: Subject,
        info: UpdateInfo | None,
        files: tuple[Facts, ...],
    ) -> Read:
        if info is None:
            is_preview, version = subject.is_preview, subject.version
            info = (
                updates.get_preview(subject.update_id)
                if is_preview or version is None
                else updates.get_update(version)
            )
        subject = subject_from_update(info, updates.stack, subject.console)
        record = facts_from_update(info, updates.stack)
        lines = updates.read_events(info.update_id or str(info.version))
        said = evidence.facts_from_events(lines)
        facts = [_of_cloud(said, record, lines)]
        if lines.error is not None:
            notice = "The engine events could not be read to their end"
            self._job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, notice, lines.error)
        if record.outcome is Outcome.FAILED and not said.failures:
            text = updates.get_text(info.update_id)
            facts.append(replace(evidence.facts_from_console([text.encode()]), sources=(CLOUD,)))
        event, made_by = self._job.event, info.environment.get("ci.build.id", "")
        own = {event.run.run_id, event.source_run.run_id if event.source_run else ""}
        is_of_other_run = bool(made_by) and made_by not in own
        return Read(
            (*facts, record, *files), subject, updates.stack, is_of_other_run=is_of_other_run
        )

    def _criteria(self) -> Criteria:
        event = self._job.event
        # GITHUB_SHA is the default branch's for `workflow_run` and `issue_comment`.
        is_elsewhere = event.source_run is not None or event.name == "issue_comment"
        own = "" if is_elsewhere else self._job.env.get("GITHUB_SHA", "")
        shas = dict.fromkeys((event.head_sha, own))
        return Criteria(
            build_id=event.run.run_id,
            shas=tuple(sha for sha in shas if sha),
            pr_number=event.number,
        )

    def _files_looked_at(self) -> tuple[str, ...]:
        subject = self._job.inputs.subject
        if subject.log_from:
            return ("'log-from': no line `View Live:` with an address of the console",)
        if subject.log_file:
            return ("'log-file': no line `View Live:` with an address of the console",)
        return ("inputs: neither 'update-url' nor 'log-file' is given",)


def _describe_stacks(stack: StackRef, found: Sequence[StackRef]) -> str:
    if not found:
        return f"the token sees no stack called {stack}"
    names = ", ".join(map(str, found[:5]))
    return f"several stacks are called {stack} ({names}): give 'stack-name' as org/project/stack"


def _describe_earlier(subject: Subject | None, info: UpdateInfo) -> str:
    kind = "preview" if info.is_preview else f"update {info.version}"
    stack = f" of {subject.stack}" if subject else ""
    when = ""
    if info.started_at:
        when = time.strftime(" (%Y-%m-%d %H:%M UTC)", time.gmtime(info.started_at))
    return (
        f"The newest {kind}{stack}{when} was made before this attempt of the workflow run: it is "
        "not reported as a result of it."
    )


def _of_cloud(said: Facts, record: Facts, lines: EventLines) -> Facts:
    """What the events said; the record knows better whether the update has ended, and what was asked
    for: the steps of an import, and of an update that fails in its refresh, look like something else.
    """
    vague = (UpdateKind.UNKNOWN, UpdateKind.PREVIEW)
    return replace(
        said,
        sources=(CLOUD,),
        kind=said.kind if record.kind in vague else record.kind,
        is_running=record.is_running and said.outcome is Outcome.UNKNOWN,
        is_incomplete=said.is_incomplete or lines.error is not None,
    )


def _did_not_end_well(facts: Facts) -> bool:
    """The step of another job, by GitHub's own word (`log-from`)."""
    return "job-log" in facts.sources and facts.outcome in {Outcome.FAILED, Outcome.CANCELLED}


def _is_enough(files: tuple[Facts, ...]) -> bool:
    """An event log that says how the run ended leaves nothing to ask."""
    return any(
        "events-file" in facts.sources and facts.outcome is not Outcome.UNKNOWN for facts in files
    )
