"""The `result`: everything about a run as one JSON value, for programs.

The shape is docs/result.schema.json; `VERSION` grows when a field changes its meaning or goes
away, not when one is added. Every text goes through `redact`, and stays hostile all the same: a
program that shows it makes it safe first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct, json

from upshot.model import (
    Answer,
    BackendName,
    Diagnosis,
    Facts,
    NoAnswer,
    ReasonCode,
    Receipt,
    Reply,
    Run,
    Subject,
    TaskState,
    Verdict,
)
from upshot.report.content import map_texts

T = TypeVar("T")

VERSION: Final = 1


class Ending(Struct, frozen=True, kw_only=True):
    """All that is known when a run ends, also when it ended early."""

    verdict: Verdict
    reason_code: ReasonCode
    run: Run | None = None
    facts: Facts = Facts()
    diagnosis: Diagnosis = Diagnosis(failure_class="")
    reply: Reply = NoAnswer(backend=BackendName.LOCAL)
    subject: Subject | None = None
    update_url: str = ""
    answer: str = ""
    """The AI's text as the report shows it: redacted and made safe; empty when there is none."""
    receipts: Sequence[Receipt] = ()
    report_file: str = ""
    result_file: str = ""
    truncated: bool = False
    redacted_count: int = 0
    duration_s: float = 0.0


def build_result(ending: Ending, *, redact: Callable[[str], str]) -> dict[str, Any]:
    """The result as plain JSON values, every text redacted."""
    result = {
        "version": VERSION,
        "truncated": False,
        "verdict": ending.verdict.status,
        "reason_code": ending.reason_code,
        "risk": {
            "level": ending.verdict.risk_level,
            "reasons": ending.verdict.risk_reasons,
            "breaches": ending.verdict.breaches,
        },
        "subject": _subject(ending),
        "run": _run(ending.run),
        "facts": _facts(ending.facts),
        "diagnosis": ending.diagnosis,
        "ai": _ai(ending),
        "task": _task(ending.reply),
        "comment": _comment(ending.receipts),
        "duration_s": round(ending.duration_s, 3),
    }
    safe: dict[str, Any] = json.decode(json.encode(redacted(result, redact)))
    return safe


def redacted(value: T, redact: Callable[[str], str]) -> T:
    """The value with every text in it redacted, and halves of characters replaced."""
    return map_texts(value, lambda text: redact(text.encode("utf-8", "replace").decode()))


def backend_used(reply: Reply) -> BackendName:
    """Who explained: an AI that failed leaves the local diagnosis."""
    if isinstance(reply, Answer):
        return reply.backend
    return BackendName.NEO if isinstance(reply, TaskState) else BackendName.LOCAL


def comment_receipt(receipts: Sequence[Receipt]) -> Receipt | None:
    return next((receipt for receipt in receipts if receipt.publisher == "comment"), None)


def _subject(ending: Ending) -> dict[str, Any] | None:
    subject = ending.subject
    stack = subject.stack if subject else ending.facts.stack
    if stack is None:
        return None
    return {
        "organization": stack.organization,
        "project": stack.project,
        "stack": stack.stack,
        "version": subject.version if subject else None,
        "update_id": subject.update_id if subject else "",
        "update_url": ending.update_url,
    }


def _run(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "repository": run.repository,
        "sha": run.sha,
        "run_id": run.run_id,
        "run_attempt": run.run_attempt,
        "url": run.url,
    }


def _facts(facts: Facts) -> dict[str, Any]:
    """All fields but the stack, which is in the subject."""
    return {name: getattr(facts, name) for name in facts.__struct_fields__ if name != "stack"}


def _ai(ending: Ending) -> dict[str, Any]:
    reply = ending.reply
    return {
        "backend_used": backend_used(reply),
        "calls": reply.calls,
        "answer": ending.answer,
        "why_not": "" if isinstance(reply, Answer) else reply.why,
        "conversation_id": reply.conversation_id if isinstance(reply, Answer) else "",
    }


def _task(reply: Reply) -> dict[str, Any] | None:
    if not isinstance(reply, TaskState):
        return None
    return {
        "id": reply.task_id,
        "url": reply.task_url,
        "status": reply.status,
        "approval_request_id": reply.request.id if reply.request else "",
        "pull_requests": reply.pull_requests,
        "tokens_used": reply.tokens_used,
    }


def _comment(receipts: Sequence[Receipt]) -> dict[str, Any] | None:
    receipt = comment_receipt(receipts)
    if receipt is None:
        return None
    return {
        "action": receipt.action or "skipped",
        "id": receipt.comment_id,
        "url": receipt.comment_url,
    }
