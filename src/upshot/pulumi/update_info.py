"""The record that Pulumi Cloud keeps of an update or preview, read leniently; pure.

Source: service description (`UpdateInfo`), shipped client `apitype/history.go`,
`pkg/backend/updates.go` (environment keys). The configuration in it is never read.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from upshot.lenient import as_dict, as_int, as_number, as_text
from upshot.model import Facts, Outcome, StackRef, Subject, UpdateKind

SOURCE: Final = "pulumi-cloud"
_KINDS: Final = {
    "update": UpdateKind.UPDATE,
    "preview": UpdateKind.PREVIEW,
    "refresh": UpdateKind.REFRESH,
    "destroy": UpdateKind.DESTROY,
    "import": UpdateKind.IMPORT,
    "resource-import": UpdateKind.IMPORT,
    "Pupdate": UpdateKind.PREVIEW,
    "Prefresh": UpdateKind.PREVIEW,
    "Pdestroy": UpdateKind.PREVIEW,
    "Pimport": UpdateKind.PREVIEW,
    "Prename": UpdateKind.PREVIEW,
}
_OUTCOMES: Final = {"succeeded": Outcome.SUCCEEDED, "failed": Outcome.FAILED}
_RUNNING: Final = frozenset({"not-started", "not started", "requested", "in-progress", "running"})


class UpdateInfo(Struct, frozen=True):
    """What is used of the record."""

    kind: UpdateKind = UpdateKind.UNKNOWN
    update_id: str = ""
    version: int | None = None
    """None for previews: their records may carry the version of the update before them."""
    result: str = ""
    """As the service says it: `succeeded`, `failed`, `in-progress`, `not-started`."""
    started_at: float | None = None
    ended_at: float | None = None
    """Seconds since the Unix epoch; None while it runs."""
    counts: dict[str, int] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    """`git.head`, `ci.build.id`, `ci.pr.number`, …: what the CLI knew of where it ran."""

    @property
    def is_preview(self) -> bool:
        return self.kind is UpdateKind.PREVIEW

    @property
    def is_running(self) -> bool:
        return self.result in _RUNNING


def parse_update_info(record: object, *, is_preview: bool = False) -> UpdateInfo:
    """The record as the service sends it: `{"info": {…}, "updateID", "version", …}`, or flat.

    `is_preview`: it came from the list of previews, so it is one also where it names another kind.
    """
    outer = as_dict(record)
    info = as_dict(outer.get("info")) or outer
    kind = _KINDS.get(as_text(info.get("kind")), UpdateKind.UNKNOWN)
    if is_preview:
        kind = UpdateKind.PREVIEW
    version = as_int(outer.get("version")) or as_int(info.get("version"))
    return UpdateInfo(
        kind=kind,
        update_id=as_text(outer.get("updateID")) or as_text(outer.get("updateId")),
        version=None if kind is UpdateKind.PREVIEW else version,
        result=as_text(info.get("result")),
        started_at=as_number(info.get("startTime")) or None,
        ended_at=as_number(info.get("endTime")) or None,
        counts=_counts(info.get("resourceChanges")),
        environment={
            key: value
            for key, value in as_dict(info.get("environment")).items()
            if isinstance(value, str)
        },
    )


def facts_from_update(info: UpdateInfo, stack: StackRef) -> Facts:
    """What the record alone says: how it ended, when, and how many resources changed."""
    duration_s = None
    if info.started_at and info.ended_at and not info.is_running:
        duration_s = max(0.0, info.ended_at - info.started_at)
    return Facts(
        outcome=_OUTCOMES.get(info.result, Outcome.UNKNOWN),
        kind=info.kind,
        stack=stack,
        is_running=info.is_running,
        duration_s=duration_s,
        started_at=info.started_at,
        counts=info.counts,
        sources=(SOURCE,),
    )


def subject_from_update(info: UpdateInfo, stack: StackRef, console: str) -> Subject:
    return Subject(
        stack,
        is_preview=info.is_preview,
        version=info.version,
        update_id=info.update_id,
        console=console,
    )


def _counts(changes: object) -> dict[str, int] | None:
    """None when the service did not say; an empty object says "nothing"."""
    if not isinstance(changes, dict):
        return None
    counts = {str(op): as_int(number) for op, number in changes.items()}
    return {op: number for op, number in counts.items() if number is not None and number >= 0}
