"""Evidence from Pulumi Cloud, where the files do not say enough."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.errors import ServiceAuthError, ServiceError
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import Facts, Outcome, ReasonCode, StackRef, Subject
from upshot.pulumi.events import EventLines
from upshot.pulumi.search import Criteria, find_update
from upshot.pulumi.update_info import SOURCE as CLOUD
from upshot.pulumi.update_info import UpdateInfo, facts_from_update, subject_from_update
from upshot.pulumi.updates import Updates


class Read(Struct, frozen=True):
    """What all sources together gave, in no order."""

    facts: tuple[Facts, ...]
    subject: Subject | None
    looked_at: tuple[str, ...] = ()
    is_refused: bool = False


class CloudEvidence:
    """Reads from Pulumi Cloud what the files leave open."""

    def __init__(self, job: Job, cloud: ServiceClient | None) -> None:
        self._job = job
        self._cloud = cloud

    def read(
        self, subject: Subject | None, stack: StackRef | None, files: tuple[Facts, ...]
    ) -> Read:
        looked_at = self._files_looked_at()
        if self._cloud is None:
            why = "Pulumi Cloud: not asked, there is no access token"
            return Read(files, subject, () if subject or files else (*looked_at, why))
        if stack is None:
            why = "Pulumi Cloud: not asked, 'stack-name' does not say which stack is meant"
            return Read(files, subject, () if subject or files else (*looked_at, why))
        info = None
        try:
            if subject is None:
                found = find_update(self._cloud, stack, self._criteria(), console=self._job.console)
                subject, info = found.subject, found.info
                looked_at += tuple(f"Pulumi Cloud: {place}" for place in found.looked_at)
            if subject is None or _is_enough(files):
                return Read(files, subject, looked_at)
            return self._read_update(Updates(self._cloud, stack), subject, info, files)
        except ServiceError as error:
            notice = "Pulumi Cloud could not be read"
            self._job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, notice, error)
            looked_at += (f"Pulumi Cloud: {error.message}",)
            return Read(files, subject, looked_at, isinstance(error, ServiceAuthError))

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
        return Read((*facts, record, *files), subject)

    def _criteria(self) -> Criteria:
        event = self._job.event
        shas = dict.fromkeys((event.head_sha, self._job.env.get("GITHUB_SHA", "")))
        return Criteria(
            build_id=event.run.run_id,
            shas=tuple(sha for sha in shas if sha),
            pr_number=event.number,
        )

    def _files_looked_at(self) -> tuple[str, ...]:
        subject = self._job.inputs.subject
        if subject.log_file:
            return ("'log-file': no line `View Live:` with an address of the console",)
        return ("inputs: neither 'update-url' nor 'log-file' is given",)


def _of_cloud(said: Facts, record: Facts, lines: EventLines) -> Facts:
    """What the events said; the record knows better whether the update has ended."""
    return replace(
        said,
        sources=(CLOUD,),
        is_running=record.is_running and said.outcome is Outcome.UNKNOWN,
        is_incomplete=said.is_incomplete or lines.error is not None,
    )


def _is_enough(files: tuple[Facts, ...]) -> bool:
    """An event log that says how the run ended leaves nothing to ask."""
    return any(
        "events-file" in facts.sources and facts.outcome is not Outcome.UNKNOWN for facts in files
    )
