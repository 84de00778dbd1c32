"""What is asked of an AI, and what it answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct, field

from upshot.model.engine import Outcome, Subject, UpdateKind
from upshot.model.verdict import ReasonCode


class BackendName:
    """The names of the backends that come with Upshot; `registry.BACKENDS` has all of them."""

    COPILOT: Final = "copilot"
    NEO: Final = "neo"
    LOCAL: Final = "local"


class Purpose(StrEnum):
    """What a question is for."""

    EXPLAIN = "explain"
    """The answer is an explanation for the report."""
    TASK = "task"
    """Work is wanted, not only an answer (a Neo task)."""


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
    purpose: Purpose = Purpose.EXPLAIN


class Program(Struct, frozen=True):
    """A program that Copilot wrote (kind `program` of the documented wire)."""

    code: str
    language: str = ""
    instructions: str = ""
    program_id: str = ""


class Answer(Struct, frozen=True, tag=True):
    """An AI answered."""

    backend: str
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

    backend: str
    """Which one was asked; `local` when none was."""
    reason_code: ReasonCode | None = None
    """Why the AI failed or declined (one of `AI_…`); None when it was not asked."""
    why: str = ""
    """One line for people; empty when no AI was asked."""
    hint: str = ""
    anchor: str = ""
    """Heading of docs/troubleshooting.md; empty when no AI was asked, or when it declined."""
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
