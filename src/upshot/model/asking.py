"""What is asked of an AI, and what it answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct, field

from upshot.model.engine import Outcome, StackRef, Subject, UpdateKind
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
    stack: StackRef | None = None
    """The stack that is meant where `subject` is not known; empty parts are unknown."""
    console: str = ""
    """Origin of its console; empty when unknown."""
    is_task_given: bool = False
    """`task_id` comes from the input, not from our comment: it is asked whatever its status says."""
    only_follows: bool = False
    """Nothing is said to the task `task_id`, and no other is made: it is followed."""


class Program(Struct, frozen=True):
    """A program that Copilot wrote (kind `program` of the documented wire)."""

    code: str
    language: str = ""
    instructions: str = ""
    """Its plan, Markdown by a model."""


class TaskStatus(StrEnum):
    NONE = "none"
    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting-approval"
    AWAITING_ANSWER = "awaiting-answer"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed-out"

    @property
    def is_waiting(self) -> bool:
        """A person must approve or answer before the task goes on."""
        return self in {TaskStatus.AWAITING_APPROVAL, TaskStatus.AWAITING_ANSWER}

    @property
    def is_open(self) -> bool:
        """The task works, or waits for a person."""
        return self.is_waiting or self is TaskStatus.RUNNING


class ApprovalRequest(Struct, frozen=True):
    """An action of a task that needs a person's approval, or a question that the task asks."""

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


class _AnyReply(Struct, frozen=True):
    """What every reply can be asked; each kind of reply overrides what it knows."""

    @property
    def is_answered(self) -> bool:
        """An AI answered: its words, or the state of its task, are in the report."""
        return True

    @property
    def is_explanation(self) -> bool:
        """The text explains the update, instead of the offline rules."""
        return False

    @property
    def backend(self) -> str:
        """The backend that was asked; `local` when none was."""
        return BackendName.LOCAL

    @property
    def backend_used(self) -> str:
        """The backend whose words the report shows; an AI that failed leaves it to `local`."""
        return BackendName.LOCAL

    @property
    def text(self) -> str:
        """Markdown by a model: hostile until defanged."""
        return ""

    @property
    def reason_code(self) -> ReasonCode | None:
        """Why there is no finished answer; None when there is one, or when no AI was asked."""
        return None

    @property
    def why(self) -> str:
        """One line for people about that reason."""
        return ""

    @property
    def hint(self) -> str:
        """Who acts, and how; empty where `why` is all."""
        return ""

    @property
    def anchor(self) -> str:
        """Heading of docs/troubleshooting.md about that reason, or empty."""
        return ""

    @property
    def conversation_id(self) -> str:
        """To go on with in the next run; empty when there is no conversation."""
        return ""

    @property
    def task_id(self) -> str:
        """Empty when there is no task, as `task_url`."""
        return ""

    @property
    def task_url(self) -> str:
        return ""

    @property
    def task_status(self) -> TaskStatus:
        return TaskStatus.NONE

    @property
    def requests(self) -> tuple[ApprovalRequest, ...]:
        """What the task waits for, oldest first; it goes on when all of them are answered."""
        return ()

    @property
    def proposals(self) -> dict[str, str]:
        """Id of each of the `requests` -> digest of it before anything was redacted."""
        return {}


class Answer(_AnyReply, frozen=True, tag=True):
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

    @property
    def is_explanation(self) -> bool:
        return True

    @property
    def backend_used(self) -> str:
        return self.backend


class NoAnswer(_AnyReply, frozen=True, tag=True):
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
    task_id: str = ""
    """Of a task that was begun and cannot be seen any more."""
    task_url: str = ""

    @property
    def is_answered(self) -> bool:
        return False


class TaskState(_AnyReply, frozen=True, tag=True):
    """Where a Neo task stands."""

    status: TaskStatus
    task_id: str
    task_url: str = ""
    text: str = ""
    """The latest final message, Markdown by a model; may be empty."""
    requests: tuple[ApprovalRequest, ...] = ()
    """What the task waits for, oldest first; it goes on when all of them are answered."""
    proposals: dict[str, str] = field(default_factory=dict)
    todos: tuple[Todo, ...] = ()
    tools: dict[str, int] = field(default_factory=dict)
    """Tool name -> number of calls."""
    pull_requests: tuple[str, ...] = ()
    """Addresses of pull requests that the task opened."""
    tokens_used: int | None = None
    calls: int = 1
    notes: tuple[str, ...] = ()
    why: str = ""
    """One line: what went wrong, for `failed` and `timed-out`."""

    @property
    def backend(self) -> str:
        return BackendName.NEO

    @property
    def backend_used(self) -> str:
        """A task that failed explains nothing: the offline rules do."""
        return BackendName.LOCAL if self.status is TaskStatus.FAILED else self.backend

    @property
    def reason_code(self) -> ReasonCode | None:
        return _REASONS.get(self.status)

    @property
    def task_status(self) -> TaskStatus:
        return self.status


_REASONS: Final = {
    TaskStatus.AWAITING_APPROVAL: ReasonCode.TASK_AWAITS,
    TaskStatus.AWAITING_ANSWER: ReasonCode.TASK_AWAITS,
    TaskStatus.FAILED: ReasonCode.AI_BAD_REPLY,
    TaskStatus.CANCELLED: ReasonCode.AI_DECLINED,
    TaskStatus.TIMED_OUT: ReasonCode.AI_TIMED_OUT,
}

Reply = Answer | NoAnswer | TaskState
