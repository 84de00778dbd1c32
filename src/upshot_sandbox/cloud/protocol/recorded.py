"""One update as a CLI made it: its program, lease, engine events and state."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct, field

from upshot_sandbox.cloud.protocol.shapes import Metadata, Options, Program
from upshot_sandbox.cloud.records import commit_of, person
from upshot_sandbox.wire import Malformed

RUNNING: Final = "running"
ENDS: Final = ("succeeded", "failed", "cancelled")
_RESULTS: Final = {"not started": "not-started", RUNNING: "in-progress", "cancelled": "failed"}
_PAGE: Final = 100


class Recorded(Struct):
    """A `cloud.runs.Run`. Changed by the requests of its CLI."""

    id: str
    kind: str
    """`apitype.UpdateKind`; a dry run of any kind is a preview."""
    program: Program
    started_at: float
    before: bytes
    """The stack's state when it started."""
    version: int = 0
    status: str = "not started"
    """`apitype.UpdateStatus`."""
    ended_at: float = 0.0
    leases: dict[str, float] = field(default_factory=dict)
    """Each token of the update, and when it ends."""
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Engine events by their sequence: batches come side by side."""
    saved: bytes = b""
    """The last checkpoint, byte for byte: the next delta counts its bytes."""
    sequence: int = 0
    """Of the last checkpoint."""
    page_size: int = _PAGE

    @property
    def is_preview(self) -> bool:
        return self.kind == "preview"

    @property
    def is_running(self) -> bool:
        return self.status == RUNNING

    @property
    def result(self) -> str:
        return _RESULTS.get(self.status, self.status)

    def end(self, status: str, at: float) -> None:
        self.status, self.ended_at = status, at

    def state(self) -> bytes:
        return self.saved or self.before

    def console(self) -> str:
        return ""

    def events(self) -> list[dict[str, Any]]:
        """Without the sequence, which the service keeps to itself (`apitype.GetUpdateEventsResponse`)."""
        found = []
        for _, event in sorted(self.told.items()):
            kind = kind_of(event)
            found.append({"timestamp": event["timestamp"], "type": kind, kind: event[kind]})
        return found

    def info(self, latest: int) -> dict[str, Any]:
        environment = dict(self.program.metadata.environment or {})
        version = latest + 1 if self.is_preview else self.version
        config = {
            name: msgspec.to_builtins(one) for name, one in (self.program.config or {}).items()
        }
        info = {
            "kind": self.kind,
            "startTime": int(self.started_at),
            "endTime": int(self.ended_at),
            "message": self.program.metadata.message,
            "environment": environment,
            "config": config,
            "result": self.result,
            "version": version,
            "resourceChanges": self._changes(),
            "resourceCount": len(resources_in(self.state())),
        }
        found = {
            "info": info,
            "updateID": self.id,
            "version": version,
            "latestVersion": latest,
            "requestedBy": person() | {"email": "maria@acme.example"},
            "requestedByToken": "ci",
            "policyPacks": [],
        }
        if {"vcs.owner", "vcs.repo", "git.head"} <= environment.keys():
            found["githubCommitInfo"] = commit_of(environment, self.program.metadata.message)
        return found

    def _changes(self) -> dict[str, int]:
        """Of the engine's last summary: an update with a refresh has several."""
        for _, event in sorted(self.told.items(), reverse=True):
            if "summaryEvent" in event:
                changes: dict[str, int] = event["summaryEvent"].get("resourceChanges") or {}
                return changes
        return {}


def at_once(identity: str, kind: str, version: int, state: bytes, at: float) -> Recorded:
    """`pulumi stack import` and `rename`: an update that is over when it is answered."""
    program = Program("", "", options=Options(), metadata=Metadata())
    return Recorded(
        identity, kind, program, at, state, version=version, status="succeeded", ended_at=at
    )


def kind_of(event: dict[str, Any]) -> str:
    """The name of the one payload of an engine event; ValueError when there is not one."""
    kinds = [name for name, value in event.items() if name.endswith("Event") and value is not None]
    if len(kinds) != 1 or not isinstance(event[kinds[0]], dict):
        raise ValueError("an engine event has one payload")
    return kinds[0]


def state_in(state: bytes) -> bytes:
    """The same. Raises `Malformed` unless it is a state (`UntypedDeployment`)."""
    try:
        found = msgspec.json.decode(state, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise Malformed(f"state: {error}") from error
    deployment = found.get("deployment")
    if not isinstance(deployment, dict):
        raise Malformed("state: it has no deployment")
    if not isinstance(deployment.get("resources") or [], list):
        raise Malformed("state: its resources are no list")
    return state


def resources_in(state: bytes) -> list[dict[str, Any]]:
    """The resources of a state."""
    resources = msgspec.json.decode(state)["deployment"].get("resources") or []
    return [one for one in resources if isinstance(one, dict)]
