"""Writes a file by descriptors: every folder on the way is opened by its name in the one before.

So nothing that is put there meanwhile is followed. Needs a system that opens relative to an open folder.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from upshot.runner.commands import random_token
from upshot.workspace import open_flags

if sys.platform == "win32":
    raise ImportError("Windows opens nothing relative to an open folder")

GiveTo = Callable[[int, int, int], None]
_WAY: Final = open_flags("O_PATH", "O_DIRECTORY", "O_NOFOLLOW")
_NEW_FOLDER: Final = open_flags("O_RDONLY", "O_DIRECTORY", "O_NOFOLLOW")
_NEW_FILE: Final = open_flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW")


def write_by_descriptor(path: str, data: bytes, mode: int, give_to: GiveTo | None) -> None:
    """As `places.write_file`."""
    give_to = give_to or os.fchown
    *folders, name = path.strip("/").split("/")
    descriptors = [os.open("/", _WAY)]
    try:
        for folder in folders:
            descriptors.append(_open_folder(folder, descriptors[-1], give_to))
        _write(descriptors[-1], name, data, mode, give_to)
    finally:
        for descriptor in reversed(descriptors):
            os.close(descriptor)


def _open_folder(name: str, parent: int, give_to: GiveTo) -> int:
    try:
        return os.open(name, _WAY, dir_fd=parent)
    except FileNotFoundError:
        os.mkdir(name, 0o755, dir_fd=parent)
    except OSError as fault:
        if fault.errno not in {errno.ELOOP, errno.ENOTDIR}:
            raise
        raise OSError(errno.ENOTDIR, f"{name!a} on the way is a link, or no folder") from None
    folder = os.open(name, _NEW_FOLDER, dir_fd=parent)
    _hand_over(folder, parent, give_to)
    return folder


def _write(folder: int, name: str, data: bytes, mode: int, give_to: GiveTo) -> None:
    """Under another name first, then in place of what is there."""
    _check_place(folder, name)
    draft = f".{name[:100]}.{random_token()}"
    descriptor = os.open(draft, _NEW_FILE, mode, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            os.fchmod(descriptor, mode)  # whatever the umask took away
            _hand_over(descriptor, folder, give_to)
            file.write(data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _check_place(folder: int, name: str) -> None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EEXIST, "a link, a pipe, a device or a folder stands in its place")


def _hand_over(descriptor: int, folder: int, give_to: GiveTo) -> None:
    """To the owner of the folder; one who may not do that keeps it, and is that owner."""
    owner = os.fstat(folder)
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            give_to(descriptor, owner.st_uid, owner.st_gid)
