"""What `contents.toml` says, as values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("contents.toml")


@dataclass(frozen=True)
class Contents:
    """What is kept and left out beyond what the imports tell."""

    left_out: frozenset[str]
    """Names of modules; what lies below a package goes with it."""
    also: tuple[str, ...]
    """Names of modules."""
    data: tuple[str, ...]
    """Files of libraries, relative to `site-packages`."""
    links: dict[str, str]
    """Place in the image -> one of `data`."""
    libraries: tuple[str, ...]
    """Names of shared libraries, as the dynamic linker knows them."""

    def leaves_out(self, module: str) -> bool:
        """Whether this module, or a package that it is in, is left out."""
        parts = module.split(".")
        return any(".".join(parts[:end]) in self.left_out for end in range(1, len(parts) + 1))


def read_contents(path: Path = _FILE) -> Contents:
    """Raises ValueError for an entry without a reason, or one that is kept and left out."""
    content = tomllib.loads(path.read_text("utf-8"))
    for table, entries in content.items():
        for entry in entries:
            if not str(entry.get("why", "")).strip():
                raise ValueError(f"{path.name}: an entry of {table} has no reason: write `why`")
    contents = Contents(
        left_out=frozenset(_each(content, "leave-out", "modules")),
        also=tuple(_each(content, "also", "modules")),
        data=tuple(_each(content, "data", "files")),
        links={entry["place"]: entry["to"] for entry in content.get("link", ())},
        libraries=tuple(_each(content, "library", "names")),
    )
    if torn := [module for module in contents.also if contents.leaves_out(module)]:
        raise ValueError(f"{path.name} keeps and leaves out: {', '.join(torn)}")
    return contents


def _each(content: dict[str, Any], table: str, key: str) -> Iterator[str]:
    for entry in content.get(table, ()):
        yield from entry[key]
