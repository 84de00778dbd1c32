"""What PyPI shows of the package: a page whose links work there, and metadata that agree with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from upshot import __version__
from upshot.cli.options import COMMANDS

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / PROJECT["readme"]).read_text("utf-8")
REPOSITORY = "https://github.com/pulumi-upshot/upshot"
LINKS = [*re.findall(r"\]\(([^)]+)\)", PAGE), *PROJECT["urls"].values()]


@pytest.mark.parametrize("link", LINKS)
def test_each_link_is_whole_and_leads_to_what_is_there(link: str) -> None:
    assert link.startswith(REPOSITORY)
    path = link.removeprefix(REPOSITORY).removeprefix("/blob/v1/")
    assert path in {"", "/issues"} or (ROOT / path).is_file()


def test_the_page_shows_each_command_that_does_something() -> None:
    for name in COMMANDS:
        assert name == "completion" or f"`upshot {name}" in PAGE


def test_the_page_is_drawn_without_anything_left_over() -> None:
    drawn = cmarkgfm.github_flavored_markdown_to_html(PAGE)
    assert "<table>" in drawn
    assert "](" not in drawn


def test_the_command_has_the_package_s_name_too() -> None:
    """`pipx run NAME` and `uvx NAME` look for a command of the package's name."""
    scripts = PROJECT["scripts"]
    assert set(scripts) == {"upshot", PROJECT["name"]}
    assert len(set(scripts.values())) == 1


def test_the_version_is_one() -> None:
    assert PROJECT["version"] == __version__


def test_the_pythons_are_those_that_it_requires() -> None:
    versions = [
        name.rpartition(" :: ")[2]
        for name in PROJECT["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", name)
    ]
    assert PROJECT["requires-python"] == f">={versions[0]}"
