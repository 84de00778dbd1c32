"""Which shared libraries files need: asked of the dynamic linker itself, on any architecture."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

_FOUND: Final = re.compile(r"^\t(?:\S+ => )?(/.+) \(0x[0-9a-f]+\)$", re.MULTILINE)
_MISSING: Final = re.compile(r"^\t(\S+) => not found$", re.MULTILINE)
_STATIC: Final = "statically linked"
_INTERPRETER: Final = 3
_MAGIC: Final = b"\x7fELF\x02\x01"

List = Callable[[Path, Path], str]
"""What the linker (first) says of a file (second)."""


class LibraryMissing(Exception):
    """A shared library is needed and not there."""


def read_linker(program: Path) -> Path:
    """The dynamic linker that a program asks for. Raises ValueError when it asks for none."""
    content = program.read_bytes()
    if not content.startswith(_MAGIC):
        raise ValueError(f"{program} is no little-endian 64-bit ELF file")
    (at,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    for index in range(count):
        kind, _flags, offset, _v, _p, length = struct.unpack_from(
            "<IIQQQQ", content, at + index * size
        )
        if kind == _INTERPRETER:
            return Path(content[offset : offset + length].rstrip(b"\0").decode())
    raise ValueError(f"{program} is not linked to shared libraries")


def ask_linker(linker: Path, path: Path) -> str:
    """The libraries that the linker would load for a file, a line each."""
    command = [str(linker), "--list", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def find_libraries(
    linker: Path, files: Iterable[Path], names: Iterable[str], ask: List = ask_linker
) -> set[Path]:
    """The linker and every library that `files` need; `names` are looked for beside them.

    Raises LibraryMissing.
    """
    found = {linker}
    for path in files:
        said = ask(linker, path)
        if missing := _MISSING.findall(said):
            raise LibraryMissing(f"{path} needs {', '.join(missing)}")
        found |= {Path(library) for library in _FOUND.findall(said)}
        if not _FOUND.search(said) and _STATIC not in said:
            raise LibraryMissing(f"the dynamic linker cannot read {path}: {said.strip()}")
    for name in names:
        beside = [folder / name for folder in sorted({path.parent for path in found})]
        there = next((path for path in beside if path.exists()), None)
        if there is None:
            raise LibraryMissing(f"{name} is in none of the folders of the other libraries")
        found.add(there)
    return found
