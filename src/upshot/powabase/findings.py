"""What is wrong with a workflow graph or with a change of one, each as a finding with its remedy.

Texts hold names that people or models wrote, cut short and on one line: they are hostile text for
their reader. None holds a value of a block's config.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.errors import UpshotError
from upshot.text import strip_invisible

MOST_FINDINGS: Final = 50
_LONGEST_NAME: Final = 60


class Code(StrEnum):
    """Every kind of finding; the names are public."""

    BAD_SHAPE = "bad-shape"
    MISSING_FIELD = "missing-field"
    UNKNOWN_FIELD = "unknown-field"
    UNKNOWN_TYPE = "unknown-type"
    BAD_ID = "bad-id"
    BAD_TEXT = "bad-text"
    TOO_BIG = "too-big"
    DUPLICATE = "duplicate"
    DANGLING_EDGE = "dangling-edge"
    CYCLE = "cycle"
    UNKNOWN_BLOCK = "unknown-block"
    AMBIGUOUS_NAME = "ambiguous-name"
    CONTRADICTION = "contradiction"
    UNKNOWN_REFERENCE = "unknown-reference"
    LATE_REFERENCE = "late-reference"
    UNREAD_REFERENCE = "unread-reference"
    UNKNOWN_HANDLE = "unknown-handle"
    MISSING_HANDLE = "missing-handle"
    MISSING_CONFIG = "missing-config"
    NO_SUCH_EDGE = "no-such-edge"
    TRIGGERS = "triggers"
    CUT_TEXT = "cut-text"
    RESERVED_FIELD = "reserved-field"
    MISPLACED_SECRET = "misplaced-secret"  # noqa: S105 - the name of a finding
    LOST_SECRET = "lost-secret"  # noqa: S105 - the name of a finding
    SECRET_RECIPIENT = "secret-recipient"  # noqa: S105 - the name of a finding


_ASK_AGAIN: Final = "The person who asked must act: ask again and name the block and the mistake."
_MEND: Final = "The workflow's author must act: mend it in the Studio or in `workflow-file`."
_LOOK: Final = "The approver must act: read this part of the change closely."
_REMEDIES: Final = {
    Code.BAD_ID: "The workflow's author must act: give each block a UUID; the server stores nothing else.",
    Code.CUT_TEXT: "The person who asked must act: ask for the change in smaller parts, or make it in the Studio; "
    "the Copilot has seen only the beginning of that text.",
    Code.RESERVED_FIELD: "The person who asked must act: leave webhook ids and secrets to Powabase, ask again.",
    Code.MISPLACED_SECRET: "The person who asked must act: ask again without moving the stand-in; a secret goes "
    "back only to the block and the field that it came from.",
    Code.LOST_SECRET: "The workflow's author must act: enter the secret in the Studio, then run again.",
    Code.SECRET_RECIPIENT: _LOOK,
    Code.LATE_REFERENCE: _LOOK,
    Code.UNREAD_REFERENCE: _LOOK,
    Code.MISSING_HANDLE: _LOOK,
    Code.MISSING_CONFIG: _LOOK,
    Code.TRIGGERS: _LOOK,
    Code.UNKNOWN_FIELD: _LOOK,
    Code.NO_SUCH_EDGE: _LOOK,
}


class Finding(Struct, frozen=True, order=True):
    """One problem. An error keeps a graph from being used; any other is for the reader."""

    code: Code
    where: str
    """The block, edge or item, as a name to show."""
    message: str
    """One sentence: what was found, and what is allowed."""
    is_error: bool = True

    @property
    def remedy(self) -> str:
        """Who acts, and how."""
        return _REMEDIES.get(self.code, _ASK_AGAIN)


class InvalidWorkflow(UpshotError):
    """A graph or a change that must not be used; `findings` holds every problem, errors first."""

    anchor = "powabase"

    def __init__(self, subject: str, findings: Iterable[Finding]) -> None:
        self.findings = sort_findings(findings)
        first = self.findings[0].message if self.findings else "it cannot be read"
        more = len(errors_of(self.findings)) - 1
        super().__init__(
            f"{subject} cannot be used: {first}" + (f" (and {more} more)" if more > 0 else ""),
            hint=self.findings[0].remedy if self.findings else _MEND,
        )


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that keep a graph from being used."""
    return tuple(finding for finding in findings if finding.is_error)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, errors first, then by kind and place; at most 50."""
    ordered = sorted(set(findings), key=lambda one: (not one.is_error, one))
    return tuple(ordered[:MOST_FINDINGS])


def shown(name: object) -> str:
    """A name in quotes for a message: one line, at most 60 characters, nothing invisible."""
    text = " ".join(strip_invisible(name if isinstance(name, str) else repr(name)).split())
    return f"'{text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + '…'}'"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in quotes with commas; of more than `most` the rest is counted."""
    few = ", ".join(shown(name) for name in names[:most])
    return few if len(names) <= most else f"{few} and {len(names) - most} more"
