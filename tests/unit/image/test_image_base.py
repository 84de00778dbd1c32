"""The pure parts of what makes a local base image for the image tier."""

from __future__ import annotations

import configparser
from contextlib import suppress
from pathlib import Path

import pytest
from tools.image.base import local_links, pip_settings
from tools.image.engine import Engine
from tools.image.needs import CannotRun
from tools.image.pythons import OLDEST, choose_pythons


def options(text: str) -> dict[str, str]:
    parsed = configparser.RawConfigParser()
    parsed.read_string(text)
    return dict(parsed["global"])


def test_pips_variables_win_over_its_files_and_the_bundle_over_both(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    lines = "[global]\nindex-url = https://a.example/simple\ntimeout = 9\ncert = /c.pem\n"
    (folder / "pip.conf").write_text(lines, encoding="utf-8")
    variables = {
        "HOME": str(tmp_path),
        "PIP_INDEX_URL": "https://b.example/simple",
        "PIP_CERT": "/d.pem",
        "PIP_USER": "1",
        "PIPX_HOME": "/x",
    }
    found = options(pip_settings(variables))
    assert found["index-url"] == "https://b.example/simple"
    assert found["timeout"] == "9"
    assert found["cert"] == "/etc/ssl/certs/ca-certificates.crt"
    assert "user" not in found
    assert not any("home" in name for name in found)


def test_only_folders_with_wheels_that_are_here_are_mounted(tmp_path: Path) -> None:
    links = f"{tmp_path} {tmp_path}/none https://a.example/wheels relative"
    assert local_links({"PIP_FIND_LINKS": links}) == [tmp_path]
    assert local_links({}) == []


def test_the_engine_uses_a_store_of_its_own(tmp_path: Path) -> None:
    command = Engine(tmp_path, "vfs").command("podman", "run", "image")
    assert command[0] == "podman"
    assert command[-2:] == ["run", "image"]
    assert command[command.index("--root") + 1] == f"{tmp_path}/store"
    assert command[command.index("--runroot") + 1] == f"{tmp_path}/run"


@pytest.mark.parametrize("dockerfile", ["ARG BASE=python:3.13-slim-bookworm\n", "FROM scratch\n"])
def test_the_pythons_chosen_are_whole_and_each_is_named_once(dockerfile: str) -> None:
    with suppress(CannotRun):
        chosen = choose_pythons(dockerfile)
        assert len({python.prefix for python in chosen}) == len(chosen) <= 2
        for python in chosen:
            assert python.number >= OLDEST
            assert python.program.is_file()
            assert python.library.is_dir()
