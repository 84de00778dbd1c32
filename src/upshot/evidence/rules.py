"""Rules that are data: the TOML files of this package, read fast.

`python -m upshot.evidence.rules` writes each one as JSON beside it, once the package is where it will run:
with the image. That is read in a fiftieth of the time. What is missing there, or made of another text, is
read from the TOML.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import msgspec

_FOLDER: Final = "__pycache__"


def read_folder(package: str) -> Iterator[Any]:
    """The TOML files of a package as values, in the order of their names."""
    folder = files(package)
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        yield read_file(package, name)


def read_file(package: str, name: str) -> Any:
    """One TOML file of a package as a value. Raises tomllib.TOMLDecodeError when it is none."""
    folder = files(package)
    source = folder.joinpath(name).read_bytes()
    kept = _read_compiled(folder, name)
    if isinstance(kept, dict) and kept.get("source") == _digest(source):
        return kept["value"]
    return _parse(source)


def compile_file(path: Path) -> None:
    """Writes a TOML file as JSON for `read_file`. Raises OSError."""
    source = path.read_bytes()
    folder = path.parent / _FOLDER
    folder.mkdir(exist_ok=True)
    value = {"source": _digest(source), "value": _parse(source)}
    (folder / f"{path.name}.json").write_bytes(msgspec.json.encode(value))


def _read_compiled(folder: Traversable, name: str) -> Any:
    try:
        return msgspec.json.decode(folder.joinpath(_FOLDER, f"{name}.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def _digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def _parse(source: bytes) -> Any:
    import tomllib  # where all is compiled it is never loaded

    return tomllib.loads(source.decode())


def main() -> int:
    """Compiles every TOML file of the package. Raises OSError."""
    for path in sorted(Path(__file__).parents[1].rglob("*.toml")):
        compile_file(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
