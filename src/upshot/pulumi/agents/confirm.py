"""The word for `confirm`: it belongs to what a claim would do, and to nothing else.

Pure. The digest is also what an approval binds to. It covers the destination, the agent, each entity
as it was shown, what stands against it and every new name; it holds no secret, so that it may be
shown. While the agent still works, its stacks change, and the word changes with them: a person confirms
what the preview showed.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from typing import Any, Final

import msgspec

from upshot.pulumi.agents.claims import Claim
from upshot.pulumi.agents.entities import Entity, Renamed, Stack, build_entity, build_rename

_LETTERS: Final = 16
"""80 bits."""
_GROUP: Final = 4


def digest_claim(claim: Claim, renames: tuple[Renamed, ...], *, destination: str) -> str:
    """64 hexadecimal digits, the same for the same content in any order.

    `renames` are those that the claim's commit would send.
    """
    content = {
        "v": 1,
        "binding": "claim",
        "destination": destination.lower(),
        "agent": [claim.agent.login, claim.agent.organization, claim.agent.created_at],
        "entities": _sorted(_content(entity) for entity in claim.entities),
        "conflicts": _sorted(_content(entity) for entity in claim.conflicts),
        "failures": _sorted([_content(one.entity), one.details] for one in claim.failures),
        "renames": _sorted(build_rename(one) for one in renames),
        "expires": claim.expires_at,
    }
    return sha256(_canonical(content)).hexdigest()


def build_word(digest: str) -> str:
    """The word for a digest: `abcd-efgh-ijkl-mnop`."""
    word = b32encode(bytes.fromhex(digest)).decode().lower()[:_LETTERS]
    return "-".join(word[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))


def is_confirmed(given: str, digest: str) -> bool:
    """Whether `confirm` holds the word, in any case, with or without hyphens and white space."""
    plain = "".join(given.split()).replace("-", "").lower()
    return plain == build_word(digest).replace("-", "")


def _content(entity: Entity) -> dict[str, Any]:
    content = build_entity(entity)
    if isinstance(entity, Stack):
        content |= {"lastUpdate": entity.last_update, "resourceCount": entity.resource_count}
    return content


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _sorted(values: Any) -> list[Any]:
    return sorted(values, key=_canonical)
