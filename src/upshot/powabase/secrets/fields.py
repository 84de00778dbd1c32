"""Which fields of a block's config hold secrets, by the words of their names. Pure.

Configs are free JSON: `agent.api_key`, `webhook.webhook_secret`, headers and parameters of
`general_api` as an object, as the Studio's table (`{"cells": {"Key", "Value"}}`) or as JSON text.
"""

from __future__ import annotations

import re
from typing import Any, Final

from upshot.powabase.names import without_references

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS: Final = frozenset(
    [
        "secret",
        "secrets",
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "token",
        "apikey",
        "credential",
        "credentials",
        "auth",
        "authorization",
        "cookie",
        "jwt",
        "pat",
        "dsn",
        "signature",
    ]
)
_KEY_OWNERS: Final = frozenset(
    [
        "api",
        "app",
        "application",
        "access",
        "account",
        "admin",
        "anon",
        "auth",
        "client",
        "decryption",
        "encryption",
        "function",
        "host",
        "integration",
        "license",
        "master",
        "private",
        "role",
        "secret",
        "service",
        "shared",
        "signing",
        "ssh",
        "subscription",
        "webhook",
    ]
)
"""`api_key` is a secret, `primary_key` is none."""
_PAIRS: Final = (("connection", "string"), ("database", "url"), ("db", "url"), ("webhook", "url"))
_PLAIN_HEADERS: Final = frozenset(
    [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "expires",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "location",
        "origin",
        "pragma",
        "prefer",
        "range",
        "referer",
        "retry-after",
        "user-agent",
        "vary",
    ]
)
_SCHEME: Final = re.compile(r"\s*(?:bearer|basic|token|digest|apikey|key)\s+", re.IGNORECASE)
_KINDS: Final = frozenset(
    ["string", "text", "number", "integer", "boolean", "object", "array", "json", "any", "file"]
)
"""A starter's `input` names its fields and their kinds: `{"token": "string"}`."""
_NUMBER: Final = re.compile(r"\s*-?\d{1,6}(?:\.\d+)?\s*")


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret: its last words say so, in any spelling."""
    words = [word.lower() for word in _WORDS.findall(name[:200])]
    if not words:
        return False
    if words[-1] in _SECRET_WORDS or any(tuple(words[-2:]) == pair for pair in _PAIRS):
        return True
    return words[-1] in {"key", "keys"} and bool(_KEY_OWNERS & set(words[:-1]))


def is_headers_name(name: str) -> bool:
    """Whether a field of this name holds HTTP headers."""
    words = _WORDS.findall(name[:200])
    return bool(words) and words[-1].lower() == "headers"


def is_plain_header(name: str) -> bool:
    """Whether a header of this name never holds a secret; all others may."""
    return name.strip().lower() in _PLAIN_HEADERS


def scheme_end(text: str) -> int:
    """Where the value begins after `Bearer ` and its kin; 0 without one."""
    match = _SCHEME.match(text)
    return match.end() if match else 0


def is_worth_hiding(value: object) -> bool:
    """Whether a value under a secret's name can be one: not empty, no switch, no mere reference.

    A short number under such a name is a limit (`max_token: 4096`), not a secret.
    """
    if isinstance(value, bool) or value is None:
        return False
    text = value if isinstance(value, str) else str(value)
    if text in _KINDS:
        return False
    rest = without_references(text)
    return bool(rest[scheme_end(rest) :].strip()) and not _NUMBER.fullmatch(text)


def pair_of(record: dict[str, Any]) -> tuple[str, str]:
    """The name in a `{name, value}` row of a table, and the key under which its value is.

    Empty texts for any other object.
    """
    lowered = {key.lower(): key for key in record}
    name_key = next((lowered[key] for key in ("key", "name", "header") if key in lowered), "")
    value_key = lowered.get("value", "")
    name = record.get(name_key)
    return (name, value_key) if value_key and isinstance(name, str) else ("", "")
