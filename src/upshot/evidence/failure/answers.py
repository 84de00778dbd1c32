"""What the body of a service's answer says, where a message quotes it: JSON with details, markup.

Such a body states the cause deeper than the message's own line does. Pure; bodies may be cut anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from upshot.evidence.failure.forms import STRONG
from upshot.text import pattern

_READ: Final = 24_000
"""Characters of a message in which details are looked for."""
_MOST_DETAILS: Final = 200
# A body that is markup, where no status before it says enough, and what it says.
_MARKUP = pattern(
    r"(?P<lead>(?:(?!\b[45]\d\d\b).){0,600}?)<(?:\?xml|!DOCTYPE|!doctype|html|Error)\b[^<>]{0,300}>$",
    marks=(">",),
)
_SAID_WITHIN = pattern(
    r"<(?P<tag>[Mm]essage|title)>(?P<said>[^<>]{1,600})</(?P=tag)>", marks=("</",)
)
_DETAILS = pattern(r"\\?\"details\\?\" ?: ?\[\s{0,40}\{", marks=("details",))
# One of them, with its message after its code (Azure's REST API guidelines). A code within it is more specific.
_DETAIL: Final = tuple(
    pattern(
        rf"\{{\s{{0,40}}{q}code{q} ?: ?{q}(?P<code>[\w.-]{{1,80}}){q},\s{{0,40}}"
        rf"(?:{q}target{q} ?: ?(?:null|{q}[^\"\n]{{0,400}}{q}),\s{{0,40}})?"
        rf"{q}message{q} ?: ?{q}(?P<said>(?:[^\"\\\n]|{inner}){{1,2000}}){q}",
        marks=("code",),
    )
    for q, inner in ((r"\"", r"\\[^\n]"), (r"\\\"", r"\\[^\"\n]"))
)
"""In JSON, and in JSON that stands in a JSON string itself."""
_OPENS_DETAILS = pattern(r",\s{0,40}\\?\"details\\?\" ?: ?\[\s{0,40}\{")


@lru_cache(maxsize=8)
def detail_in(message: str) -> tuple[str, str]:
    """Code and message of the detail that states the cause; both empty without one.

    Of several, the first that reports a failure and whose code is the rarest: the others often say only
    that something was not tried.
    """
    opened = _DETAILS.search(message[:_READ])
    if opened is None:
        return "", ""
    text = message[opened.end() - 1 : _READ]
    found = [
        (match["code"], match["said"].replace('\\"', '"'))
        for match in islice(chain(*(form.finditer(text) for form in _DETAIL)), _MOST_DETAILS)
        if not _OPENS_DETAILS.match(text, match.end())
    ]
    often = Counter(code for code, _ in found)
    return min(
        found, key=lambda each: (often[each[0]], not STRONG.search(each[1])), default=("", "")
    )


def out_of_markup(text: str, after: Sequence[str]) -> str:
    """A statement that ends where an answer in XML or HTML begins, with what that answer says."""
    markup = _MARKUP.match(text)
    said = next(filter(None, map(_SAID_WITHIN.search, after)), None) if markup else None
    return f"{markup['lead']}{said['said']}" if markup and said else text
