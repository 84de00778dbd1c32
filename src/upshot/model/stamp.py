"""What our comment keeps about a run: ids that a later run compares with its own or goes on from.

To remember one more id, add a field to `Stamp` and fill it in `modes/shared/draft.py`: markers and
sections then write, check and read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from msgspec import Struct
from msgspec.structs import replace

UNKNOWN_STACK: Final = "unknown-stack"
"""The section of a report whose stack is not known, or the beginning of its name; the next run drops
it."""
_PART = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MOST_PARTS: Final = 6
_ID = re.compile(r"[A-Za-z0-9_.:/-]{0,200}")


class Stamp(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run's report about one stack. Every text is an id once `clean` has made it one."""

    stack: str = ""
    """`org/project/stack`; empty when unknown, or where several share a comment."""
    run: str = ""
    """Id of the workflow run."""
    attempt: int = 1
    sha: str = ""
    """The commit that the report is about."""
    started: int = 0
    """Seconds since the Unix epoch, when the run started."""
    verdict: str = ""
    """A `VerdictStatus`, as it was written then."""
    digest: str = ""
    """Of the report, without the time and the run that it names."""
    conversation: str = ""
    """Copilot's conversation, to be continued."""
    task: str = ""
    """Neo's task."""
    asked: str = ""
    """Digest of what an AI was asked, where its whole answer is in the comment."""
    said: str = ""
    """Where that answer stands in the text (`report.markdown.quote`)."""
    labels: str = ""
    """The pull request's labels that it asks for (`verdict.labels`); empty where none are wanted."""
    proposals: dict[str, str] = {}
    """Id of what the task asks a person -> digest of what was shown of it (threat T62)."""

    @property
    def ids(self) -> list[str]:
        """Every text that is written as an id."""
        texts = [value for value in fields_of(self).values() if isinstance(value, str)]
        return [*texts, *self.proposals, *self.proposals.values()]

    @property
    def is_clean(self) -> bool:
        """Whether each of the `ids` is one."""
        return all(map(is_id, self.ids))

    def clean(self) -> Self:
        """The same with ids only: a text that is none becomes its digest (`clean_id`)."""
        texts = {name: v for name, v in fields_of(self).items() if isinstance(v, str)}
        return replace(self, **{name: clean_id(text) for name, text in texts.items()})


class Section(Stamp, frozen=True, kw_only=True, omit_defaults=True):
    """One stack's part of a comment that the jobs of a matrix share."""

    cells: dict[str, str] = {}
    """What a roll-up table shows of it, short: counts, risk. Ids and numbers only."""
    text: str = ""
    """Finished Markdown; after it was read back, as it stood in the comment."""

    @property
    def ids(self) -> list[str]:
        return [*super().ids, *self.cells, *self.cells.values()]


def fields_of(stamp: Stamp, names: Iterable[str] = Stamp.__struct_fields__) -> dict[str, Any]:
    """These of a stamp's fields, by default all that are in `Stamp` itself: for another stamp."""
    return {name: getattr(stamp, name) for name in names}


def is_id(text: str) -> bool:
    """Whether a text can be written as it is: at most 200 of `A-Za-z0-9_.:/-`, or nothing."""
    return _ID.fullmatch(text) is not None


def name_unknown(job: str, matrix: Mapping[str, Any]) -> str:
    """The section of a report whose stack is not known: `unknown-stack/JOB/VALUE.VALUE`.

    `matrix` holds the values of this job of a matrix. Other jobs and other values give other names,
    and it is an id.
    """
    values = list(matrix.values())
    texts = [str(value) for value in values]
    is_plain = len(texts) <= _MOST_PARTS and all(
        isinstance(value, str | int) and _PART.fullmatch(text)
        for value, text in zip(values, texts, strict=True)
    )
    shown = ".".join(texts) if is_plain else clean_id(f"{sorted(matrix.items())} ")
    parts = (UNKNOWN_STACK, *([clean_id(job)] if job else ()), *([shown] if shown else ()))
    return "/".join(parts)


def clean_id(text: str) -> str:
    """The text when it is an id, else a digest of it: equal texts give equal ids."""
    if is_id(text):
        return text
    import hashlib

    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
