"""Files for later steps, in the runner's scratch folder: the full report and the result."""

from __future__ import annotations

import os

from upshot.workspace import SCRATCH


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
