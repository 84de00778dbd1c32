"""Files for later steps, in the runner's scratch folder: the full report and the result."""

from __future__ import annotations

from upshot.runner.places import write_file
from upshot.workspace import SCRATCH


def write_scratch(temp: str, key: str, name: str, text: str) -> str:
    """Writes `upshot/<key>/<name>` below `temp` (RUNNER_TEMP) and returns that relative path.

    A container's path is not the host's, so only the relative one means the same to a later step.
    `key` and `name` are ours (ids). Raises OSError as `places.write_file` does.
    """
    relative = f"{SCRATCH}/{key}/{name}"
    write_file(f"{temp}/{relative}", text.encode("utf-8", "replace"))
    return relative
