"""The job log of a command: lines for a person on standard error, where a runner gets commands."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager

from upshot.cli.desk import Desk
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog, random_token
from upshot.secret import Secret
from upshot.text import clean_text


class Echo:
    """Shows a log on standard error while it is read: line by line, redacted, without escape codes."""

    def __init__(self, desk: Desk) -> None:
        self._err = desk.err
        self._redactor = desk.redactor()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def show(self, piece: bytes) -> None:
        """The next piece; an empty one is the end."""
        text = self._rest + self._decoder.decode(piece, final=not piece)
        done, newline, self._rest = text.rpartition("\n")
        if not piece:
            done, newline = text, "\n" if text else ""
        if newline:
            self._err.write(clean_text(self._redactor.redact(done)) + "\n")
            self._err.flush()


class DeskLog(RunnerLog):
    """Prints what went wrong, and with `is_chatty` also how the work goes on.

    A runner hides a secret when it is told so by `::add-mask::`; a terminal would show it, so nothing
    is written there: the redactor alone hides.
    """

    def __init__(self, desk: Desk, redactor: Redactor, *, is_chatty: bool = False) -> None:
        super().__init__(desk.err, redact=redactor.redact, token=random_token, is_debug=False)
        self._is_chatty = is_chatty

    def info(self, text: str) -> None:
        """A line of our own."""
        if self._is_chatty:
            self._line(text)

    def untrusted(self, text: str) -> None:
        """Text that others wrote."""
        if self._is_chatty:
            self._line(text)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """A heading; a terminal folds nothing."""
        self.info(title)
        yield

    def mask(self, _secret: Secret) -> bool:
        """Writes nothing; see above."""
        return True

    def _annotate(self, kind: str, message: str, _title: str, _file: str, _line: int) -> None:
        self._line(f"{kind}: {message}")

    def _line(self, text: str) -> None:
        self._write(clean_text(self._redact(text)))
