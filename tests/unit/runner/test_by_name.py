"""Writing by name, where a system opens nothing relative to a folder: what stands there is looked at."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from upshot.runner.by_name import write_by_name


def test_folders_on_the_way_are_made_and_an_earlier_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "upshot" / "default" / "report.md"
    for text in (b"first", b"second"):
        write_by_name(str(path), text)
        assert path.read_bytes() == text
    assert [one.name for one in path.parent.iterdir()] == ["report.md"]


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    write_by_name(str(tmp_path / "x"), b"a\nb\r\nc")
    assert (tmp_path / "x").read_bytes() == b"a\nb\r\nc"


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="no folder"):
        write_by_name(f"{tmp_path}/file/x", b"")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_new_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    write_by_name(str(tmp_path / "x"), b"")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) & 0o077 == 0
