"""What makes a text harmless for the runner's parser, and exact escaping for our own commands.

The runner reads both of our streams line by line and acts on `::command::` at the start of a line
(white space before it does not help) and on `##[command]` anywhere in one (actions/runner source,
`ActionCommand.cs`); a lone carriage return ends a line too. Pure; knows no streams and no secrets.
"""

from __future__ import annotations


def break_commands(text: str) -> str:
    """The same text with a space inside whatever the runner would take for a command.

    A real space, in the middle of the token: a zero-width one may be overlooked.
    Expects text from `upshot.text.strip_invisible`: the runner compares text by culture, where a
    hidden character may count as nothing, so that `##`, zero-width space, `[` could be a command.
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
