"""Writes a file by its name, on systems that open nothing relative to an open folder (Windows).

What is on the way is looked at before. Whoever could put a link there in between needs a right that
Windows gives to administrators alone, and could change the file afterwards as well.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import Final

from upshot.runner.commands import random_token
from upshot.workspace import open_flags

_NEW_FILE: Final = open_flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW")
_REPARSE_POINT: Final = 0x400
"""Windows' attribute of links and junctions."""


def write_by_name(path: str, data: bytes) -> None:
    """As `places.write_file`. `path` is absolute."""
    folder, name = os.path.split(path)
    _make_folders(folder)
    found = _look(path)
    if found is not None and (_is_link(found) or not stat.S_ISREG(found.st_mode)):
        raise OSError(errno.EEXIST, "a link, a pipe, a device or a folder stands in its place")
    draft = f"{folder}{os.sep}.{name[:100]}.{random_token()}"
    descriptor = os.open(draft, _NEW_FILE, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(data)
        os.replace(draft, path)  # noqa: PTH105 - as everywhere here
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)  # noqa: PTH108
        raise


def _make_folders(folder: str) -> None:
    parent, name = os.path.split(folder)
    if name:  # else the root of a drive
        _make_folders(parent)
    found = _look(folder)
    if found is None:
        os.mkdir(folder)  # noqa: PTH102
    elif _is_link(found) or not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.ENOTDIR, f"{name!a} on the way is a link, or no folder")


def _look(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _is_link(found: os.stat_result) -> bool:
    attributes: int = getattr(found, "st_file_attributes", 0)
    return stat.S_ISLNK(found.st_mode) or bool(attributes & _REPARSE_POINT)
