"""The runner's file commands: step outputs, the job summary, state for the post stage.

Names are plain words, values go in by heredoc with a random delimiter (threats T6, T7).
GITHUB_ENV and GITHUB_PATH have no function here and are opened nowhere (T8).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable

from upshot.workspace import open_flags

_NAME = re.compile(r"[a-z]{1,40}(?:-[a-z]{1,40}){0,9}")
_FLAGS = open_flags("O_WRONLY", "O_APPEND", "O_CREAT", "O_NONBLOCK")
SUMMARY_BUDGET = 1_000_000
"""Bytes; the runner drops a summary of more than 1,048,576 as a whole (GitHub's documentation)."""


def write_output(path: str, name: str, value: str, *, token: Callable[[], str]) -> None:
    """Sets one step output. `path` is GITHUB_OUTPUT; `token` gives random letters and digits.

    Raises ValueError for a name that is not kebab-case, OSError when the file cannot be written.
    """
    _write_pair(path, name, value, token=token)


def save_state(path: str, name: str, value: str, *, token: Callable[[], str]) -> None:
    """Sets one value for the post stage. `path` is GITHUB_STATE. Raises as `write_output`."""
    _write_pair(path, name, value, token=token)


def write_summary(path: str, text: str, *, budget_bytes: int = SUMMARY_BUDGET) -> bool:
    """Adds Markdown to the job summary. `path` is GITHUB_STEP_SUMMARY.

    True when all of it went in; a text over the budget loses whole lines at its end, because the
    runner would drop all of it. Raises OSError when the file cannot be written.
    """
    data = text.encode("utf-8", "replace").rstrip(b"\n") + b"\n"
    fits = len(data) <= budget_bytes
    if not fits:
        data = data[: data.rfind(b"\n", 0, budget_bytes) + 1]
    _append(path, data)
    return fits


def _write_pair(path: str, name: str, value: str, *, token: Callable[[], str]) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name in kebab-case: {name!r}")
    delimiter = f"ghadelimiter_{token()}"
    if delimiter in value:
        raise ValueError("the delimiter is not random: the value holds it")
    record = f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
    _append(path, record.encode("utf-8", "replace"))


def _append(path: str, data: bytes) -> None:
    """A whole record or none, whether a signal comes or the disk is full.

    Half a record would make the runner fail the step: it finds no end of the value.
    """
    descriptor = os.open(path, _FLAGS, 0o644)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):  # a pipe would make us wait for whoever reads it
            raise OSError(errno.EINVAL, "not a regular file")
        before = found.st_size
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        except BaseException:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)
