"""What a Neo task is asked: the question, its limits, the evidence as data, and our marker. Pure.

The evidence may hold instructions of strangers (T23): it goes into the fence of `questions`,
after everything that we ask, and the task has the least permissions that the inputs allow.
"""

from __future__ import annotations

from typing import Final

from upshot.backends.questions import (
    build_default_question,
    fence_data,
    is_preview,
    name_subject,
    visible_text,
)
from upshot.model import Outcome, Purpose, Question

EVIDENCE_BUDGET_BYTES: Final = 48_000
_PROMPT_CHARS: Final = 16_000


_ONLY_EXPLAIN: Final = (
    "Only explain. Do not run a preview or an update, change no file, and open no pull request. "
    "Your final message is the whole answer: it is shown on a pull request, and no person answers "
    "questions in between."
)
_FIX: Final = (
    "This Pulumi {kind} failed. Find out what failed first and why, look at the stack's program "
    "and state as far as you need, and work out the smallest change that resolves it. Do not run "
    "an update. If the change belongs into the program and you can see its repository, open a "
    "pull request with it; else show it as a diff. End with what is wrong, what the change does, "
    "and what you could not verify."
)
_REVIEW: Final = (
    "Review this Pulumi preview before a person approves it. For each delete and each replacement "
    "say why it happens, what depends on the resource, and whether data or availability is at "
    "risk; name settings that would avoid it. Change nothing and do not run an update. End with a "
    "short list of what must be clarified before the update, most important first."
)
_LOOK: Final = (
    "Look at this Pulumi {kind} and its stack. Say whether anything needs attention now, and what "
    "you would do about it. Change nothing and do not run an update."
)


def build_prompt(question: Question, marker: str) -> str:
    """The whole prompt, some 70 kB at most; `marker` is its last line, outside of the data."""
    asked = visible_text(question.prompt.strip()[:_PROMPT_CHARS])
    parts = (
        asked or _default(question),
        _ONLY_EXPLAIN if question.purpose is Purpose.EXPLAIN else "",
        name_subject(question),
        fence_data(question.evidence, EVIDENCE_BUDGET_BYTES),
        marker,
    )
    return "\n\n".join(part for part in parts if part)


def is_same_matter(message: str, question: Question, *, sha: str) -> bool:
    """Whether our earlier message asked about the same update and commit already."""
    return f", commit {sha or '-'}, " in message and name_subject(question) in message


def _default(question: Question) -> str:
    if question.purpose is Purpose.EXPLAIN:
        return build_default_question(question)
    kind = "preview" if is_preview(question) else str(question.kind)
    if question.outcome is Outcome.FAILED:
        return _FIX.format(kind=kind.replace("unknown", "update"))
    if is_preview(question):
        return _REVIEW
    return _LOOK.format(kind=kind.replace("unknown", "update"))
