"""The content of a report as a value: redacted, bounded, without layout.

It can be stored as JSON and read back (`msgspec`): mode `collect` joins the reports of many jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar, cast

from msgspec import Struct

from upshot.model import Diagnosis, Facts, Reply, Run, Subject, Verdict
from upshot.report.redact.redact import redact_all
from upshot.text import clean_text

T = TypeVar("T")


class Report(Struct, frozen=True):
    """Everything that is shown. Texts are redacted and clean; as Markdown they are still hostile."""

    facts: Facts
    diagnosis: Diagnosis
    reply: Reply
    verdict: Verdict
    run: Run
    subject: Subject | None = None
    notices: tuple[str, ...] = ()
    """Warnings of Upshot about its own run, a line each."""
    looked_at: tuple[str, ...] = ()
    """Where an update was looked for; empty when one was found."""
    question: str = ""
    """What a person asked; empty in a report without a question."""
    made_at: float = 0.0
    """Seconds since the Unix epoch."""


def map_texts(value: T, redact: Callable[[str], str]) -> T:
    """The same value with every text in it cleaned and redacted; enums and numbers are kept.

    All texts go through `redact` in one pass (`redact_all`) instead of one by one.
    """
    texts: list[str] = []

    def collect(text: str) -> str:
        texts.append(clean_text(text))
        return text

    _rebuilt(value, collect)
    following = iter(redact_all(texts, redact))
    return cast("T", _rebuilt(value, lambda _: next(following)))


def _rebuilt(value: Any, take: Callable[[str], str]) -> Any:
    """The value with `take` applied to each text in it, always in the same order."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return take(value)
    if isinstance(value, Struct):
        fields = {name: _rebuilt(getattr(value, name), take) for name in value.__struct_fields__}
        return type(value)(**fields)
    if isinstance(value, tuple):
        return tuple(_rebuilt(item, take) for item in value)
    if isinstance(value, dict):
        return {_rebuilt(key, take): _rebuilt(item, take) for key, item in value.items()}
    return value
