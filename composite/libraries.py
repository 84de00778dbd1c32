"""The libraries that Upshot needs, for one Python: fetched as wheels, checked by hash, unpacked.

Wheels are kept in a folder that outlives the job where there is one. What lies there is believed only if
the lock has its hash, each time anew: another job may have been there (threat T72). Nothing of a
wheel is run while it is unpacked. Uses the standard library alone.
"""

from __future__ import annotations

import re
import stat
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

Fetch = Callable[[Path], None]
"""Puts wheels into a folder. Raises NoLibraries."""
_NAME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==[^ ;\\]+( *;)?")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_BETWEEN: Final = re.compile(r"[-_.]+")
_MOST_BYTES: Final = 64 * 1024 * 1024
_LIBRARIES: Final = frozenset({"purelib", "platlib"})


class NoLibraries(Exception):
    """The libraries cannot be had; says what was found."""


class Lock:
    """What a `requirements/*.txt` with hashes allows, but for the names in `left_out`."""

    def __init__(self, text: str, left_out: Collection[str] = ()) -> None:
        self.digest = sha256(text.encode()).hexdigest()[:16]
        self.text = ""
        """The same for pip: a line each."""
        self._hashes: dict[str, set[str]] = {}
        self.required: set[str] = set()
        """Names that are needed everywhere."""
        for block in text.replace("\\\n", " ").splitlines():
            found = _NAME.match(block)
            if found and (name := _plain(found[1])) not in left_out:
                self.text += f"{block}\n"
                self._hashes[name] = set(_HASH.findall(block))
                if not found[2]:  # one with a condition may not be needed here
                    self.required.add(name)

    def read_wheels(self, folder: Path) -> list[bytes] | None:
        """The wheels in a folder, each with a hash of its library; None unless all are there."""
        found: dict[str, bytes] = {}
        for path in sorted(folder.glob("*.whl")):
            name = _plain(path.name.partition("-")[0])
            data = _read(path) if name in self._hashes else b""
            if data and sha256(data).hexdigest() in self._hashes[name]:
                found[name] = data
        return list(found.values()) if self.required <= found.keys() else None


def get_wheels(lock: Lock, folders: list[Path], fetch: Fetch) -> list[bytes]:
    """The wheels from the first folder that has them all, else fetched into the first that takes them.

    Raises NoLibraries, also where what was fetched is not what the lock says.
    """
    for folder in folders:
        if (wheels := lock.read_wheels(folder)) is not None:
            return wheels
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "try").write_bytes(b"")
            (folder / "try").unlink()
        except OSError:
            continue
        fetch(folder)
        if (wheels := lock.read_wheels(folder)) is not None:
            return wheels
        raise NoLibraries("what was fetched is not what the lock says")
    raise NoLibraries("no folder can be written")


def make_environment(folder: Path, wheels: list[bytes], source: Path) -> Path:
    """A virtual environment with the wheels and the packages of `source`; its Python.

    It is made beside `folder` and takes that name when it is whole. Raises OSError.
    """
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.draft")
        venv.EnvBuilder(clear=True, symlinks=sys.platform != "win32").create(draft)
        libraries = Path(_place("purelib", draft))
        for wheel in wheels:
            _unpack(wheel, libraries)
        (libraries / "upshot.pth").write_text(f"{source}\n", encoding="utf-8")
        draft.rename(folder)
    return python_of(folder)


def python_of(folder: Path) -> Path:
    """The Python of a virtual environment."""
    name = "python.exe" if sys.platform == "win32" else "python"
    return Path(_place("scripts", folder)) / name


def tag() -> str:
    """What wheels must fit: implementation, version, system, C library, processor."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX") or sys.implementation.cache_tag
    return f"{str(suffix).strip('.')}-{sysconfig.get_platform()}"


def _place(name: str, folder: Path) -> str:
    variables: Mapping[str, str] = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path(name, scheme="venv", vars=dict(variables))


def _read(path: Path) -> bytes:
    """A wheel; nothing where another job has put something that does not end."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
        return b""
    return path.read_bytes()


def _unpack(wheel: bytes, libraries: Path) -> None:
    """Files to import, without programs, headers and data."""
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        for name in archive.namelist():
            parts = PurePosixPath(name).parts
            if parts[0].endswith(".data"):
                if len(parts) < 3 or parts[1] not in _LIBRARIES:  # noqa: PLR2004
                    continue
                parts = parts[2:]
            if name.endswith("/") or ".." in parts or PurePosixPath(name).is_absolute():
                continue
            path = libraries.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))


def _plain(name: str) -> str:
    return _BETWEEN.sub("-", name).lower()
