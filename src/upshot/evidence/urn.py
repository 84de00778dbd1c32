"""Names of resources: URNs and type tokens, as the engine writes them.

Must not know where a name stood. `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` and
`PACKAGE:MODULE:TYPE` are the engine's own forms (shipped engine).
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

STACK_TYPE: Final = "pulumi:pulumi:Stack"

# Within quotation marks a name may hold spaces.
_URN = re.compile(
    r"(?<=(?P<mark>[\"'`]))urn:pulumi:[^\n\"'`]{1,2000}(?=(?P=mark))|urn:pulumi:[^\s'\"`,<>]{1,2000}"
)
# As people shorten one: `urn:pulumi:...$aws:s3/bucket:Bucket::assets`.
_ABRIDGED = re.compile(
    r"urn:(?:pulumi:)?(?:\.\.\.|…)[:$]{0,3}"
    r"(?P<type>[A-Za-z][\w.+/-]{0,80}(?::[\w./+-]{1,200}){1,2})::(?P<name>[^\s'\"`,<>]{1,300})"
)
_TRAILING: Final = ":.;)]}"


class Urn(Struct, frozen=True):
    """A parsed URN; `type` is the resource's own, without its parents'.

    One that a person has shortened has its type and name alone.
    """

    text: str
    stack: str
    project: str
    type: str
    name: str


def find_urn(text: str) -> Urn | None:
    """The first well-formed URN in the text, or the first shortened one."""
    for match in _URN.finditer(text):
        found = match.group()
        urn = parse_urn(found if match["mark"] else found.rstrip(_TRAILING))
        if urn:
            return urn
    short = _ABRIDGED.search(text)
    return short and Urn("", "", "", short["type"], short["name"].rstrip(_TRAILING))


def parse_urn(text: str) -> Urn | None:
    """The parts of a URN; None for any other text. A name may hold `::`."""
    if not text.startswith("urn:pulumi:"):
        return None
    parts = text.removeprefix("urn:pulumi:").split("::", 3)
    if len(parts) != 4 or not all(parts):  # noqa: PLR2004 - stack, project, types, name
        return None
    stack, project, types, name = parts
    return Urn(text, stack, project, types.rpartition("$")[2], name)


def provider_of(type_token: str) -> str:
    """The package that a type belongs to; `pulumi` for the engine's own types."""
    package, _, rest = type_token.partition(":")
    if package == "pulumi" and rest.startswith("providers:"):
        return rest.removeprefix("providers:")
    if package in {"pulumi-nodejs", "pulumi-python"}:
        return "pulumi"
    return package if rest else ""


def is_engines_own(type_token: str) -> bool:
    """Whether a resource is no change of the user's: the stack itself, a provider."""
    return type_token == STACK_TYPE or type_token.startswith("pulumi:providers:")


def display_type(type_token: str) -> str:
    """`aws:s3/bucket:Bucket` as the display shows it: `aws:s3:Bucket`."""
    package, _, rest = type_token.partition(":")
    module, _, name = rest.rpartition(":")
    head, slash, last = module.rpartition("/")
    if slash and name and last == name[0].lower() + name[1:]:
        return f"{package}:{head}:{name}"
    return type_token


def same_type(one: str, other: str) -> bool:
    return one == other or display_type(one) == display_type(other)
