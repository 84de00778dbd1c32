"""What is published of a run that could not end by itself: its facts, a summary and all outputs.

The run hung until its hard end, or something killed it (`runner.guardian`). So nothing here looks
at text with more than a cut, an escape and a fence: what made the run hang must not do so again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TextIO

import msgspec
from msgspec.structs import replace

from upshot.evidence.runs import join
from upshot.inputs.names import variable
from upshot.model import (
    BackendName,
    Diagnosis,
    Facts,
    NoAnswer,
    ReasonCode,
    ReceiptStatus,
    Run,
)
from upshot.modes.shared.gather import KEPT, Kept
from upshot.publish.outputs import publish_outputs
from upshot.publish.summary import publish_summary
from upshot.registry import MODES
from upshot.report.content import Report
from upshot.report.markdown.escape import fence
from upshot.report.words import headline
from upshot.result import output_values
from upshot.result.run_result import RunResult
from upshot.runner.commands import RunnerLog, random_token
from upshot.runner.guardian import Ended, read_limit_s
from upshot.runner.warnings import format_message
from upshot.verdict.decide import decide

_MOST_FAILURES: Final = 50
_LONGEST: Final = 400
"""Characters of one failure's line."""
_HINT: Final = (
    "The workflow's author must act if this happens again: raise `timeout`, or give less evidence; "
    "please report it with the log of this step."
)


def speak_for(
    env: Mapping[str, str], stream: TextIO, ended: Ended, notes: Mapping[str, bytes]
) -> int:
    """Publishes what the run has not: outputs and summary. The exit code."""
    kept = _read(notes)
    facts = join(kept.facts) if kept else Facts()
    result = _result(env, facts, kept, ended)
    words = _words(ended, read_limit_s(env))
    log = RunnerLog(stream, redact=str, token=random_token)
    log.info("")  # the run may have died within a line
    log.warning(format_message(words, _HINT, "timeout"), title="Upshot")
    output, summary = (env.get(f"GITHUB_{name}", "") for name in ("OUTPUT", "STEP_SUMMARY"))
    exit_code = result.exit_code
    if _is_empty(output):
        values = output_values(result, redact=str)
        receipt = publish_outputs(output, values, log=log, token=random_token)
        if receipt.status is ReceiptStatus.FAILED:
            log.warning(receipt.why, title="Upshot")
    if _is_empty(summary):
        publish_summary(summary, _page(result, words, kept))
    return exit_code


def _read(notes: Mapping[str, bytes]) -> Kept | None:
    with suppress(msgspec.DecodeError, KeyError):
        return msgspec.json.decode(notes[KEPT], type=Kept)
    return None


def _result(env: Mapping[str, str], facts: Facts, kept: Kept | None, ended: Ended) -> RunResult:
    spec = MODES.get(env.get(variable("mode"), "").strip())
    code = spec.failure_code(lambda name: env.get(variable(name), "").strip()) if spec else 0
    reason = ReasonCode.TIMED_OUT if ended.is_overdue else ReasonCode.INTERNAL_ERROR
    if ended.cancelled_by:
        code, reason = 128 + ended.cancelled_by, ReasonCode.CANCELLED
    result = RunResult(
        reason_code=reason,
        exit_code=code,
        own_outputs=dict(spec.failure_outputs) if spec else {},
        run=_run(env),
    )
    if kept is None:
        return result
    verdict = decide(facts, policy=kept.policy)
    report = Report(
        facts=facts,
        diagnosis=Diagnosis(""),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=verdict,
        run=_run(env),
        subject=kept.subject,
    )
    is_refused = bool(verdict.breaches) or kept.is_strict
    return replace(
        result,
        report=report,
        exit_code=code or int(is_refused),
        redacted_count=kept.redacted_count,
    )


def _run(env: Mapping[str, str]) -> Run:
    return Run(
        repository=env.get("GITHUB_REPOSITORY", ""),
        server_url=env.get("GITHUB_SERVER_URL", ""),
        run_id=env.get("GITHUB_RUN_ID", ""),
        run_attempt=env.get("GITHUB_RUN_ATTEMPT", "") or "1",
        job=env.get("GITHUB_JOB", ""),
    )


def _words(ended: Ended, limit_s: float) -> str:
    if ended.cancelled_by:
        return "The workflow run was cancelled, and Upshot did not end by itself."
    if ended.is_overdue:
        return f"`timeout` ({limit_s:g} s) was over before the report was ready: Upshot was ended."
    return "Upshot was killed before the report was ready, perhaps because memory ran out."


def _page(result: RunResult, words: str, kept: Kept | None) -> str:
    if result.report is None or kept is None:
        return f"### Upshot was ended\n\n{words}\n"
    icon, phrase = headline(result.report)
    facts = result.facts
    lines = [_line(f.headline, f.operation, f.type, f.name) for f in facts.failures]
    left_out = len(lines) - _MOST_FAILURES + facts.failures_omitted
    shown = lines[:_MOST_FAILURES] + [f"… and {left_out} more"] * (left_out > 0)
    parts = [
        f"### {icon} {phrase}",
        f"> [!WARNING]\n> {words} Below is what the evidence says, without an explanation.",
    ]
    if facts.stack:
        parts.append(fence(str(facts.stack)[:_LONGEST]))
    if shown:
        parts.append(fence("\n".join(shown)))
    if facts.counts:
        parts.append(fence(", ".join(f"{n} {what}" for what, n in facts.counts.items())))
    if kept.warnings:
        parts.append(fence("\n".join(warning[:_LONGEST] for warning in kept.warnings)))
    return "\n\n".join(parts) + "\n"


def _line(headline: str, *of: str) -> str:
    what = " ".join(part for part in of if part)
    return " ".join(f"{what}: {headline}".split())[:_LONGEST] if what else headline[:_LONGEST]


def _is_empty(path: str) -> bool:
    """Whether the run has written nothing there yet; each step has files of its own."""
    try:
        return bool(path) and os.stat(path).st_size == 0  # noqa: PTH116
    except OSError:
        return bool(path)
