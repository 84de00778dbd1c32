"""What the engine reported: updates, resources, failures, and the diagnosis of the offline rules."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from upshot.model.operations import Meaning, count, operation_of


class Outcome(StrEnum):
    """How a run of the engine ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class UpdateKind(StrEnum):
    """What the engine was asked to do, in Pulumi's words."""

    UPDATE = "update"
    PREVIEW = "preview"
    REFRESH = "refresh"
    DESTROY = "destroy"
    IMPORT = "import"
    UNKNOWN = "unknown"


class StackRef(Struct, frozen=True):
    """A stack's name; each part matches `[A-Za-z0-9._-]+`, or is empty while it is unknown.

    Self-managed backends have no organization; their CLI writes the word `organization` for it.
    """

    organization: str
    project: str
    stack: str

    def __str__(self) -> str:
        return "/".join(filter(None, (self.organization, self.project, self.stack)))

    @property
    def is_qualified(self) -> bool:
        """All three parts are known: Pulumi Cloud can be asked about it."""
        return bool(self.organization and self.project and self.stack)

    def agrees(self, other: StackRef) -> bool:
        """No part that both know differs."""
        pairs = zip(self._parts, other._parts, strict=True)
        return all(mine == theirs or not mine or not theirs for mine, theirs in pairs)

    def count_common(self, other: StackRef) -> int:
        """How many parts both know and have in common."""
        pairs = zip(self._parts, other._parts, strict=True)
        return sum(bool(mine) and mine == theirs for mine, theirs in pairs)

    def filled(self, other: StackRef) -> StackRef:
        """With the parts that only `other` knows."""
        pairs = zip(self._parts, other._parts, strict=True)
        return StackRef(*(mine or theirs for mine, theirs in pairs))

    @property
    def _parts(self) -> tuple[str, str, str]:
        return self.organization, self.project, self.stack


class Subject(Struct, frozen=True):
    """The one update or preview that this run is about."""

    stack: StackRef
    is_preview: bool = False
    version: int | None = None
    """An update's number, 1 and up; previews have none."""
    update_id: str = ""
    """UUID; always set for previews, for updates only after Pulumi Cloud was asked."""
    console: str = ""
    """Origin of the console (`https://app.pulumi.com`), empty when unknown: then no link."""


class SourceLocation(Struct, frozen=True):
    """A place in the user's Pulumi program, as the log names it; line is 1-based."""

    file: str
    line: int


class Failure(Struct, frozen=True):
    """One thing that went wrong; failures are in the order in which the engine reported them."""

    message: str
    """The whole message without colours, at most `MESSAGE_KEPT` characters, possibly many lines. Empty,
    and the headline too, for a resource beyond those whose messages are kept."""
    headline: str
    """The one line that states the cause."""
    urn: str = ""
    type: str = ""
    """`aws:s3/bucketV2:BucketV2`; empty when the failure belongs to no resource."""
    name: str = ""
    operation: str = ""
    """Pulumi's step op (`create`, `update`, `delete`, …), empty when unknown."""
    provider: str = ""
    """Package name (`aws`), empty when unknown; `pulumi` for the engine and the program."""
    status_code: int | None = None
    error_code: str = ""
    location: SourceLocation | None = None
    is_cascade: bool = False
    """It only followed from another failure."""
    is_resource: bool = False
    """A resource failed: it counts in `failed-resources`. The root stack counts when the program
    failed, not when it only reports that the update did."""


