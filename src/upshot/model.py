"""The domain's words: frozen values, shared by every room, without input or output.

msgspec structs instead of dataclasses: 40 of them cost 0.3 ms at import instead of 12 ms, on the
path to the first AI request (docs/decisions/0002-libraries.md). Text fields hold untrusted text
as it was read, without colour codes; whoever shows it makes it safe first (`report`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field


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
    """A fully qualified stack name; each part matches `[A-Za-z0-9._-]+`."""

    organization: str
    project: str
    stack: str

    def __str__(self) -> str:
        return f"{self.organization}/{self.project}/{self.stack}"


class Subject(Struct, frozen=True):
    """The one update or preview that this run is about."""

    stack: StackRef
    is_preview: bool = False
    version: int | None = None
    """An update's number, 1 and up; previews have none."""
    update_id: str = ""
    """UUID; always there for previews, known for updates after Pulumi Cloud was asked."""
    console: str = ""
    """Origin of the console (`https://app.pulumi.com`), empty when unknown: then no link."""


class SourceLocation(Struct, frozen=True):
    """A place in the user's Pulumi program, as the log names it; line is 1-based."""

    file: str
    line: int


class Failure(Struct, frozen=True):
    """One thing that went wrong, in the order in which the engine said it."""

    message: str
    """The whole message, colour-free, possibly many lines."""
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
    """It only followed from an earlier failure."""
    is_resource: bool = False
    """A resource failed: it counts in `failed-resources`. The root stack counts when its own
    program failed, not when it only says that the update did."""


class ResourceChange(Struct, frozen=True):
    """One resource that was, or would be, changed."""

    urn: str
    type: str
    name: str
    operation: str
    stateful: bool = False
    """It holds data that a delete or replace would lose (list: evidence/stateful.txt)."""
    protected: bool = False
    diffs: tuple[str, ...] = ()
    """Names of the properties that differ, at most 20."""


class PolicyViolation(Struct, frozen=True):
    policy: str
    pack: str
    enforcement: str
    """`mandatory`, `advisory`, `remediate` or `none`."""
    message: str
    urn: str = ""
    severity: str = ""


class EngineWarning(Struct, frozen=True):
    """A warning worth showing; equal ones are folded into one with a count."""

    message: str
    urn: str = ""
    count: int = 1
    is_deprecation: bool = False


class Facts(Struct, frozen=True):
    """What the engine said. Nothing here is ever written by a model."""

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
    counts: dict[str, int] | None = None
    """Step op -> number of resources; None when nobody said. Never changed after it is built."""
    failures: tuple[Failure, ...] = ()
    """In order, bounded; `failures_omitted` counts the rest."""
    failures_omitted: int = 0
    changes: tuple[ResourceChange, ...] = ()
    """Deletes and replaces first, bounded; `changes_omitted` counts the rest."""
    changes_omitted: int = 0
    diagnostics: dict[str, int] = field(default_factory=dict)
    """Severity (`error`, `warning`, `info`) -> number of diagnostics."""
    policy_violations: tuple[PolicyViolation, ...] = ()
    warnings: tuple[EngineWarning, ...] = ()
    pending_operations: tuple[str, ...] = ()
    """`creating urn:…` as the engine lists interrupted operations."""
    protected: tuple[str, ...] = ()
    """URNs (or names) of resources whose protect flag stopped the run."""
    links: tuple[str, ...] = ()
    """Console addresses that the log printed (`View Live:`), never claim addresses."""
    sources: tuple[str, ...] = ()
    """Where the facts came from, best first: `events-file`, `pulumi-cloud`, `log-file`."""

    @property
    def root_cause(self) -> Failure | None:
        """The first failure that did not follow from another one."""
        return next((failure for failure in self.failures if not failure.is_cascade), None)

    @property
    def failed_resources(self) -> tuple[Failure, ...]:
        return tuple(failure for failure in self.failures if failure.is_resource)

    @property
    def has_changes(self) -> bool | None:
        """Whether anything was, or would be, changed; None when nobody said."""
        if self.counts is None:
            return None
        return any(n for op, n in self.counts.items() if op not in _UNCHANGING)


_UNCHANGING = frozenset({"same", "read", "refresh"})


