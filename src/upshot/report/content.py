"""What a report says, as a value: redacted, bounded, free of presentation.

It can be stored as JSON and read back (`msgspec`), which is how many jobs become one comment.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeVar, cast

from msgspec import Struct

from upshot.model import Diagnosis, Facts, Reply, Run, Subject, Verdict
from upshot.text import clean_text

T = TypeVar("T")

_SIGN: Final = "\u241e"
"""Left as it is by a redactor, and in none of our own texts."""
_SEPARATOR: Final = f"\n\n{_SIGN}\n\n"


class Report(Struct, frozen=True):
    """Everything that is shown. Texts are redacted and clean, and still hostile as Markdown."""

    facts: Facts
    diagnosis: Diagnosis
    reply: Reply
    verdict: Verdict
    run: Run
    subject: Subject | None = None
    pull_request: int | None = None
    notices: tuple[str, ...] = ()
    """Our own one-line warnings."""
    looked_at: tuple[str, ...] = ()
    """Where an update was looked for, told when none was found."""
    made_at: float = 0.0
    """Seconds since the Unix epoch."""


def map_texts(value: T, change: Callable[[str], str]) -> T:
    """The same value with every text in it cleaned and changed; enums and numbers stay.

    All texts go through `change` at once, with a line that no rule of a redactor crosses between
    them: one pass instead of thousands. One by one when a text holds its sign, or `change`
    swallowed one.
    """
    texts: list[str] = []

    def collect(text: str) -> str:
        texts.append(clean_text(text))
        return text

    _rebuilt(value, collect)
    joined = _SEPARATOR.join(texts)
    changed = change(joined).split(_SEPARATOR)
    if not joined.count(_SIGN) == len(changed) - 1 == max(0, len(texts) - 1):
        changed = [change(text) for text in texts]
    following = iter(changed)
    return cast("T", _rebuilt(value, lambda _: next(following)))


def _rebuilt(value: Any, take: Callable[[str], str]) -> Any:
    """The value with `take` applied to each text in it, in one fixed order."""
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
