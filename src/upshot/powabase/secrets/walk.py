"""Walks through a config and hands over each secret in it, whole values and parts of texts. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from upshot.powabase.secrets.fields import (
    is_headers_name,
    is_plain_header,
    is_secret_name,
    is_worth_hiding,
    pair_of,
    scheme_end,
)
from upshot.text import strip_invisible

_QUERY: Final = re.compile(r"[?&]([\w.\[\]-]{1,100})=([^&#\s\"'<>]{1,4096})")
_LINE: Final = re.compile(r"^(?:(?P<name>[\w-]{1,100})[ \t]*:)?(?P<value>.+)$", re.MULTILINE)
_LONGEST_JSON: Final = 256 * 1024


class Found(Struct, frozen=True):
    """What is done with a secret."""

    find: Callable[[str], Sequence[tuple[int, int]]]
    hide: Callable[[Any], str]
    """Takes the secret, gives the text that stands there instead."""
    kept: re.Pattern[str] | None = None
    """Parts of texts that are left as they are."""
    note: Callable[[str], object] = len
    """Gets each part of a text that some rule takes for a secret; rules may overlap."""


def hide_in(field: str, value: Any, found: Found) -> Any:
    """A deep copy of one field of a config, without its secrets; objects in the order of their keys.

    The order in which secrets are handed over does not depend on the order of keys.
    """
    return _walk(value, found, is_secret=is_secret_name(field), in_headers=is_headers_name(field))


def _walk(value: Any, found: Found, *, is_secret: bool, in_headers: bool) -> Any:
    if isinstance(value, dict):
        return _walk_object(value, found, is_secret=is_secret, in_headers=in_headers)
    if isinstance(value, list):
        return [_walk(part, found, is_secret=is_secret, in_headers=in_headers) for part in value]
    if isinstance(value, str):
        if in_headers and not is_secret:
            return _hide_header_text(value, found)
        return _hide_whole(value, found) if is_secret else _hide_parts(value, found)
    return found.hide(value) if is_secret and is_worth_hiding(value) else value


def _walk_object(
    value: dict[str, Any], found: Found, *, is_secret: bool, in_headers: bool
) -> dict[str, Any]:
    """An object: a map of headers, a row of a table, or any other."""
    pair_name, value_key = pair_of(value)
    is_table_row = isinstance(value.get("cells"), dict)
    hidden = {}
    for name in sorted(value):
        is_pair = bool(value_key) and name == value_key
        named = pair_name if is_pair else name
        is_header = in_headers and (is_pair or not (value_key or is_table_row))
        hidden[name] = _walk(
            value[name],
            found,
            is_secret=is_secret
            or (not is_plain_header(named) if is_header else is_secret_name(named)),
            in_headers=is_headers_name(name) or (in_headers and is_table_row and name == "cells"),
        )
    return {name: hidden[name] for name in value}


def _hide_whole(text: str, found: Found) -> str:
    """A text that is a secret, but for `Bearer ` before it and for what must stay."""
    if not is_worth_hiding(text):
        return _hide_parts(text, found)
    if found.kept and found.kept.search(text):
        return _hide_parts(text, found)
    start = scheme_end(text)
    return text[:start] + found.hide(text[start:])


def _hide_header_text(text: str, found: Found) -> str:
    """Headers as one text: JSON, or lines of `Name: value`; hidden whole when it is neither."""
    if _read_json(text) is not None:
        return _hide_spans(text, _json_spans(text, in_headers=True), found)
    spans = []
    for line in _LINE.finditer(text):
        if not line["name"]:
            return _hide_whole(text, found)
        value = line["value"]
        if not is_plain_header(line["name"]) and is_worth_hiding(value):
            spans.append((line.start("value") + scheme_end(value), line.end("value")))
    return _hide_spans(text, spans, found)


def _hide_parts(text: str, found: Found) -> str:
    if found.kept and (pieces := found.kept.split(text))[1:]:
        kept = found.kept.findall(text)
        hidden = [_hide_piece(piece, found) for piece in pieces]
        return "".join(a + b for a, b in zip(hidden, [*kept, ""], strict=True))
    return _hide_piece(text, found)


def _hide_piece(text: str, found: Found) -> str:
    return _hide_spans(text, _json_spans(text, in_headers=False), found)


def _hide_spans(text: str, known: Sequence[tuple[int, int]], found: Found) -> str:
    """The text without what is known to be a secret in it, and without what is found in it."""
    if not text:
        return text
    spans = [*known, *found.find(text), *_query_spans(text)]
    if not spans:
        plain = strip_invisible(text)
        # What is hidden inside a token hides it from every rule, and not from who uses it.
        return found.hide(text) if plain != text and found.find(plain) else text
    for start, stop in spans:
        found.note(text[start:stop])
    parts, end = [], 0
    for start, stop in _merged(spans):
        parts += [text[end:start], found.hide(text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def _query_spans(text: str) -> list[tuple[int, int]]:
    if "=" not in text:
        return []
    return [
        match.span(2)
        for match in _QUERY.finditer(text)
        if is_secret_name(match[1]) and is_worth_hiding(match[2])
    ]


def _json_spans(text: str, *, in_headers: bool) -> list[tuple[int, int]]:
    """Values of secret names in a text that is JSON, such as a request's body."""
    value = _read_json(text)
    if value is None:
        return []
    secrets: list[Any] = []

    def keep(secret: Any) -> str:
        secrets.append(secret)
        return ""

    _walk(value, Found(lambda _: (), keep), is_secret=False, in_headers=in_headers)
    spans = []
    for secret in secrets:
        forms = {json.dumps(secret), json.dumps(secret, ensure_ascii=False)}
        written = [form[1:-1] if isinstance(secret, str) else form for form in forms]
        found = [_occurrences(text, form) for form in written if form]
        if not any(found):  # escaped in another way: nothing of the text is shown
            return [(0, len(text))]
        spans += [span for one in found for span in one]
    return spans


def _read_json(text: str) -> Any:
    """The object or list that a text holds; None for any other text."""
    if not text.lstrip().startswith(("{", "[")) or len(text) > _LONGEST_JSON:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _occurrences(text: str, part: str) -> list[tuple[int, int]]:
    spans, at = [], text.find(part)
    while at >= 0:
        spans.append((at, at + len(part)))
        at = text.find(part, at + len(part))
    return spans


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
