"""The failure catalogue, as data: what each class means, how it is recognized, what to do.

One TOML file a family beside this module; `schema.json` describes them and is made from the
structs here. Read once, at the first diagnosis, and never on the way to an AI.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from msgspec import Meta, Struct, convert

from upshot.evidence.rules import read_folder
from upshot.evidence.signals import Signal

Sentence = Annotated[str, Meta(min_length=20, max_length=700)]


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A message that this class explains, written for this project; a test diagnoses each."""

    message: str
    type: str = ""
    provider: str = ""
    operation: str = ""
    status_code: int | None = None


class FailureClass(Struct, frozen=True, forbid_unknown_fields=True):
    """One cause of failure."""

    slug: Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)*$")]
    """The name in `failure-class`."""
    title: Annotated[str, Meta(min_length=8, max_length=70)]
    explanation: Sentence
    """Plain words: what happened and why the engine or the provider stopped."""
    next_steps: Annotated[tuple[Sentence, ...], Meta(min_length=2, max_length=5)]
    """In order, Markdown. `{slot|default}` is filled from the evidence, else with its default."""
    documentation_url: Annotated[str, Meta(pattern=r"^https://[a-z.]+/[A-Za-z0-9/._#-]*$")]
    retry: Literal["likely", "unlikely", ""] = ""
    """Whether running it again, unchanged, is likely to help; empty when that is unknown."""
    signals: tuple[Signal, ...] = ()
    """Empty only for `unclassified`."""
    examples: tuple[Example, ...] = ()


class Family(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the catalogue."""

    family: str
    classes: Annotated[tuple[FailureClass, ...], Meta(min_length=1)]


@cache
def load_catalogue() -> tuple[FailureClass, ...]:
    """Every class, files in the order of their names.

    Raises msgspec.ValidationError when a file does not keep to the schema; a test reads every file.
    """
    families = [convert(found, Family) for found in read_folder(__name__)]
    return tuple(found for family in families for found in family.classes)
