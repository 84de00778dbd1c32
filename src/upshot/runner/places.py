"""Writes a file where it is meant to be, and nowhere else.

A folder of the runner's or of the workspace may hold what an earlier step, or the pull request itself,
put there: a link to another file, a pipe that nobody reads, a linked folder. So every folder on the way
is opened by its name in the one before, links are not followed, and the file is a new one that takes the
place of an earlier regular file, whole or not at all (threats T30, T37, T46).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from upshot.runner.commands import random_token

GiveTo = Callable[[int, int, int], None]
"""Changes the owner of a descriptor: descriptor, user, group."""
_WAY: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_file(path: str, data: bytes, *, mode: int = 0o644, give_to: GiveTo = os.fchown) -> None:
    """Writes `data` to a real path, as `Workspace.find_path` gives it; folders on the way are made.

    In a container Upshot is root and the next step is not, so what is new gets the owner of the
    folder that it is in. Raises OSError, whose `strerror` says what is wrong, also for a link, a
    pipe or a device in the file's place, and for a linked folder on the way.
    """
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