class PropertyChangeKind(StrEnum):
    """What happens to a property."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


class PropertyChange(Struct, frozen=True):
    """One property of a resource that was, or would be, changed."""

    path: str
    """As the engine writes it: `tags.owner`, `rules[0].cidr`; at most 300 characters."""
    kind: PropertyChangeKind
    old: str = ""
    """The value before, as text, at most about 6,000 characters: a text of one line in double quotes,
    other values as JSON, `[secret]` for a secret. Empty where there was none, or none is known."""
    new: str = ""
    """The value after; `known after apply` for one that only the update brings."""
    replaces: bool = False
    """The resource must be replaced because of it."""


class ResourceChange(Struct, frozen=True):
    """One resource that was, or would be, changed."""

    urn: str
    type: str
    name: str
    operation: str
    stateful: bool = False
    """It is deleted or replaced, and holds data that would be lost (evidence/stateful.txt)."""
    protected: bool = False
    is_gone: bool = False
    """A refresh did not find it any more."""
    parent: str = ""
    """URN of the component that it belongs to; empty for one of the stack itself."""
    diffs: tuple[str, ...] = ()
    """Names of the properties that differ, at most 20."""
    properties: tuple[PropertyChange, ...] = ()
    """The properties with their values, those that force a replacement first; at most 50."""
    properties_omitted: int = 0

    @property
    def is_drift(self) -> bool:
        """A refresh found it changed, or gone: that was done outside of Pulumi."""
        return self.operation == "refresh"

    @property
    def means(self) -> Meaning:
        """What Pulumi does to the resource; to drift it does nothing.

        Of a replacement that stopped half way, the old resource is gone and there is no new one.
        """
        if self.operation == "delete-replaced":
            return Meaning.DELETE
        return operation_of(self.operation).means

    @property
    def destroys(self) -> bool:
        """Whether the resource, or the one that it replaces, is deleted; or is gone already."""
        return self.is_gone or operation_of(self.operation).destroys


class StackOutput(Struct, frozen=True):
    """One output of the stack, before and after; texts as in `PropertyChange`."""

    name: str
    old: str = ""
    """Empty where there was none."""
    new: str = ""
    """Empty where there is none any more."""

    @property
    def is_changed(self) -> bool:
        return self.old != self.new


class PolicyViolation(Struct, frozen=True):
    policy: str
    pack: str
    enforcement: str
    """`mandatory`, `advisory`, `remediate` or `none`."""
    message: str
    urn: str = ""
    severity: str = ""


class EngineWarning(Struct, frozen=True):
    """A warning; equal ones are folded into one with a count."""

    message: str
    urn: str = ""
    count: int = 1
    is_deprecation: bool = False


class Facts(Struct, frozen=True):
    """What the engine reported. Nothing here is ever written by a model."""

    outcome: Outcome = Outcome.UNKNOWN
    kind: UpdateKind = UpdateKind.UNKNOWN
    stack: StackRef | None = None
    is_running: bool = False
    """The update had not ended when it was read."""
    is_incomplete: bool = False
    """The log or event stream was cut, or a page could not be read."""
    duration_s: float | None = None
    started_at: float | None = None
    """Seconds since the Unix epoch."""
    drifted_since: float | None = None
    """When drift was found first, by the drift runs that are known; seconds since the Unix epoch."""
    counts: dict[str, int] | None = None
    """Step op -> number of resources; None when unknown. Never changed after it is built."""
    planned: dict[str, int] | None = None
    """The counts of the preview that came before this update in the same log; None when unknown."""
    failures: tuple[Failure, ...] = ()
    """In order, bounded, the last ones by name alone; `failures_omitted` counts the rest."""
    failures_omitted: int = 0
    changes: tuple[ResourceChange, ...] = ()
    """Deletes and replaces first, bounded; `changes_omitted` counts the rest."""
    changes_omitted: int = 0
    outputs: tuple[StackOutput, ...] = ()
    """Of the stack, in the engine's order, at most 50; `outputs_omitted` counts the rest."""
    outputs_omitted: int = 0
    diagnostics: dict[str, int] = field(default_factory=dict)
    """Severity (`error`, `warning`, `info`) -> number of diagnostics."""
    policy_violations: tuple[PolicyViolation, ...] = ()
    warnings: tuple[EngineWarning, ...] = ()
    pending_operations: tuple[str, ...] = ()
    """`creating urn:…`: operations that were interrupted, as the engine lists them."""
    protected: tuple[str, ...] = ()
    """URNs (or names) of resources whose protect flag stopped the run."""
    links: tuple[str, ...] = ()
    """Console addresses that the log printed (`View Live:`), never claim addresses."""
    sources: tuple[str, ...] = ()
    """Where the facts came from, best first: `events-file`, `pulumi-cloud`, `log-file`, `log`,
    `job-log`."""
    failed_afterwards: bool = False
    """The CLI printed an error after the engine's good summary; the engine's own events end before
    it, and call the run a success."""
    retried: int = 0
    """Failed runs of the same stack before this one in the same log."""
    plans: tuple[bytes, ...] = ()
    """SHA-256 of what each run that is joined here would do or did, sorted, 32 bytes each (see
    evidence/plan.py); empty bytes for a run whose plan is unknown, no item where no events were read.
    Bytes, so that no redactor makes two plans equal."""

    @property
    def root_cause(self) -> Failure | None:
        """The first failure that is no cascade."""
        return next((failure for failure in self.failures if not failure.is_cascade), None)

    @property
    def failed_resources(self) -> tuple[Failure, ...]:
        return tuple(failure for failure in self.failures if failure.is_resource)

    @property
    def has_changes(self) -> bool | None:
        """Whether anything was, or would be, changed; None when the evidence does not say."""
        if any(operation_of(change.operation).changes for change in self.changes):
            return True
        if self.counts is None:
            return None
        return any(n for word, n in self.counts.items() if operation_of(word).changes)

    def count_listed(self, meaning: Meaning) -> int:
        """How many resources with this change are named in the list of changes."""
        return len({c.urn or (c.type, c.name) for c in self.changes if c.means is meaning})

    def count(self, meaning: Meaning) -> int | None:
        """How many resources were, or would be, created, updated, replaced, …; None when the
        evidence does not say.

        A resource that is listed counts, also where the counts leave it out.
        """
        listed = self.count_listed(meaning)
        if self.counts is None:
            return listed or None
        return max(listed, count(self.counts, meaning))


class Diagnosis(Struct, frozen=True):
    """What the offline rules conclude from the facts."""

    failure_class: str
    """A slug of the catalogue, `unclassified`, or empty when nothing failed."""
    title: str = ""
    explanation: str = ""
    next_steps: tuple[str, ...] = ()
    """In order; Markdown, with commands to paste in code spans or fences."""
    documentation_url: str = ""
    retry: str = ""
    """`likely`, `unlikely` or empty: whether running it again may help."""
    ties: tuple[str, ...] = ()
    """Other classes that fit equally well."""
    values: dict[str, str] = field(default_factory=dict)
    """Values of the evidence that the first step names: `action` -> `s3:CreateBucket`. Empty where the
    step is general."""
