"""Writes a file where it is meant to be, and nowhere else.

A folder of the runner's or of the workspace may hold what an earlier step, or the pull request itself,
put there: a link to another file, a pipe without a reader, a linked folder. Links are not followed, and
the file is a new one that takes the place of an earlier regular file, whole or not at all (threats T30,
T37, T46).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

if sys.platform == "win32":
    from upshot.runner.by_name import write_by_name
else:
    from upshot.runner.by_descriptor import write_by_descriptor

GiveTo = Callable[[int, int, int], None]
"""Changes the owner of a descriptor: descriptor, user, group."""


def write_file(path: str, data: bytes, *, mode: int = 0o644, give_to: GiveTo | None = None) -> None:
    """Writes `data` to a real path, as `Workspace.find_path` gives it; folders on the way are made.

    In a container Upshot is root and the next step is not, so what is new gets the owner of the
    folder that it is in; `give_to` is the system's own unless given. Windows knows neither `mode` nor
    such owners. Raises OSError, whose `strerror` says what is wrong, also for a link, a pipe or a
    device in the file's place, and for a linked folder on the way.
    """
    if sys.platform == "win32":
        write_by_name(path, data)
    else:
        write_by_descriptor(path, data, mode, give_to)
