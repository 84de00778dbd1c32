"""Reads what earlier runs have kept: `result.json`, `report.json`, transcripts. Pure; every text is hostile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from upshot.errors import InputError
from upshot.model import (
    Answer,
    BackendName,
    Diagnosis,
    Facts,
    NoAnswer,
    Reply,
    RiskLevel,
    Run,
    StackRef,
    Subject,
    TaskState,
    TaskStatus,
    Verdict,
    VerdictStatus,
)
from upshot.model.verdict import Breach
from upshot.modes.asking.transcript import Entry
from upshot.modes.joined.stored import parse_report
from upshot.registry import BACKENDS
from upshot.report.content import Report
from upshot.result.build import VERSION
from upshot.subject import parse_update_url

_MOST_ENTRIES: Final = 1_000


class _Risk(Struct):
    level: RiskLevel
    reasons: tuple[str, ...]
    breaches: tuple[str, ...]


class _Subject(Struct):
    organization: str
    project: str
    stack: str
    version: int | None
    update_id: str
    update_url: str


class _Run(Struct):
    repository: str
    sha: str
    run_id: str
    run_attempt: str
    url: str


class _Ai(Struct):
    backend_used: str
    answer: str
    why_not: str
    calls: int
    conversation_id: str


class _Task(Struct):
    id: str
    url: str
    status: TaskStatus
    pull_requests: tuple[str, ...] = ()
    tokens_used: int | None = None


class _Result(Struct):
    """As much of docs/result.schema.json as a report shows."""

    version: int
    verdict: VerdictStatus
    reason_code: str
    risk: _Risk
    subject: _Subject | None
    run: _Run | None
    facts: Facts
    diagnosis: Diagnosis
    ai: _Ai
    task: _Task | None


def read_transcript(data: bytes) -> tuple[Entry, ...]:
    """Its questions and replies; empty for anything else."""
    entries = []
    for line in data.splitlines()[:_MOST_ENTRIES]:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.DecodeError, ValueError, RecursionError):
            return ()
    return tuple(entries)


def read_report(data: bytes, *, console: str) -> Report | None:
    """The report of a `report.json` or of a `result.json`; None for anything else.

    `console` is the origin whose addresses become links.
    """
    return parse_report(data) or _from_result(data, console)


def read_document(data: bytes) -> dict[str, Any] | None:
    """A `result.json` as it is; None for anything else."""
    if _parse(data) is None:
        return None
    document: dict[str, Any] = msgspec.json.decode(data)
    return document


def _parse(data: bytes) -> _Result | None:
    try:
        result = msgspec.json.decode(data, type=_Result)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return result if result.version == VERSION else None


def _from_result(data: bytes, console: str) -> Report | None:
    result = _parse(data)
    if result is None:
        return None
    report = Report(
        facts=msgspec.structs.replace(result.facts, stack=_stack(result.subject)),
        diagnosis=result.diagnosis,
        reply=_reply(result),
        verdict=Verdict(
            result.verdict,
            result.risk.level,
            result.risk.reasons,
            tuple(map(_breach, result.risk.breaches)),
        ),
        run=_run(result.run),
        subject=_subject(result.subject, console),
    )
    # By the same door as a report that another job has stored: what Upshot never writes is refused.
    return parse_report(msgspec.json.encode(report))


def _stack(subject: _Subject | None) -> StackRef | None:
    return StackRef(subject.organization, subject.project, subject.stack) if subject else None


def _subject(subject: _Subject | None, console: str) -> Subject | None:
    """The update by its address; None where it has none."""
    if subject is None or not subject.update_url:
        return None
    try:
        return parse_update_url(subject.update_url, consoles={console} - {""})
    except InputError:
        return None


def _run(run: _Run | None) -> Run:
    if run is None:
        return Run("", "", "")
    parts = urlsplit(run.url)
    server = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return Run(run.repository, server, run.run_id, run.run_attempt, sha=run.sha)


def _breach(text: str) -> Breach:
    """As `str(Breach)` has written it: `fail-on: rule: what`."""
    rule, _, what = text.removeprefix("fail-on: ").partition(": ")
    return Breach(rule, what)


def _reply(result: _Result) -> Reply:
    ai, task = result.ai, result.task
    if task is not None:
        return TaskState(
            task.status,
            task.id,
            task.url,
            text=ai.answer,
            pull_requests=task.pull_requests,
            tokens_used=task.tokens_used,
            why=ai.why_not,
        )
    backend = ai.backend_used if ai.backend_used in BACKENDS else BackendName.LOCAL
    if ai.answer and backend != BackendName.LOCAL:
        return Answer(backend, ai.answer, conversation_id=ai.conversation_id, calls=ai.calls)
    return NoAnswer(backend, why=ai.why_not, calls=ai.calls)


def describe_asked(asked: Mapping[str, Any]) -> str:
    """What was asked, in a line; empty where the file does not say."""
    prompt = asked.get("prompt")
    if isinstance(prompt, str) and prompt.strip():
        return prompt
    kind, outcome = asked.get("kind"), asked.get("outcome")
    known = isinstance(kind, str) and isinstance(outcome, str)
    return f"Explain the {kind}, which {outcome}" if known else ""
