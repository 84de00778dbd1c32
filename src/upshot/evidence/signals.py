"""How the catalogue recognizes a failure class: signals, clues, and how one matches the other.

Pure and without any knowledge of a single provider or error: all of that is data
(`evidence/catalogue/*.toml`). Matching is linear in the text: literal phrases and sets of error
codes, and regular expressions only where their keyword is in the text already (bounded repeats,
kept so by a test). The text is untrusted and is cut before anything looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from upshot.model import Failure

MAX_TEXT: Final = 12_000
"""Characters of the root cause that are read: two thirds from its start, one from its end."""
MAX_OTHER_TEXT: Final = 3_000
"""The same for all other texts, of which there may be many."""

_ANY_PROVIDER: Final = ("", "pulumi")
"""The provider is unknown, or the program passed on a provider's error."""
_SLOT_VALUE: Final = re.compile(r"[A-Za-z0-9._:/@+$-]{1,200}")
_FRAME: Final = re.compile(
    r"""^\s*(?:at\s|File\s"|\.\.\.\s\d+\smore|goroutine\s\d|created\sby\s|\[\d+\]\s*0x).*$""",
    re.MULTILINE,
)
_OPTIONS: Final = re.compile(
    r"""(?P<command>\bpulumi\s(?:up|update|preview|destroy|refresh))"""
    r"""(?:\s--?[a-z][\w-]{0,60}(?:[\s=](?!-)[^\s`'"]{1,300})?){1,40}"""
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_CODED: Final = re.compile(
    r"""(?:\bcode["']?\s?[:=]\s?\\?["']?|\bapi\serror\s|\bdesc\s=\s|\breason["']?\s?[:=]\s?\\?["']?)"""
    r"""([A-Za-z0-9_.]{2,80})""",
    re.IGNORECASE,
)

_WORD: Final = re.compile(r"[A-Z]{2,}s?(?![a-z])|[A-Z]?[a-z]+|[A-Z]+(?=[A-Z][a-z])|[A-Z]|\d+")

Source = Literal["failure", "warning", "policy", "pending", "protected"]
"""Where a clue comes from; a signal looks at one kind only."""


class Signal(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that shows a class. Every condition that is given must hold.

    Within one condition any entry is enough. At least one of `codes`, `words`, `status`, `phrases` and
    `pattern` is given, or `source` is something else than a failure.
    """

    weight: Annotated[int, Meta(ge=1, le=100)]
    """How specific it is: from 90, used for nothing else; 80, a provider's own code; 60, its usual
    words; 40, an HTTP status; 20, a wrapper around a better signal."""
    codes: tuple[str, ...] = ()
    """Error codes and reasons, in their own spelling."""
    words: tuple[str, ...] = ()
    """Words that follow each other in an error code, however it is written: `limit exceeded` is in
    `SubnetLimitExceededFault` and in `QUOTA_LIMIT_EXCEEDED`. Below the codes themselves in weight."""
    status: tuple[int, ...] = ()
    """HTTP statuses."""
    phrases: tuple[str, ...] = ()
    """Literal texts in lower case."""
    together: tuple[str, ...] = ()
    """A second set of phrases, one of which must be there too."""
    unless: tuple[str, ...] = ()
    """Phrases, none of which may be there."""
    pattern: str = ""
    """A regular expression on the lower-cased text, tried only after a phrase was found; its named
    groups fill slots of the next steps."""
    providers: tuple[str, ...] = ()
    """Package names; a failure whose provider is unknown matches, too."""
    types: tuple[str, ...] = ()
    """Starts of type tokens; a failure without a type does not match."""
    except_types: tuple[str, ...] = ()
    """Starts of type tokens that do not match."""
    operations: tuple[str, ...] = ()
    source: Source = "failure"

    def matches(self, clue: Clue) -> bool:
        """Whether every condition holds for this clue."""
        if self.source != clue.source or not self._in_scope(clue):
            return False
        if self.codes and clue.codes.isdisjoint(self.codes):
            return False
        if self.words and not any(
            f" {word} " in code for code in clue.words for word in self.words
        ):
            return False
        if self.status and clue.status not in self.status:
            return False
        if self.phrases and not _any_in(self.phrases, clue.text):
            return False
        if self.together and not _any_in(self.together, clue.text):
            return False
        if self.unless and _any_in(self.unless, clue.text):
            return False
        return not self.pattern or re.search(self.pattern, clue.text) is not None

    def slots(self, clue: Clue) -> Mapping[str, str]:
        """The pattern's named groups in the clue's own spelling; only harmless ones."""
        found = re.search(self.pattern, clue.text) if self.pattern else None
        if found is None:
            return {}
        held = {name: clue.original[slice(*found.span(name))] for name in found.groupdict()}
        return {name: text for name, text in held.items() if _SLOT_VALUE.fullmatch(text)}

    def _in_scope(self, clue: Clue) -> bool:
        if self.providers and clue.provider not in {*self.providers, *_ANY_PROVIDER}:
            return False
        if self.types and not clue.type.startswith(self.types):
            return False
        if self.except_types and clue.type.startswith(self.except_types):
            return False
        return not self.operations or clue.operation in self.operations


class Clue(Struct, frozen=True):
    """One piece of evidence, made ready for signals."""

    text: str
    """Lower case, cut, without stack frames: a frame says where, not why."""
    original: str
    """The same characters in their own case."""
    codes: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    """Each error code as lower-case words, a space before and after each."""
    status: int | None = None
    provider: str = ""
    type: str = ""
    operation: str = ""
    source: Source = "failure"
    rank: float = 1.0
    """Weight: 1.0 for the root cause, less for later failures and cascades."""


def clue_from_failure(failure: Failure, *, rank: float) -> Clue:
    """A failure, read for signals."""
    limit = MAX_TEXT if rank >= 1 else MAX_OTHER_TEXT
    said = failure.message
    if failure.headline not in said[: limit // 2]:  # else the cut might lose it
        said = f"{failure.headline}\n{said}"
    original, text = _prepare(said, limit)
    own = {failure.error_code} if failure.error_code else set()
    stated = set(_CODED.findall(original)) - {"Unknown"}  # how gRPC says that there is no code
    is_quoted = "." not in failure.error_code and f": {failure.error_code}: " in failure.headline
    if failure.provider not in _ANY_PROVIDER or is_quoted:  # else it is the program's exception
        stated |= own
    return Clue(
        text=text,
        original=original,
        codes=frozenset(codes_in(original) | own),
        words=tuple(sorted(map(words_of, stated))),
        status=failure.status_code,
        provider=failure.provider,
        type=failure.type,
        operation=failure.operation,
        rank=rank,
    )


def clue_from_text(text: str, source: Source) -> Clue:
    """Evidence that is no failure of its own: a warning, a policy violation, a pending operation."""
    original, lowered = _prepare(text, MAX_OTHER_TEXT)
    return Clue(text=lowered, original=original, source=source)


def codes_in(text: str) -> set[str]:
    """The error codes of a text, in their own spelling.

    Words that can only be codes (`NoSuchBucket`, `RESOURCE_EXHAUSTED`), and plain words that
    stand where a code stands (`Code="Conflict"`, `api error Throttling`).
    """
    words = {word.rstrip(".") for word in _IDENTIFIER.findall(text)}
    return {word for word in words if _looks_like_code(word)} | set(_CODED.findall(text))


def words_of(code: str) -> str:
    """The words of an error code in CamelCase or SNAKE_CASE: ` limit exceeded exception `."""
    return f" {' '.join(_WORD.findall(code)).lower()} "


def _looks_like_code(word: str) -> bool:
    return len(word) > 3 and word[0].isupper() and any(c.isupper() for c in word[1:])  # noqa: PLR2004 - shorter words are abbreviations


def _prepare(text: str, limit: int) -> tuple[str, str]:
    """The text in its own case and in lower case, position by position the same characters.

    The options of a command of Pulumi are left out: they say what was asked, not what failed.
    White space is folded, since terminals and people wrap long messages anywhere.
    """
    if len(text) > limit:
        head = limit * 2 // 3
        text = f"{text[:head]}\n{text[head - limit :]}"
    original = " ".join(_OPTIONS.sub(r"\g<command>", _FRAME.sub("", text)).split())
    lowered = original.lower()
    if len(lowered) != len(original):  # a few letters grow in lower case
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in original)
    return original, lowered


def _any_in(phrases: Collection[str], text: str) -> bool:
    return any(phrase in text for phrase in phrases)
