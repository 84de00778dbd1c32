"""The engine's step operations, each once: what it means, how it is said, what it does.

The words are Pulumi's `StepOp`, as events and summaries name them [shipped engine]. A replacement
comes as up to three steps (the replacement as a whole, the new resource, the old one); a summary
counts the whole, events count each step, so `count` takes the largest of the three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final

from msgspec import Struct


class Meaning(StrEnum):
    """What a step means to the person who reads the report."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    SAME = "same"
    OTHER = "other"
    """Nothing that is created, updated, replaced or deleted: a read, a refresh, an unknown word."""


class Part(Enum):
    """Which part of the work a step does; only a replacement has more than the whole."""

    WHOLE = "whole"
    NEW = "new"
    OLD = "old"


class Operation(Struct, frozen=True, kw_only=True):
    """One step operation."""

    word: str
    """As the engine writes it: `create-replacement`."""
    means: Meaning
    happened: str
    """`3 replaced`."""
    would: str
    """`3 to replace`."""
    could_not: str = ""
    """`could not be replaced`; empty for a word that the table does not have."""
    sign: str = ""
    """The mark beside it in a report."""
    marks: tuple[str, ...] = ()
    """The marks of the CLI's display that show it, where they show nothing else."""
    display: str = ""
    """The CLI's words for it in a plan: `create replacement`."""
    part: Part = Part.WHOLE
    destroys: bool = False
    """A resource is deleted, and what it holds with it."""
    changes: bool = True
    """Something is changed; the engine's own `HasChanges` leaves out the same words."""

    @property
    def makes(self) -> bool:
        """Whether a resource is there afterwards that was not there before."""
        return self.means in {Meaning.CREATE, Meaning.REPLACE} and self.part is not Part.OLD


# In the order in which a report counts them.
_TABLE: Final = (
    Operation(
        word="create", means=Meaning.CREATE, display="create",
        happened="created", would="to create", could_not="created", sign="+", marks=("+",),
    ),
    Operation(
        word="update", means=Meaning.UPDATE, display="update",
        happened="updated", would="to update", could_not="updated", sign="~", marks=("~",),
    ),
    Operation(
        word="replace", means=Meaning.REPLACE, display="replace", destroys=True,
        happened="replaced", would="to replace", could_not="replaced",
        sign="±", marks=("+-", "-+", "±"),
    ),
    Operation(
        word="create-replacement", means=Meaning.REPLACE, part=Part.NEW, destroys=True,
        display="create replacement",
        happened="replaced", would="to replace", could_not="replaced", sign="±", marks=("++",),
    ),
    Operation(
        word="import-replacement", means=Meaning.REPLACE, part=Part.NEW, destroys=True,
        display="import replacement",
        happened="replaced by import", would="to replace by import", could_not="imported",
        sign="±", marks=("=>",),
    ),
    Operation(
        word="read-replacement", means=Meaning.REPLACE, part=Part.NEW, destroys=True,
        display="read for replacement",
        happened="replaced by one that is read", would="to replace by one that is read",
        could_not="read", sign="±", marks=(">~",),
    ),
    Operation(
        word="delete-replaced", means=Meaning.REPLACE, part=Part.OLD, destroys=True,
        display="delete original",
        happened="old ones deleted", would="old ones to delete", could_not="deleted",
        sign="-", marks=("--",),
    ),
    # The stack only read the old resource: it leaves the state and is not deleted.
    Operation(
        word="discard-replaced", means=Meaning.REPLACE, part=Part.OLD,
        display="discard original",
        happened="old ones discarded", would="old ones to discard", could_not="discarded",
        sign="<", marks=("<<",),
    ),
    Operation(
        word="delete", means=Meaning.DELETE, display="delete", destroys=True,
        happened="deleted", would="to delete", could_not="deleted", sign="-", marks=("-",),
    ),
    # No word of the engine, which says `delete`: with `retainOnDelete` it only forgets the resource.
    Operation(
        word="retain", means=Meaning.OTHER,
        happened="retained", would="to retain", could_not="forgotten", sign="-",
    ),
    Operation(
        word="import", means=Meaning.CREATE, display="import",
        happened="imported", would="to import", could_not="imported", sign="=", marks=("=",),
    ),
    Operation(
        word="remove-pending-replace", means=Meaning.OTHER,
        happened="no longer pending", would="no longer pending", could_not="cleaned up", sign="~",
    ),
    Operation(
        word="read", means=Meaning.OTHER, display="read", changes=False,
        happened="read", would="to read", could_not="read", sign=">", marks=(">",),
    ),
    Operation(
        word="refresh", means=Meaning.OTHER, display="refresh", changes=False,
        happened="refreshed", would="to refresh", could_not="refreshed", sign="~",
    ),
    Operation(
        word="discard", means=Meaning.OTHER, display="discard", changes=False,
        happened="discarded", would="to discard", could_not="discarded", sign="<", marks=("<",),
    ),
    Operation(
        word="same", means=Meaning.SAME, changes=False, display="same",
        happened="unchanged", would="unchanged", could_not="checked",
    ),
    # Not a step: the summary of the display counts failed resources by this word.
    Operation(
        word="errored", means=Meaning.OTHER, changes=False,
        happened="errored", would="errored",
    ),
)  # fmt: skip

OPERATIONS: Final[Mapping[str, Operation]] = {each.word: each for each in _TABLE}
"""Word -> operation, in the order in which a report counts them."""


def operation_of(word: str) -> Operation:
    """The operation of a word; one that the table does not have changes something unknown."""
    return OPERATIONS.get(word) or Operation(
        word=word, means=Meaning.OTHER, happened=word, would=word, changes=bool(word)
    )


def count(counts: Mapping[str, int], meaning: Meaning) -> int:
    """How many resources the counts say were, or would be, created, updated, replaced, …"""
    parts: dict[Part, int] = defaultdict(int)
    for word, number in counts.items():
        found = operation_of(word)
        if found.means is meaning:
            parts[found.part] += number
    return max((0, *parts.values()))


def fold_replacements(counts: Mapping[str, int]) -> dict[str, int]:
    """Word -> number with each replacement counted once, as `replace`; the other words as they are.

    Counts of this form may be added to those of another stack.
    """
    folded = {
        word: number
        for word, number in counts.items()
        if operation_of(word).means is not Meaning.REPLACE
    }
    replaced = count(counts, Meaning.REPLACE)
    return folded | {"replace": replaced} if replaced else folded
