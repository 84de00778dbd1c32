"""Where a claim address, or the token in it, must not stand, and a search for it. Pure (threat T66).

A claim address is a right to take over the agent's stacks, not a link. It may stand in files with mode
0600 and in secrets only.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from upshot.secret import Secret

_WINDOW: Final = 12
"""A part of this length counts: it makes the rest easier to guess."""


def shows(text: str, secret: Secret) -> bool:
    """Whether 12 characters of the secret (all of a shorter one) stand in the text.

    In any case; also percent-encoded, as hexadecimal digits, backwards, and within base64.
    """
    folded = text.lower()
    return any(window in folded for form in _forms(secret.reveal()) for window in _windows(form))


def scrub(text: str, secrets: Iterable[Secret], *, otherwise: str = "") -> str:
    """The text with `***` for each secret; `otherwise` where a part of one is still in it."""
    known = [secret for secret in secrets if secret]
    for secret in known:
        for form in sorted(_plain_forms(secret.reveal()), key=len, reverse=True):
            text = re.sub(re.escape(form), "***", text, flags=re.IGNORECASE)
    return otherwise if any(shows(text, secret) for secret in known) else text


def _plain_forms(value: str) -> set[str]:
    return {value, quote(value, safe=""), quote(value)}


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "replace")
    return _plain_forms(value) | {value[::-1], raw.hex(), *_base64_forms(raw)}


def _base64_forms(raw: bytes) -> list[str]:
    """What base64 makes of it wherever it starts, without the characters that its neighbours share."""
    forms = []
    for lead in range(3):
        whole = b64encode(b"\0" * lead + raw).decode()
        kept = whole[(lead * 8 + 5) // 6 : (lead + len(raw)) * 8 // 6]
        forms += [kept, kept.replace("+", "-").replace("/", "_")]
    return forms


def _windows(form: str) -> set[str]:
    form = form.lower()
    if len(form) <= _WINDOW:
        return {form} - {""}
    return {form[at : at + _WINDOW] for at in range(len(form) - _WINDOW + 1)}
