"""Which texts count, and which class each must have: from its place and its own words. Pure; the rules are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from tools.engine_texts.filling import words_of_its_own
from tools.engine_texts.modules import Text

RULES: Final = Path(__file__).with_name("places.toml")
_FEWEST_WORDS: Final = 2
"""A text of fewer words of its own says nothing but what it wraps."""


class LeftOut(Struct, frozen=True, forbid_unknown_fields=True):
    """Texts that do not count; a rule looks at places or at words."""

    why: str
    places: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


class Oracle(Struct, frozen=True, forbid_unknown_fields=True, rename={"right": "class"}):
    """The class of texts that stand in one of these places and say one of these things."""

    right: str
    places: tuple[str, ...]
    says: tuple[str, ...]
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def speaks_of(self, text: Text) -> bool:
        said = text.text.lower()
        return (
            _any(self.places, text.place) and _any(self.says, said) and not _any(self.unless, said)
        )


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    oracle: tuple[Oracle, ...]

    def counts(self, text: Text) -> bool:
        """Whether a user can see it in the log of a run, and it says something."""
        if len(words_of_its_own(text.text)) < _FEWEST_WORDS or not _any(self.kept, text.place):
            return False
        said = text.text.lower()
        return not any(
            _any(rule.places, text.place) or _any(rule.texts, said) for rule in self.left_out
        )

    def expected(self, text: Text) -> tuple[str, ...]:
        """The class that it must have, and those that are right, too.

        Empty where no rule speaks of it, and where two rules disagree.
        """
        found = [rule for rule in self.oracle if rule.speaks_of(text)]
        if len({rule.right for rule in found}) != 1:
            return ()
        also = dict.fromkeys(slug for rule in found for slug in rule.also)
        return (found[0].right, *also)


def load_places(path: Path = RULES) -> Places:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Places)


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(re.search(each, text) for each in patterns)
