"""Rules that are data: TOML files beside a package, read in the order of their names."""

from __future__ import annotations

from typing import TypeVar

from msgspec import convert

T = TypeVar("T")


def read_families(package: str, kind: type[T]) -> list[T]:
    """Each file of the package as a value.

    Raises msgspec.ValidationError when a file does not keep to the schema; a test reads every file.
    """
    import tomllib
    from importlib.resources import files

    sources = sorted(
        (entry for entry in files(package).iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return [convert(tomllib.loads(entry.read_text("utf-8")), kind) for entry in sources]
