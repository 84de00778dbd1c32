"""What a program of the judge is, and the words that programs are written in.

A program is a list of runs of one stack; the last one is the recorded one, unless `whole` says that
all of them make one log. Messages are in the grammar of the providers, their content is ours.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

BUCKET: Final = "aws:s3/bucket:Bucket"
QUEUE: Final = "aws:sqs/queue:Queue"
ROLE: Final = "aws:iam/role:Role"
DATABASE: Final = "aws:rds/instance:Instance"
POD: Final = "kubernetes:core/v1:Pod"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
TOPIC: Final = "gcp:pubsub/topic:Topic"
ACCOUNT: Final = "azure-native:storage:StorageAccount"
COMMAND: Final = "command:local:Command"
TYPES: Final = (BUCKET, QUEUE, ROLE, DATABASE, POD, DEPLOYMENT, TOPIC, ACCOUNT, COMMAND)
VERSIONS: Final = {
    "aws": "7.9.0",
    "kubernetes": "4.24.0",
    "gcp": "9.5.0",
    "azure-native": "3.9.0",
    "command": "1.1.3",
}

Resources = dict[str, dict[str, Any]]
UP: Final = "up --yes --skip-preview"
DENIED: Final = (
    "operation error S3: CreateBucket, https response error StatusCode: 403, RequestID: 7Q1X, "
    "HostID: d2, api error AccessDenied: User: arn:aws:iam::111122223333:user/ci is not authorized "
    "to perform: s3:CreateBucket"
)
IN_USE: Final = (
    "deleting SQS Queue (jobs): operation error SQS: DeleteQueue, https response error StatusCode: "
    "400, RequestID: 11, api error ResourceInUseException: queue is used by a mapping"
)


class Run(Struct, frozen=True, kw_only=True):
    """One command on the stack, after its program was written."""

    resources: Resources = {}
    command: str = UP
    """Words in capitals before it are done first: see `record.run_one`."""
    top: dict[str, Any] = {}
    """More keys of Pulumi.yaml: `config`, `outputs`, `variables`, `runtime`."""
    raw: str = ""
    """The whole program as text, instead."""
    env: dict[str, str] = {}
    interrupt_after: tuple[float, ...] = ()
    """Seconds of rest before each SIGINT."""
    kill_after: float = 0.0
    terminate_after: float = 0.0
    """Seconds before a SIGTERM."""
    terminal: bool = False
    """On a pseudo terminal: the interactive display."""
    files: dict[str, str] = {}
    """Written beside the program before the run: text by path."""
    cleared: tuple[str, ...] = ()
    """Variables of the environment that this run does not get."""


class Truth(Struct, frozen=True, kw_only=True, rename={"failure_class": "class"}):
    """What the program was made to show."""

    outcome: str
    failure_class: str
    kind: str = "update"
    also: tuple[str, ...] = ()
    failed: tuple[tuple[str, str, str], ...] = ()
    """Type, name, operation; the operation is empty where the engine had not begun one."""
    cause: str = ""
    """Words of the line that states the cause."""
    kind_of_events: str = ""
    """Where the events alone show another kind: the update ended in its refresh."""
    in_log_only: bool = False
    """The CLI says it after the engine's last event: by the events alone, the run went well."""
    before_events: bool = False
    """The CLI says it before the engine's first event: by the events alone, nothing is known."""
    in_events_only: bool = False
    """The log says that the run failed, and not what failed or why."""
    failed_in_log: tuple[tuple[str, str, str], ...] | None = None
    """As `failed`, where the log alone shows another operation or does not name the resource."""
    outcome_in_log: str = ""
    """Where the display says another than the engine and the exit code do."""
    replaced: tuple[str, ...] | None = None
    deleted: tuple[str, ...] | None = None
    counts: dict[str, int] | None = None
    """How many resources were, or would be, changed, by the engine's operation, as its summary counts
    them: the stack itself counts where it is created or deleted, a provider never does, and a
    replacement is one. What only is the same, read, refreshed or errored is left out."""


class Program(Struct, frozen=True, kw_only=True):
    name: str
    runs: tuple[Run, ...]
    truth: Truth
    whole: bool = False
    """All runs make one log."""
    needs: str = ""


def one(name: str, resources: Resources, truth: Truth, **more: Any) -> Program:
    """A program of one run."""
    return Program(name=name, runs=(Run(resources=resources, **more),), truth=truth)


def made(type_: str, **properties: Any) -> dict[str, Any]:
    """A resource of the program; `options` is passed beside its properties."""
    options = properties.pop("options", None)
    return {"type": type_, "properties": properties} | ({"options": options} if options else {})


def failed(cause: str, failure_class: str, *resources: tuple[str, str, str], **more: Any) -> Truth:
    return Truth(
        outcome="failed", failure_class=failure_class, cause=cause, failed=resources, **more
    )


def good(**more: Any) -> Truth:
    return Truth(outcome="succeeded", failure_class="success", **more)


def then(name: str, before: Resources, after: Run, truth: Truth, *, whole: bool = False) -> Program:
    """A first run that goes well, and the recorded one."""
    return Program(name=name, runs=(Run(resources=before), after), truth=truth, whole=whole)


def series(name: str, *runs: Run, truth: Truth, whole: bool = False) -> Program:
    """Several runs of one stack, the last of which is recorded."""
    return Program(name=name, runs=runs, truth=truth, whole=whole)


def urn(type_: str, name: str) -> str:
    """The URN of a resource of no parent."""
    return f"urn:pulumi:dev::judged::{type_}::{name}"
