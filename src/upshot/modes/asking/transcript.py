"""What was asked and answered, kept as a file, and answers played back from one.

A transcript is for bug reports and for rendering a report again offline: one JSON object a line,
redacted. It never holds a token, and a played-back reply is as hostile as a fresh one.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from upshot.errors import InputError
from upshot.job import Job
from upshot.model import Question, Reply
from upshot.report.content import map_texts
from upshot.runner.places import write_file
from upshot.workspace import read_text

LIMIT_BYTES = 8 * 1024 * 1024
_EVIDENCE_BYTES = 200_000


class Entry(Struct, frozen=True):
    """One question and its reply."""

    asked: dict[str, Any]
    reply: Reply
    v: int = 1


def record(job: Job, question: Question, reply: Reply) -> None:
    """Writes `transcript-file`, if one is asked for; a file that cannot be written is a warning."""
    path = job.inputs.run.transcript_file
    if not path:
        return
    asked = {
        "prompt": question.prompt,
        "organization": question.organization,
        "subject": question.subject,
        "outcome": question.outcome,
        "kind": question.kind,
        "conversation_id": question.conversation_id,
        "task_id": question.task_id,
        "evidence": question.evidence.cut(_EVIDENCE_BYTES),
    }
    redact = job.redactor.redact
    entry = Entry(map_texts(msgspec.to_builtins(asked), redact), map_texts(reply, redact))
    try:
        write_file(path, msgspec.json.encode(entry) + b"\n")
    except OSError as fault:
        job.warnings.degraded(None, f"'transcript-file' was not written: {fault.strerror}")


def replayed(path: str) -> Reply:
    """The last reply of a transcript. Raises InputError when there is none that can be read."""
    try:
        lines = read_text(path, limit_bytes=LIMIT_BYTES).splitlines()
        return msgspec.json.decode(lines[-1], type=Entry).reply
    except (OSError, IndexError, msgspec.DecodeError) as fault:
        raise InputError(
            "replay-file",
            "a file that is no transcript",
            "a file that 'transcript-file' of an earlier run has written",
        ) from fault
