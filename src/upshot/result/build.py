"""The `result`: everything about a run as one JSON value, for programs.

The shape is docs/result.schema.json; `VERSION` grows when a field changes its meaning or goes
away, not when one is added. Every text goes through `redact`; it is still hostile, so a program
that shows it must make it safe first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec import json

from upshot.model import (
    Diagnosis,
    Facts,
    Receipt,
    Reply,
    Run,
    TaskState,
)
from upshot.report.content import map_texts
from upshot.result.run_result import RunResult
from upshot.subject import build_update_url

T = TypeVar("T")

VERSION: Final = 1


def build_document(result: RunResult, *, redact: Callable[[str], str]) -> dict[str, Any]:
    """The result as plain JSON values, every text redacted."""
    verdict = result.verdict
    document = {
        "version": VERSION,
        "truncated": False,
        "verdict": verdict.status,
        "reason_code": result.reason_code,
        "risk": {
            "level": verdict.risk_level,
            "reasons": verdict.risk_reasons,
            "breaches": [str(breach) for breach in verdict.breaches],
        },
        "subject": _subject(result),
        "run": _run(result.run),
        "facts": _facts(result.facts),
        "diagnosis": result.report.diagnosis if result.report else Diagnosis(failure_class=""),
        "ai": _ai(result),
        "task": _task(result.reply),
        "comment": _comment(result.receipts),
        "duration_s": round(result.duration_s, 3),
    }
    safe: dict[str, Any] = json.decode(json.encode(redacted(document, redact)))
    return safe


def redacted(value: T, redact: Callable[[str], str]) -> T:
    """The value with every text in it redacted, and halves of characters replaced."""
    return map_texts(value, lambda text: redact(text.encode("utf-8", "replace").decode()))


def comment_receipt(receipts: Sequence[Receipt]) -> Receipt | None:
    return next((receipt for receipt in receipts if receipt.publisher == "comment"), None)


def _subject(result: RunResult) -> dict[str, Any] | None:
    subject = result.subject
    stack = subject.stack if subject else result.facts.stack
    if stack is None:
        return None
    return {
        "organization": stack.organization,
        "project": stack.project,
        "stack": stack.stack,
        "version": subject.version if subject else None,
        "update_id": subject.update_id if subject else "",
        "update_url": build_update_url(subject) if subject else "",
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
    """All fields but the stack, which is in the subject, and the plans, which only the gate reads."""
    hidden = {"stack", "plans"}
    return {name: getattr(facts, name) for name in facts.__struct_fields__ if name not in hidden}


def _ai(result: RunResult) -> dict[str, Any]:
    reply = result.reply
    return {
        "backend_used": reply.backend_used,
        "calls": reply.calls,
        "answer": result.answer,
        "why_not": reply.why,
        "conversation_id": reply.conversation_id,
    }


def _task(reply: Reply) -> dict[str, Any] | None:
    if not isinstance(reply, TaskState):
        return None
    return {
        "id": reply.task_id,
        "url": reply.task_url,
        "status": reply.status,
        "approval_request_id": reply.requests[0].id if reply.requests else "",
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
