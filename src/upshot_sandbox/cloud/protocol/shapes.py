"""What the CLI sends (`apitype` of the shipped client 3.274.1: updates, stacks, core, events)."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct


class ConfigValue(Struct, frozen=True):
    string: str = ""
    secret: bool = False
    object: bool = False


class Options(Struct, frozen=True, rename="camel"):
    local_policy_pack_paths: list[str] | None = None
    color: str = ""
    dry_run: bool = False
    parallel: int = 0
    show_config: bool = False
    show_replacement_steps: bool = False
    show_names: bool = False
    summary: bool = False
    debug: bool = False


class Metadata(Struct, frozen=True):
    message: str = ""
    environment: dict[str, str] | None = None


class Program(Struct, frozen=True, rename="camel"):
    """`UpdateProgramRequest`."""

    name: str
    runtime: str
    main: str = ""
    description: str = ""
    options: Options = Options()
    config: dict[str, ConfigValue] | None = None
    metadata: Metadata = Metadata()
    coherence_window: str = ""
    environment: dict[str, Any] | None = None


class Start(Struct, frozen=True, rename="camel"):
    """`StartUpdateRequest`."""

    tags: dict[str, str] | None = None
    journal_version: int = 0


class Begin(Start, frozen=True, rename="camel", kw_only=True):
    """`BeginUpdateRequest`."""

    update_kind: str
    program: Program


class Renewal(Struct, frozen=True):
    """`RenewUpdateLeaseRequest`; the token moved to the header (API version 5)."""

    duration: int
    token: str = ""


class Completion(Struct, frozen=True, rename="camel"):
    """`CompleteUpdateRequest`."""

    status: str
    outputs: dict[str, Any] | None = None
    secrets_providers: dict[str, Any] | None = None


class Deployment(Struct, frozen=True):
    """`UntypedDeployment`, its state as it was sent."""

    deployment: Raw
    version: int = 0
    features: list[str] | None = None


class Checkpoint(Struct, frozen=True, rename="camel"):
    """`PatchUpdateCheckpointRequest`."""

    is_invalid: bool = False
    version: int = 0
    features: list[str] | None = None
    deployment: Raw = Raw()


class Verbatim(Struct, frozen=True, rename="camel"):
    """`PatchUpdateVerbatimCheckpointRequest`."""

    version: int
    untyped_deployment: Raw
    sequence_number: int


class Point(Struct, frozen=True):
    offset: int
    line: int = 0
    column: int = 0


class Span(Struct, frozen=True):
    start: Point
    end: Point
    uri: str = ""


class Edit(Struct, frozen=True, rename="pascal"):
    """`gotextdiff.TextEdit`; offsets count bytes of the text before."""

    span: Span
    new_text: str


class Delta(Struct, frozen=True, rename="camel"):
    """`PatchUpdateCheckpointDeltaRequest`."""

    version: int
    checkpoint_hash: str
    sequence_number: int
    deployment_delta: list[Edit] | None = None


class Batch(Struct, frozen=True):
    """`EngineEventBatch`."""

    events: list[dict[str, Any]]


class Rename(Struct, frozen=True, rename="camel"):
    """`StackRenameRequest`."""

    new_name: str
    new_project: str = ""