class Diagnosis(Struct, frozen=True):
    """What the offline rules make of the facts."""

    failure_class: str
    """A slug of the catalogue, `unclassified`, or empty when nothing failed."""
    title: str = ""
    explanation: str = ""
    next_steps: tuple[str, ...] = ()
    """In order; Markdown of our own, with commands to paste in code spans or fences."""
    documentation_url: str = ""
    retry: str = ""
    """`likely`, `unlikely` or empty: whether running it again may help."""
    ties: tuple[str, ...] = ()
    """Other classes that fit equally well."""


class ReasonCode(StrEnum):
    """Why Upshot's run ended as it did: a closed list, documented in docs/outputs.md.

    `verdict` and `failure-class` tell about the deployment; this tells what, if anything, stood
    in the way of the report. The first that applies wins, in the order written here.
    """

    BAD_INPUT = "bad-input"
    BAD_EVENT = "bad-event"
    NOT_ALLOWED = "not-allowed"
    """The person who triggered the run may not (comment-triggered runs)."""
    FORBIDDEN_BY_POLICY = "forbidden-by-policy"
    """`fail-on` or `risk-threshold` says no."""
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    """The workflow run was cancelled while we worked."""
    INTERNAL_ERROR = "internal-error"
    NO_SUBJECT = "no-subject"
    NO_EVIDENCE = "no-evidence"
    """The update is known, but nothing tells what happened in it."""
    PULUMI_UNAVAILABLE = "pulumi-unavailable"
    """Pulumi Cloud could not be read; the facts come from elsewhere or are few."""
    COMMENT_FAILED = "comment-failed"
    AI_SELF_HOSTED = "ai-self-hosted"
    AI_TOKEN = "ai-token"  # noqa: S105 - a reason, not a token
    AI_FORBIDDEN = "ai-forbidden"
    AI_USAGE_LIMIT = "ai-usage-limit"
    AI_RATE_LIMITED = "ai-rate-limited"
    AI_UNREACHABLE = "ai-unreachable"
    AI_UNAVAILABLE = "ai-unavailable"
    AI_TIMED_OUT = "ai-timed-out"
    AI_NOT_FOUND = "ai-not-found"
    AI_BAD_REPLY = "ai-bad-reply"
    AI_DECLINED = "ai-declined"
    """The service chose not to answer (204): no fault of anybody."""
    TASK_AWAITS = "task-awaits"
    """A Neo task waits for a person."""
    STILL_RUNNING = "still-running"
    """The update had not ended when it was read."""
    DEPLOYMENT_FAILED = "deployment-failed"
    DEPLOYMENT_CANCELLED = "deployment-cancelled"
    NO_CHANGES = "no-changes"
    OK = "ok"


class BackendName(StrEnum):
    COPILOT = "copilot"
    NEO = "neo"
    LOCAL = "local"


class EvidenceText(Protocol):
    """The evidence for an AI, already redacted, cut to a budget so that the cause survives."""

    def cut(self, budget_bytes: int) -> str:
        """At most `budget_bytes` of UTF-8, whole lines, what was left out counted."""
        ...


class Question(Struct, frozen=True):
    """What is asked of an AI."""

    prompt: str
    """A person's own words, or empty: then the backend asks its default question."""
    organization: str
    subject: Subject | None
    outcome: Outcome
    kind: UpdateKind
    evidence: EvidenceText
    conversation_id: str = ""
    task_id: str = ""


class Program(Struct, frozen=True):
    """A program that Copilot wrote (kind `program` of the documented wire)."""

    code: str
    language: str = ""
    instructions: str = ""
    program_id: str = ""


class Answer(Struct, frozen=True, tag=True):
    """An AI answered."""

    backend: BackendName
    text: str
    """Markdown by a model: hostile until defanged."""
    programs: tuple[Program, ...] = ()
    conversation_id: str = ""
    calls: int = 1
    """Requests that asked the AI something, retries included."""
    notes: tuple[str, ...] = ()
    """Our own words about how it was obtained (a new conversation was started, …)."""


class NoAnswer(Struct, frozen=True, tag=True):
    """No AI answered; the local diagnosis stands."""

    backend: BackendName
    """Which one was asked; `local` when none was."""
    reason_code: ReasonCode | None = None
    """Why the AI failed or declined (one of `AI_…`); None when it was not asked."""
    why: str = ""
    """One line for people; empty when no AI was asked."""
    hint: str = ""
    calls: int = 0


