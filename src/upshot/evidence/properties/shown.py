"""A property's value as text: secrets and unknown values by a word, JSON in lines.

The engine marks what is more than JSON by signatures in objects, and what is not known before the
update by fixed strings (shipped client: `resource.SigKey`, `plugin.UnknownStringValue` and kin).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from upshot.text import pattern

SECRET: Final = "[secret]"  # noqa: S105 - the word that stands for one
UNKNOWN: Final = "known after apply"

VALUE_KEPT: Final = 6_000
"""Characters of one value; of a longer one its start and its end."""
_ONE_LINE: Final = 60
"""Characters of a list or an object that is written in one line."""
_DEEPEST: Final = 24

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - no secret
_ASSET_SIGNATURES: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
}
_REFERENCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_TEXTS: Final = frozenset({
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
})  # fmt: skip
# A value under such a name is a secret, also where the program does not mark it as one (threat T4).
_SECRET_NAME = pattern(
    r"(?i).{0,80}(?:password|passwd|passphrase|private_?key|secret_?key|secret_?string|api_?key"
    r"|access_?token|auth_?token|client_?secret|connection_?string)"
)


def is_whole(value: Any) -> bool:
    """Whether nothing is looked for within the value: it is secret or not known yet."""
    return is_secret(value) or is_unknown(value)


def is_secret(value: Any) -> bool:
    if value == SECRET:
        return True
    if not isinstance(value, dict):
        return False
    signature = value.get(_SIGNATURE)
    return signature == _SECRET_SIGNATURE or (
        signature == _OUTPUT_SIGNATURE and bool(value.get("secret"))
    )


def is_unknown(value: Any) -> bool:
    if isinstance(value, dict) and value.get(_SIGNATURE) == _OUTPUT_SIGNATURE:
        return "value" not in value or is_unknown(value["value"])
    return isinstance(value, str) and value in _UNKNOWN_TEXTS


def is_secret_name(name: object) -> bool:
    """`masterPassword`, `secret_key`: what no page should show, whatever the engine says of it."""
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


def show(value: Any, name: object = "") -> str:
    """The value as text, at most about `VALUE_KEPT` characters; never empty.

    A text of one line stands in double quotes, a text of several lines as it is. Lists, objects and
    texts that hold JSON are JSON, in lines when they are long.
    """
    if is_secret(value) or (is_secret_name(name) and value not in (None, "")):
        return SECRET
    if is_unknown(value):
        return UNKNOWN
    if isinstance(value, str):
        held = _json_in(value)
        text = value if held is None else _written(held)
        return _cut(text if "\n" in text.strip("\n") or held is not None else f'"{text}"')
    return _cut(_written(value))


def _json_in(text: str) -> Any:
    """The list or object that a text holds as JSON; None for any other text."""
    start = text.lstrip()[:1]
    if not start or start not in "{[" or len(text) > 200_000:  # noqa: PLR2004 - nobody reads more
        return None
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _written(value: Any) -> str:
    if isinstance(value, dict) and value.get(_SIGNATURE) in _ASSET_SIGNATURES:
        return _asset(value)
    plain = _plain(value)
    try:
        line = msgspec.json.encode(plain)
        short = line.decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "…"
    if len(short) <= _ONE_LINE or not isinstance(plain, dict | list):
        return short
    return msgspec.json.format(line, indent=2).decode()


def _plain(value: Any, depth: int = 0) -> Any:
    """The value with words for what is secret, unknown, or more than JSON."""
    if depth > _DEEPEST:
        return "…"
    if is_secret(value):
        return SECRET
    if is_unknown(value):
        return UNKNOWN
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(_SIGNATURE)
    if signature in _ASSET_SIGNATURES:
        return _asset(value)
    if signature == _REFERENCE_SIGNATURE:
        return str(value.get("urn", ""))
    if signature == _OUTPUT_SIGNATURE:
        return _plain(value.get("value"), depth + 1)
    return {
        str(key): SECRET
        if is_secret_name(key) and item not in (None, "")
        else _plain(item, depth + 1)
        for key, item in value.items()
        if not str(key).startswith("__")
    }


def _asset(value: dict[str, Any]) -> str:
    """`asset(path:./app, 1f0c9a2b)`; the content of a text is its hash."""
    word = _ASSET_SIGNATURES[value[_SIGNATURE]]
    place = next((f"{key}:{value[key]}" for key in ("path", "uri") if value.get(key)), "")
    parts = [place, str(value.get("hash", ""))[:8]]
    return f"{word}({', '.join(filter(None, parts))})"


def _cut(text: str) -> str:
    """A long text without its middle; whole lines where it has any."""
    if len(text) <= VALUE_KEPT:
        return text or '""'
    head, tail = text[: VALUE_KEPT * 2 // 3], text[-VALUE_KEPT // 3 :]
    if "\n" in head and "\n" in tail:
        head, tail = head.rpartition("\n")[0], tail.partition("\n")[2]
        return f"{head}\n…\n{tail}"
    return f"{head}…{tail}"
