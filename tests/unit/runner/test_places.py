"""What stands where we write decides nothing: no link, pipe or linked folder is written to."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from upshot.runner.by_name import write_by_name
from upshot.runner.files import write_summary
from upshot.runner.places import write_file

Write = Callable[[str, bytes], None]
WRITERS = (write_file, write_by_name)
"""Both ways: by descriptors, and by name where a system has no others."""


def link(place: Path, aside: Path) -> None:
    place.symlink_to(aside)


def dangling(place: Path, _aside: Path) -> None:
    place.symlink_to(place.parent / "nothing")


def pipe(place: Path, _aside: Path) -> None:
    os.mkfifo(place)


def folder(place: Path, _aside: Path) -> None:
    place.mkdir()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("put", [link, dangling, pipe, folder])
def test_t30_t46_what_is_no_regular_file_is_not_written_to(
    write: Write, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    aside = tmp_path / "aside"
    aside.write_text("theirs", encoding="utf-8")
    put(tmp_path / "report.md", aside)
    with pytest.raises(OSError, match="stands in its place"):
        write(f"{tmp_path}/report.md", b"ours")
    assert aside.read_text("utf-8") == "theirs"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_t30_t46_a_linked_folder_on_the_way_is_not_followed(write: Write, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "upshot").symlink_to(elsewhere)
    with pytest.raises(OSError, match="'upshot' on the way is a link, or no folder"):
        write(f"{tmp_path}/upshot/default/report.md", b"ours")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS)
def test_t46_another_name_of_a_file_elsewhere_is_not_written_through(
    write: Write, tmp_path: Path
) -> None:
    aside = tmp_path / "aside"
    aside.write_text("theirs", encoding="utf-8")
    (tmp_path / "report.md").hardlink_to(aside)
    write(f"{tmp_path}/report.md", b"ours")
    assert aside.read_text("utf-8") == "theirs"
    assert (tmp_path / "report.md").read_text("utf-8") == "ours"


def test_a_file_is_replaced_as_a_whole_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.md"
    write_file(str(path), b"a longer text")
    write_file(str(path), b"short")
    assert path.read_bytes() == b"short"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["report.md"]


def test_t46_what_is_new_belongs_to_the_owner_of_its_folder(tmp_path: Path) -> None:
    given: list[tuple[int, int]] = []
    owner = (tmp_path.stat().st_uid, tmp_path.stat().st_gid)
    write_file(
        f"{tmp_path}/a/report.md",
        b"ours",
        give_to=lambda _, user, group: given.append((user, group)),
    )
    is_own = owner == (os.geteuid(), os.getegid())
    assert given == ([] if is_own else [owner] * 2)


def test_t38_a_pipe_in_the_place_of_the_job_summary_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "summary")
    with pytest.raises(OSError):
        write_summary(f"{tmp_path}/summary", "text")
