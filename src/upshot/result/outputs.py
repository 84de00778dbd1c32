"""Every declared output as text, on every path: an output that does not apply is empty.

The platform's bound for all outputs of a job is 1 MB; each output keeps to 64 KiB, and what is
longer is shortened so that it can still be read (JSON stays JSON); only what a mode declares as
long, and bounds itself, may be longer. Whole ones are in the files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import json

from upshot.model import Facts, Meaning, ReasonCode, Verdict
from upshot.registry import MODES
from upshot.result.build import build_document, comment_receipt, redacted
from upshot.result.run_result import RunResult
from upshot.subject import build_update_url

LIMIT_BYTES: Final = 65_536
# (longest text, longest list) of a shortened result; the last one fits whatever comes.
_LADDER: Final = ((8_000, 200), (2_000, 100), (1_000, 50), (400, 20), (160, 10), (24, 3))
_LONGEST_KEY: Final = 24
_MOST_KEYS: Final = 50
_COUNTS: Final = {
    "to-create": Meaning.CREATE,
    "to-update": Meaning.UPDATE,
    "to-delete": Meaning.DELETE,
    "to-replace": Meaning.REPLACE,
    "unchanged": Meaning.SAME,
}
_RESOURCE: Final = ("urn", "type", "name", "operation")


def output_values(run: RunResult, *, redact: Callable[[str], str]) -> dict[str, str]:
    """Output name -> value, at most 64 KiB each, for every output of every mode; texts redacted."""
    document = run.document or build_document(run, redact=redact)
    result, result_cut = fit_result(document)
    failed, failed_cut = _failed_resources(run.facts, redact)
    answer = clip(run.answer)
    cut = run.is_truncated or result_cut or failed_cut or answer != run.answer
    reply = run.reply
    comment = comment_receipt(run.receipts)
    values = {
        "verdict": run.verdict.status.value,
        "reason-code": run.reason_code.value,
        "risk-level": run.verdict.risk_level.value,
        "breaches": _breaches(run.verdict, redact),
        "failure-class": run.failure_class,
        "failed-resources": failed,
        "failed-count": str(len(run.facts.failed_resources) + run.facts.failures_omitted),
        **_counts(run.facts),
        "answer": answer,
        "backend-used": reply.backend_used,
        "conversation-id": reply.conversation_id,
        "task-id": reply.task_id,
        "task-url": reply.task_url,
        "task-status": reply.task_status.value,
        "approval-request-id": reply.requests[0].id if reply.requests else "",
        # Set by the gate alone; empty means that no approval was asked for.
        "approved": "",
        "approved-by": "",
        "approved-sha": "",
        "update-url": build_update_url(run.subject) if run.subject else "",
        "comment-id": str(comment.comment_id or "") if comment else "",
        "comment-url": comment.comment_url if comment else "",
        "comment-action": (comment.action if comment else "") or "skipped",
        "report-file": run.report_file,
        "result": result,
        "result-file": run.result_file,
        "truncated": str(cut).lower(),
        "redacted-count": str(run.redacted_count),
        "ai-calls": str(reply.calls),
        "duration-seconds": f"{run.duration_s:.1f}",
    }
    values |= dict.fromkeys((name for mode in MODES.values() for name in mode.outputs), "")
    values |= run.own_outputs
    whole = {name for mode in MODES.values() for name in mode.long_outputs}
    return {name: value if name in whole else clip(value) for name, value in values.items()}


def output_names() -> tuple[str, ...]:
    """Every output of every mode, in the order of action.yml."""
    return tuple(output_values(RunResult(reason_code=ReasonCode.OK), redact=str))


def fit_result(result: dict[str, Any]) -> tuple[str, bool]:
    """The result as JSON text of at most 64 KiB, and whether it was shortened for that."""
    text = json.encode(result)
    if len(text) <= LIMIT_BYTES:
        return text.decode(), False
    for longest_text, longest_list in _LADDER:
        short = _shortened(result, longest_text, longest_list)
        text = json.encode({**short, "truncated": True})
        if len(text) <= LIMIT_BYTES:
            break
    return text.decode(), True


def clip(text: str) -> str:
    """At most 64 KiB of UTF-8: whole lines where there are several, whole characters always."""
    data = text.encode("utf-8", "replace")
    if len(data) <= LIMIT_BYTES:
        return data.decode()
    kept = data[:LIMIT_BYTES].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1] or kept


def _failed_resources(facts: Facts, redact: Callable[[str], str]) -> tuple[str, bool]:
    """The JSON list, and whether resources at its end had to be left out."""
    parts: list[bytes] = []
    room = LIMIT_BYTES - 2
    failed = tuple((f.urn, f.type, f.name, f.operation) for f in facts.failed_resources)
    for resource in redacted(failed, redact):
        part = json.encode(dict(zip(_RESOURCE, resource, strict=True)))
        room -= len(part) + 1
        if room < 0:
            break
        parts.append(part)
    cut = len(parts) < len(failed) or facts.failures_omitted > 0
    return f"[{b','.join(parts).decode()}]", cut


def _breaches(verdict: Verdict, redact: Callable[[str], str]) -> str:
    """A JSON list of `{rule, what, resources, stack}`."""
    found = [
        {"rule": b.rule, "what": b.what, "resources": b.resources[:_MOST_KEYS], "stack": b.stack}
        for b in verdict.breaches
    ]
    return json.encode(redacted(found, redact)).decode()


def _counts(facts: Facts) -> dict[str, str]:
    """Decimal numbers, empty where the evidence does not say."""
    numbers = {name: facts.count(meaning) for name, meaning in _COUNTS.items()}
    return {name: "" if number is None else str(number) for name, number in numbers.items()}


def _shortened(value: Any, longest_text: int, longest_list: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= longest_text else value[: longest_text - 1] + "…"
    if isinstance(value, list):
        return [_shortened(item, longest_text, longest_list) for item in value[:longest_list]]
    if isinstance(value, dict):
        return {
            _shortened(key, _LONGEST_KEY, longest_list): _shortened(
                item, longest_text, longest_list
            )
            for key, item in list(value.items())[:_MOST_KEYS]
        }
    return value
