"""What makes a text harmless for the runner's parser, and exact escaping for our own commands.

The runner reads both of our streams line by line and acts on `::command::` at the start of a line
(white space before it does not help) and on `##[command]` anywhere in one (actions/runner source,
`ActionCommand.cs`); a lone carriage return ends a line too. Pure; knows no streams and no secrets.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029\x85]")

# Control and format characters: the runner compares text by culture, where they may count as
# nothing, so that `##`, zero-width space, `[` could be read as a command.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

COMMON_WORDS = frozenset(
    {
        "actions",
        "changeme",
        "default",
        "deployment",
        "development",
        "eu-central-1",
        "eu-west-1",
        "github.com",
        "infrastructure",
        "kubernetes",
        "localhost",
        "organization",
        "password",
        "preview",
        "production",
        "pulumi.com",
        "repository",
        "resource",
        "undefined",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
SHORTEST_SECRET = 8


def strip_invisible(text: str) -> str:
    """Plain lines: no colours, no control or zero-width characters, newline as the only line end."""
    text = _ANSI.sub("", text)
    text = _LINE_END.sub("\n", text)
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def break_commands(text: str) -> str:
    """The same text with a space inside whatever the runner would take for a command.

    A real space, in the middle of the token: a zero-width one may be overlooked (see above).
    Expects text from `strip_invisible`.
    """
    text = text.replace("##[", "## [")
    if "::" not in text:
        return text
    return "\n".join(
        line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line
        for line in text.split("\n")
    )


def escape_data(text: str) -> str:
    """The message of a workflow command; `unescape_data` of the runner gives it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A property (`file`, `title`) of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def cut_utf16(text: str, limit: int) -> str:
    """At most `limit` UTF-16 code units, the last one an ellipsis when something was cut."""
    if len(text) * 2 <= limit or len(text.encode("utf-16-le", "replace")) // 2 <= limit:
        return text
    kept = text.encode("utf-16-le", "replace")[: (limit - 1) * 2].decode("utf-16-le", "ignore")
    return f"{kept}…"


def may_mask(value: str) -> bool:
    """Whether masking this one line would hide a secret, not words that everybody uses (T11)."""
    plain = value.strip()
    return len(plain) >= SHORTEST_SECRET and plain.lower() not in COMMON_WORDS