class TaskStatus(StrEnum):
    NONE = "none"
    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting-approval"
    AWAITING_ANSWER = "awaiting-answer"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed-out"


class ApprovalRequest(Struct, frozen=True):
    """Something that a Neo task may only do after a person said yes, or a question of its."""

    id: str
    kind: str
    """`approval`, `plan` or `question`."""
    message: str
    sensitivity: str = ""
    tool_name: str = ""
    plan: str = ""
    diff: dict[str, str] = field(default_factory=dict)
    """File name -> patch."""
    choices: tuple[str, ...] = ()
    """Answers that the task suggests, if any."""


class Todo(Struct, frozen=True):
    text: str
    status: str
    """`pending`, `in_progress` or `completed`."""


class TaskState(Struct, frozen=True, tag=True):
    """Where a Neo task stands."""

    status: TaskStatus
    task_id: str
    task_url: str = ""
    text: str = ""
    """The latest final message, Markdown by a model; may be empty."""
    request: ApprovalRequest | None = None
    more_requests: tuple[ApprovalRequest, ...] = ()
    """Asked at the same time: a task goes on when all of them are answered."""
    todos: tuple[Todo, ...] = ()
    tools: dict[str, int] = field(default_factory=dict)
    """Tool name -> number of calls."""
    pull_requests: tuple[str, ...] = ()
    """Addresses of pull requests that the task opened."""
    tokens_used: int | None = None
    unknown_events: int = 0
    calls: int = 1
    notes: tuple[str, ...] = ()
    why: str = ""
    """One line: what went wrong, for `failed` and `timed-out`."""


Reply = Answer | NoAnswer | TaskState


class VerdictStatus(StrEnum):
    SUCCEEDED = "succeeded"
    NO_CHANGES = "no-changes"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class RiskLevel(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(Struct, frozen=True):
    """Policy's word on the facts; a model can raise the risk and never lower it."""

    status: VerdictStatus
    risk_level: RiskLevel = RiskLevel.NONE
    risk_reasons: tuple[str, ...] = ()
    breaches: tuple[str, ...] = ()
    """What `fail-on` or `risk-threshold` forbids and the facts show, in words; exit 1 if any."""


class PullRequest(Struct, frozen=True):
    """The pull request that the report goes to."""

    number: int
    head_sha: str = ""
    is_fork: bool = False
    is_open: bool = True
    is_locked: bool = False


class Run(Struct, frozen=True):
    """Our run of the workflow, as the runner's variables tell it."""

    repository: str
    """`owner/name`."""
    server_url: str
    run_id: str
    run_attempt: str = "1"
    workflow: str = ""
    job: str = ""
    sha: str = ""
    """The commit that the report is about: a pull request's head, else the pushed commit."""
    actor: str = ""

    @property
    def url(self) -> str:
        if not (self.server_url and self.repository and self.run_id):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


class PastRun(Struct, frozen=True):
    """An earlier run whose report the comment held, as its marker tells it: ids only."""

    run: str
    """Run id."""
    attempt: int
    sha: str
    verdict: str
    """A `VerdictStatus`, as it was written then."""
    started: int
    """Seconds since the Unix epoch."""


class Section(Struct, frozen=True):
    """One stack's part of a comment that the jobs of a matrix share."""

    stack: str
    """What tells the sections of a comment apart: `org/project/stack`."""
    run: str
    attempt: int
    sha: str
    started: int
    verdict: str
    digest: str
    """Of the report, without the stamp of time and run."""
    cells: dict[str, str]
    """What a roll-up table shows of it, short: counts, risk. Ids and numbers only."""
    text: str
    """Finished Markdown; after it was read back, as it stood in the comment."""
    conversation: str = ""
    """Copilot's conversation about this stack, to be continued; an id."""
    task: str = ""
    """Neo's task about this stack; an id."""


class ReceiptStatus(StrEnum):
    POSTED = "posted"
    SKIPPED = "skipped"
    FAILED = "failed"


class Receipt(Struct, frozen=True):
    """What one publisher did."""

    publisher: str
    """`comment`, `summary`, `annotations`, `outputs`, `status`."""
    status: ReceiptStatus
    action: str = ""
    """For the comment: created, updated, unchanged, recreated, hidden, deleted, skipped, failed."""
    why: str = ""
    hint: str = ""
    comment_id: int | None = None
    comment_url: str = ""
