"""Writing by name, where a system opens nothing relative to a folder: what stands there is looked at."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.runner.test_places import dangling, folder, link, pipe

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


@pytest.mark.parametrize("put", [link, dangling, pipe, folder])
def test_t30_t46_what_is_no_regular_file_is_not_written_to(
    tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    aside = tmp_path / "aside"
    aside.write_text("theirs", encoding="utf-8")
    put(tmp_path / "report.md", aside)
    with pytest.raises(OSError, match="stands in its place"):
        write_by_name(str(tmp_path / "report.md"), b"ours")
    assert aside.read_text("utf-8") == "theirs"
    assert not (tmp_path / "nothing").exists()


def test_t30_t46_a_linked_folder_on_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "upshot").symlink_to(elsewhere)
    with pytest.raises(OSError, match="'upshot' on the way is a link, or no folder"):
        write_by_name(str(tmp_path / "upshot" / "default" / "report.md"), b"ours")
    assert list(elsewhere.iterdir()) == []


def test_t46_another_name_of_a_file_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    aside.write_text("theirs", encoding="utf-8")
    (tmp_path / "report.md").hardlink_to(aside)
    write_by_name(str(tmp_path / "report.md"), b"ours")
    assert aside.read_text("utf-8") == "theirs"


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="no folder"):
        write_by_name(f"{tmp_path}/file/x", b"")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_new_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    write_by_name(str(tmp_path / "x"), b"")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) & 0o077 == 0
