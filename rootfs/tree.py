"""Copies into a tree that becomes a layer: the same bytes and times from the same sources."""

from __future__ import annotations

import os
import shutil
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from rootfs.byte_code import make_byte_code

EPOCH_S: Final = 315_532_800
"""The start of 1980, the first time that every archive can hold: of all files of the image. With times
of its own each build would make new layers, and no cached copy of an old one would do."""


class Tree:
    """A folder whose content becomes the content of `/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def at(self, place: Path) -> Path:
        """Where an absolute path of the image lies here; its folder is made."""
        path = self._folder / place.relative_to("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def copy(self, source: Path, place: Path) -> None:
        """A file with its rights; a link becomes what it points to."""
        shutil.copy(source, self.at(place))

    def copy_as_it_lies(self, path: Path) -> None:
        """A file to the same place, with every link on the way to it, of folders, too."""
        done, rest = Path("/"), list(path.parts[1:])
        for _ in range(100):
            if not rest:
                break
            done = done / rest.pop(0)
            if done.is_symlink():
                target = done.readlink()
                copied = self.at(done)
                if not copied.is_symlink():
                    copied.symlink_to(target)
                whole = Path(os.path.normpath(done.parent / target))
                done, rest = Path("/"), [*whole.parts[1:], *rest]
        self.copy(done, done)

    def write(self, place: str, text: str) -> None:
        self.at(Path(place)).write_text(text, encoding="utf-8")

    def link(self, place: str, target: Path) -> None:
        """A link at `place` to another place of the image."""
        self.at(Path(place)).symlink_to(target)

    def make_folder(self, place: str, mode: int = 0o755) -> None:
        folder = self.at(Path(place))
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)

    def put_byte_code(self, source: bytes, place: Path) -> None:
        """The byte code of the module that lies at `place`, instead of its source. Raises SyntaxError."""
        self.at(place.with_suffix(".pyc")).write_bytes(make_byte_code(source, str(place)))

    def put_module(self, source: bytes, place: Path) -> None:
        """A source at `place` and its byte code where Python keeps it. Raises SyntaxError."""
        kept = self.at(place)
        kept.write_bytes(source)
        cached = Path(cache_from_source(str(kept)))
        cached.parent.mkdir(exist_ok=True)
        cached.write_bytes(make_byte_code(source, str(place)))

    def settle(self) -> None:
        """Gives everything the same time."""
        for path in self._folder.rglob("*"):
            os.utime(path, (EPOCH_S, EPOCH_S), follow_symlinks=False)
