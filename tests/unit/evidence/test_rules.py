"""Rules that are data: read from TOML, or from what was compiled of it, and always the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from upshot.evidence.rules import compile_file, read_file, read_folder

TEXT = 'word = "a"\n[[rule]]\nnumbers = [1, 2]\n'
VALUE = {"word": "a", "rule": [{"numbers": [1, 2]}]}


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A package with one file of rules; its name is new in each test."""
    name = f"rules_of_test_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "b.toml").write_text(TEXT, "utf-8")
    sys.path.insert(0, str(tmp_path))
    yield name
    sys.path.remove(str(tmp_path))
    sys.modules.pop(name, None)


def source(folder: Path, package: str) -> Path:
    return folder / package / "b.toml"


def compiled(folder: Path, package: str) -> Path:
    return folder / package / "__pycache__" / "b.toml.json"


def test_a_file_is_read(package: str) -> None:
    assert read_file(package, "b.toml") == VALUE


def test_files_are_read_in_the_order_of_their_names(package: str, tmp_path: Path) -> None:
    (tmp_path / package / "a.toml").write_text("first = true", "utf-8")
    (tmp_path / package / "c.txt").write_text("no rules", "utf-8")
    assert list(read_folder(package)) == [{"first": True}, VALUE]


def test_what_was_compiled_is_read_instead(package: str, tmp_path: Path) -> None:
    compile_file(source(tmp_path, package))
    path = compiled(tmp_path, package)
    kept = msgspec.json.decode(path.read_bytes())
    assert kept["value"] == VALUE
    path.write_bytes(msgspec.json.encode(kept | {"value": "as compiled"}))
    assert read_file(package, "b.toml") == "as compiled"


def test_what_was_compiled_of_another_text_is_not_read(package: str, tmp_path: Path) -> None:
    compile_file(source(tmp_path, package))
    source(tmp_path, package).write_text('word = "b"', "utf-8")
    assert read_file(package, "b.toml") == {"word": "b"}


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"null", b'{"source": 7}', b"\xff"])
def test_a_damaged_compiled_file_is_not_read(package: str, tmp_path: Path, damaged: bytes) -> None:
    compile_file(source(tmp_path, package))
    compiled(tmp_path, package).write_bytes(damaged)
    assert read_file(package, "b.toml") == VALUE


def test_a_run_writes_nothing(package: str, tmp_path: Path) -> None:
    read_file(package, "b.toml")
    assert not compiled(tmp_path, package).exists()
