"""The file of a token: mode 0600, never through a link, and readable by the step that follows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from upshot.runner.token_file import write_token_file
from upshot.secret import Secret

TOKEN = Secret("pul-" + "0123456789" * 4)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def written(temp: Path, secret: Secret = TOKEN) -> Path:
    relative = write_token_file(str(temp), "account", "access-token", secret)
    assert relative == "upshot-secrets/account/access-token"
    return temp / relative


def test_it_holds_the_token_alone_for_its_owner_alone(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert path.read_text(encoding="utf-8") == TOKEN.reveal()
    assert mode(path) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["access-token"]


@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o777])
def test_t66_whatever_the_umask_is(tmp_path: Path, umask: int) -> None:
    before = os.umask(0o022)
    try:
        written(tmp_path)  # the folders are there
        os.umask(umask)
        path = written(tmp_path)
    finally:
        os.umask(before)
    assert mode(path) == 0o600


def test_t66_t37_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine", encoding="utf-8")
    folder = tmp_path / "temp" / "upshot" / "account"
    folder.mkdir(parents=True)
    (folder / "access-token").symlink_to(elsewhere)
    path = written(tmp_path / "temp")
    assert not path.is_symlink()
    assert path.read_text(encoding="utf-8") == TOKEN.reveal()
    assert elsewhere.read_text(encoding="utf-8") == "mine"


def test_t66_t37_a_file_in_its_place_that_others_may_read_is_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "upshot-secrets" / "account"
    folder.mkdir(parents=True)
    planted = folder / "access-token"
    planted.write_text("", encoding="utf-8")
    planted.chmod(0o666)
    with planted.open(encoding="utf-8") as already_open:
        path = written(tmp_path)
        assert already_open.read() == ""
    assert mode(path) == 0o600


@pytest.mark.parametrize("linked", ["upshot-secrets", "upshot-secrets/account"])
def test_t66_t37_a_folder_that_is_a_link_is_refused(tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    temp = tmp_path / "temp"
    link = temp / linked
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OSError, match="is a link, or no folder"):
        written(temp)
    assert list(elsewhere.iterdir()) == []


def lend(path: Path) -> tuple[int, int]:
    """Gives the folder to another user, where this one may; returns its owner."""
    if os.geteuid() == 0:
        os.chown(path, 1001, 127)
    owner = path.stat()
    return owner.st_uid, owner.st_gid


def test_it_belongs_to_the_owner_of_the_temp_folder(tmp_path: Path) -> None:
    """In a container Upshot is root; the next step is the owner of the runner's folders."""
    owner = lend(tmp_path)
    path = written(tmp_path)
    for made in (path, path.parent, path.parent.parent):
        assert (made.stat().st_uid, made.stat().st_gid) == owner


def test_who_may_not_give_it_away_keeps_it(tmp_path: Path) -> None:
    def refuse(descriptor: int, user: int, group: int) -> None:
        raise PermissionError

    lend(tmp_path)
    relative = write_token_file(str(tmp_path), "account", "access-token", TOKEN, give_to=refuse)
    assert mode(tmp_path / relative) == 0o600


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "upshot-secrets" / "account"
    (folder / "access-token").mkdir(parents=True)
    with pytest.raises(OSError, match="folder stands in its place"):
        written(tmp_path)
    assert [entry.name for entry in folder.iterdir()] == ["access-token"]


def test_a_temp_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    assert mode(written(tmp_path / "nowhere")) == 0o600
