"""What an approval is asked for, and its id: a digest, so that no memory of it is needed.

The id can be computed again at any time. Another repository, pull request, commit, plan or
stack gives another id, so an approval of one counts for no other (threat T53).
"""

from __future__ import annotations

import re
from base64 import b32encode
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

_LENGTH: Final = 16
"""Characters of an id: 80 bits of the digest."""
_GROUP: Final = 4
_VERSION: Final = 1
_MAX_BOUND: Final = 1_000
_SHA: Final = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
# No flag for the case: with it, `K` (the Kelvin sign) would be read as `k`.
_CHAR: Final = "[A-Za-z2-7]"
_ID: Final = re.compile(rf"{_CHAR}(?:-?{_CHAR}){{{_LENGTH - 1}}}")
_IN_TEXT: Final = re.compile(rf"(?<![\w-])(?:{_ID.pattern})(?![\w-])")


class Binding(StrEnum):
    """What an approval is bound to; with another value of it, the approval is void."""

    HEAD_SHA = "head-sha"
    TREE = "tree"
    PLAN = "plan"
    WORKFLOW = "workflow"
    CLAIM = "claim"


_BOUND: Final = {
    Binding.HEAD_SHA: re.compile(_SHA),
    Binding.TREE: re.compile(_SHA),
    Binding.PLAN: re.compile(rf"{_SHA}:[0-9a-f]{{64}}"),
}
_WITHOUT_STACKS: Final = frozenset({Binding.WORKFLOW, Binding.CLAIM})


class Request(Struct, frozen=True, kw_only=True):
    """What is to be approved. Raises ValueError for a value that no request can have."""

    repository: int
    """GitHub's numeric id: a name may change its owner."""
    pull: int
    binding: Binding
    bound: str
    """`head-sha`: the head commit; `tree`: its git tree; `plan`: `COMMIT:DIGEST`
    (`gate.plan.bound_to_plan`), all in lower case; `workflow` and `claim`: the digest of the change
    or claim, at most 1,000 characters."""
    stacks: tuple[str, ...] = ()
    """Names of the stacks, in any order, each once or more often; none for `workflow` and `claim`."""

    def __post_init__(self) -> None:
        if self.repository < 1 or self.pull < 1:
            raise ValueError("a request needs the numbers of its repository and its pull request")
        shape = _BOUND.get(self.binding)
        if shape and not shape.fullmatch(self.bound):
            raise ValueError(f"{self.bound[:80]!a} is nothing that {self.binding} binds to")
        if not 0 < len(self.bound) <= _MAX_BOUND:
            raise ValueError(f"{self.binding} binds to 1 to {_MAX_BOUND} characters")
        if self.stacks and self.binding in _WITHOUT_STACKS:
            raise ValueError(f"{self.binding} names no stacks")
        force_setattr(self, "stacks", tuple(sorted(set(self.stacks))))
        _ = self.canonical  # UnicodeEncodeError, a ValueError, for halves of characters

    @property
    def id(self) -> str:
        """`abcd-efgh-ijkl-mnop`."""
        digest = sha256(self.canonical).digest()
        return grouped(b32encode(digest).decode()[:_LENGTH].lower())

    @property
    def canonical(self) -> bytes:
        """What the id is the SHA-256 of: JSON with sorted keys and no spaces, in UTF-8."""
        fields = {
            "v": _VERSION,
            "repository": self.repository,
            "pull": self.pull,
            "binding": self.binding,
            "bound": self.bound,
            "stacks": self.stacks,
        }
        return msgspec.json.encode(fields, order="sorted")


def grouped(compact: str) -> str:
    """`abcdefghijklmnop` as it is shown: `abcd-efgh-ijkl-mnop`."""
    return "-".join(compact[at : at + _GROUP] for at in range(0, len(compact), _GROUP))


def parse_request_id(text: str) -> str:
    """The id as it is shown, from any case and with or without hyphens; empty for anything else."""
    return grouped(text.replace("-", "").lower()) if _ID.fullmatch(text) else ""


def names_request(text: str, request_id: str) -> bool:
    """Whether the id stands in the text as a word of its own. Linear in the text."""
    return any(parse_request_id(match.group()) == request_id for match in _IN_TEXT.finditer(text))
