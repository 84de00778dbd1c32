"""A file for one secret, which only a later step of the job can read.

In a container Upshot is root and the next step is not: the file gets the owner of the runner's temp
folder. Every folder on the way is opened without following links, and the file is new each time: what
another step put in its place is neither written nor followed (threats T37, T66). Reports lie in
another folder, which jobs hand on as an artifact: a token must not go with them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from upshot.runner.commands import random_token
from upshot.secret import Secret

FOLDER = "upshot-secrets"
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_token_file(
    temp: str,
    key: str,
    name: str,
    secret: Secret,
    *,
    give_to: Callable[[int, int, int], None] = os.fchown,
) -> str:
    """Writes the secret alone to `upshot-secrets/<key>/<name>` below `temp` (RUNNER_TEMP), mode 0600.

    Returns that relative path: a container's path is not the host's. `key` and `name` are ours (ids).
    `give_to` changes the owner of a descriptor. Raises OSError when the disk is full, or a folder on
    the way is a link or not ours to write into.
    """
    descriptors = [os.open(temp, _FOLDER_FLAGS)]
    try:
        for folder in (FOLDER, key):
            descriptors.append(_open_folder(folder, descriptors[-1], descriptors[0], give_to))
        _write(descriptors[-1], name, secret, descriptors[0], give_to)
    finally:
        for descriptor in reversed(descriptors):
            os.close(descriptor)
    return f"{FOLDER}/{key}/{name}"


def _open_folder(
    name: str, parent: int, temp: int, give_to: Callable[[int, int, int], None]
) -> int:
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
        is_new = True
    except FileExistsError:
        is_new = False
    folder = os.open(name, _FOLDER_FLAGS, dir_fd=parent)
    if is_new:
        _hand_over(folder, temp, give_to)
    return folder


def _write(
    folder: int,
    name: str,
    secret: Secret,
    temp: int,
    give_to: Callable[[int, int, int], None],
) -> None:
    """Under another name first, then in place of what is there: whole or not at all."""
    draft = f".{name}.{random_token()}"
    descriptor = os.open(draft, _FILE_FLAGS, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            os.fchmod(descriptor, 0o600)  # whatever the umask took away
            _hand_over(descriptor, temp, give_to)
            file.write(secret.reveal().encode())
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _hand_over(descriptor: int, temp: int, give_to: Callable[[int, int, int], None]) -> None:
    """To the owner of the temp folder; one who may not do that keeps it, and is that owner."""
    owner = os.fstat(temp)
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            give_to(descriptor, owner.st_uid, owner.st_gid)
