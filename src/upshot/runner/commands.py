"""The log of our step: the only writer of stdout.

The runner reads both of our streams line by line and acts on `::command::` at the start of a line
(white space before it does not help) and on `##[command]` anywhere in one (actions/runner source,
`ActionCommand.cs`); a lone carriage return ends a line too.

Whatever is printed has passed the redactor and `break_commands`; text that others wrote is printed inside
a `stop-commands` block besides, whose random token cannot be guessed (threats T1 to T5). Knows
nothing of what is reported.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from upshot.secret import Secret, why_not_masked
from upshot.text import strip_invisible
from upshot.workspace import is_plain_path

MOST_ANNOTATIONS = 10
"""The runner drops what a step sends beyond 10 of a kind (GitHub's documentation)."""
LONGEST_MESSAGE = 4_000
"""UTF-16 units; the runner cuts a message at 4,096."""
MOST_UNTRUSTED = 1_000_000
"""Characters of one untrusted text that are printed."""

_TOKEN = re.compile(r"[A-Za-z0-9]{32,}")


class RunnerLog:
    """Writes lines and workflow commands to one stream; safe to use from several threads."""

    def __init__(
        self,
        stream: TextIO,
        *,
        redact: Callable[[str], str],
        token: Callable[[], str],
        is_debug: bool = False,
    ) -> None:
        """`token` gives 32 or more random letters and digits; `is_debug` is RUNNER_DEBUG=1."""
        self._stream = stream
        self._redact = redact
        self._token = token
        self._is_debug = is_debug
        self._lock = threading.RLock()
        self._sent = {"notice": 0, "warning": 0, "error": 0}
        self._masked: set[str] = set()

    @property
    def omitted(self) -> dict[str, int]:
        """Kind (`notice`, `warning`, `error`) -> annotations that became plain lines."""
        return {kind: max(0, n - MOST_ANNOTATIONS) for kind, n in self._sent.items()}

    def info(self, text: str) -> None:
        """Lines of our own."""
        self._write(self._harmless(text))

    def debug(self, text: str) -> None:
        """A line that is there only when the workflow runs with debug logging (T49)."""
        if self._is_debug:
            self._write(f"::debug::{escape_data(self._harmless(text))}")

    def untrusted(self, text: str) -> None:
        """Text that others wrote, between two lines that switch the runner's parser off and on."""
        text = text[:MOST_UNTRUSTED]
        token = self._token()
        if not _TOKEN.fullmatch(token) or token in text:
            raise ValueError("a stop token must be 32 or more random letters and digits")
        self._write(f"::stop-commands::{token}\n{self._harmless(text)}\n::{token}::")

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Folds what is printed inside; groups do not nest (GitHub's documentation)."""
        self._write(f"::group::{escape_data(self._harmless(title))}")
        try:
            yield
        finally:
            self._write("::endgroup::")

    def notice(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """A notice annotation."""
        self._annotate("notice", message, title, file, line)

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """A warning annotation."""
        self._annotate("warning", message, title, file, line)

    def error(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An error annotation; `file` is relative to the workspace, `line` 1-based, 0 for none."""
        self._annotate("error", message, title, file, line)

    def mask(self, secret: Secret) -> bool:
        """Makes the runner hide a secret in logs; False when it is too short or too common.

        The runner masks every line of a value of several lines, even one of a single bracket, so
        a value with such a line is sent by its long lines instead (T11, T12).
        """
        lines = [line for line in re.split("[\r\n]+", secret.reveal()) if line.strip()]
        fit = [line for line in lines if not why_not_masked(line)]
        if not fit:
            self.warning(
                "A secret of fewer than 8 characters, or one that is a common word, is not masked: "
                "it would blank out half of the log."
            )
            return False
        values = [secret.reveal().strip("\r\n")] if len(fit) == len(lines) else fit
        with self._lock:
            self._masked.update(values, fit)
            for value in values:
                self._write(f"::add-mask::{escape_data(value)}")
        return True

    def is_masked(self, text: str) -> bool:
        """Whether a text holds a masked value: the runner would drop it as a job output (T13)."""
        return any(value in text for value in self._masked)

    def _annotate(self, kind: str, message: str, title: str, file: str, line: int) -> None:
        message = cut_utf16(self._harmless(message).strip(), LONGEST_MESSAGE)
        with self._lock:
            self._sent[kind] += 1
            if self._sent[kind] > MOST_ANNOTATIONS:
                self._write(break_commands(f"{kind}: {message}"))
                return
        properties = []
        # Cleaned before it is judged: a hidden character may stand before a `/`.
        file = self._harmless(file)
        if is_plain_path(file):
            properties.append(f"file={escape_property(file)}")
            if line > 0:
                properties.append(f"line={line}")
        if title:
            properties.append(f"title={escape_property(self._harmless(title))}")
        head = f"{kind} {','.join(properties)}" if properties else kind
        self._write(f"::{head}::{escape_data(message)}")

    def _harmless(self, text: str) -> str:
        return break_commands(self._redact(strip_invisible(text)))

    def _write(self, text: str) -> None:
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()


def random_token() -> str:
    """32 random hexadecimal digits: 128 bits that cannot be guessed (threat T5).

    Straight from the operating system: `secrets` costs 7 ms to import.
    """
    return os.urandom(16).hex()


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
