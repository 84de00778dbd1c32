"""Fills the verbs of a Go format with plausible values, by the name of each argument. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

PROVIDER: Final = "urn:pulumi:dev::shop::pulumi:providers:random::default"
URN: Final = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::media"
REASON: Final = "it did not work"
"""What a text wraps; it shows no class of its own."""

_VERB: Final = re.compile(r"%(?:%|[-+# 0]*(?:\[(\d{1,2})\])?[\d.*]{0,6}([a-zA-Z]))")
_LAST_NAME: Final = re.compile(r"([A-Za-z_]\w*)\W*$")
# What a value is, by the last word of its argument, or else by the word before it in the text.
_VALUES: Final = (
    (r"hash|checksum", "6f1ed002"),
    (r"^err|err$|error|reason|cause|failure|diagnos|output|stderr", REASON),
    (r"urn|^resource|parent|^res$|child|successor|root", URN),
    (r"provider|package|pkg|plugin", "random"),
    (r"polic|pack", "guardrails"),
    (r"version", "4.2.0"),
    (r"url", "https://shop.example.com"),
    (r"path|file", "/srv/shop/Pulumi.yaml"),
    (r"dir|pwd|cwd", "/srv/shop"),
    (r"stack|^ref$", "dev"),
    (r"kind", "resource"),
    (r"token|typ", "aws:s3/bucket:Bucket"),
    (r"key", "shop:domain"),
    (r"prop", "bucket"),
    (r"^op$|^operation|action", "update"),
    (r"count|^len$|num|index|^i$|status|code|size", "2"),
)
_OTHER: Final = "media"
_OF_A_PROVIDER: Final = re.compile(r"\bprovider (?:reference )?'$")
_GLUED: Final = re.compile(r"[A-Za-z]{2}$|%[-+# 0]*(?:\[\d\])?[svq]$")
"""A verb right behind a word or another verb stands for an addition that may be empty."""
_NUMBERS: Final = frozenset("dboxXcU")


def fill(text: str, arguments: Sequence[str]) -> str:
    """The text with a value for each verb; `%q` puts it in quotation marks."""
    position = -1

    def value(found: re.Match[str]) -> str:
        nonlocal position
        if found[0] == "%%":
            return "%"
        position = int(found[1]) - 1 if found[1] else position + 1
        argument = arguments[position] if 0 <= position < len(arguments) else ""
        return _value(found[2], argument, before=text[: found.start()])

    return _VERB.sub(value, text)


def words_of_its_own(text: str) -> list[str]:
    """The words that stand in a text whatever fills it."""
    return re.findall(r"[A-Za-z]{2,}", _VERB.sub(" ", text))


def _value(verb: str, argument: str, *, before: str) -> str:
    if _GLUED.search(before):
        return ""
    if verb == "w":
        return REASON
    if verb in _NUMBERS or argument.startswith("len("):
        return "2"
    if verb in "tT":
        return {"t": "true", "T": "string"}[verb]
    ends = (_LAST_NAME.search(source) for source in (argument, before))
    names = [end[1].lower() for end in ends if end]
    held = (value for name in names for word, value in _VALUES if re.search(word, name))
    filled = next(held, _OTHER)
    if filled == URN and _OF_A_PROVIDER.search(before):
        filled = PROVIDER
    return f'"{filled}"' if verb == "q" else filled
