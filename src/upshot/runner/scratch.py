"""Files for later steps, in the runner's scratch folder: the full report and the result."""

from __future__ import annotations

import os
import stat

from upshot.workspace import SCRATCH

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write_scratch(temp: str, key: str, name: str, text: str) -> str:
    """Writes `upshot/<key>/<name>` below `temp` (RUNNER_TEMP) and returns that relative path.

    A container's path is not the host's, so only the relative one means the same to a later step.
    `key` and `name` are ours (ids). Raises OSError when the disk is full or the folder not ours.
    """
    relative = f"{SCRATCH}/{key}/{name}"
    path = f"{temp}/{relative}"
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib costs 3 ms
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o644), "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        file.write(text)
    return relative


def write_regular(path: str, text: str) -> None:
    """Writes a file that an input names, by a path from `Workspace.find_path`; its folder is made.

    Raises OSError for a link, a device or a pipe in its place, which is left as it is (threat T37).
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib costs 3 ms
    descriptor = os.open(path, _FLAGS, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    with open(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:  # noqa: PTH123 - a descriptor
        file.truncate()
        file.write(text)
