"""What may be released, and what a release writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.release import (
    ReleaseError,
    check,
    fold,
    newest,
    notes,
    order,
    pin_base,
    pin_image,
    prepare,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"ghcr.io/pulumi-upshot/upshot@{DIGEST}"
CHANGELOG = """\
# Changelog

## Unreleased

### Added

- Something new.

## 1.1.0 - 2026-10-01

### Fixed

- Something old.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a project at 1.1.0 with something unreleased."""
    (tmp_path / "src/upshot").mkdir(parents=True)
    for name, text in {
        "CHANGELOG.md": CHANGELOG,
        "pyproject.toml": '[project]\nname = "pulumi-upshot"\nversion = "1.1.0"\n',
        "src/upshot/__init__.py": '__version__ = "1.1.0"\n',
        "uv.lock": 'version = 1\n\n[[package]]\nname = "pulumi-upshot"\nversion = "1.1.0"\n',
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_versions_sort_and_a_candidate_comes_before_its_release() -> None:
    versions = ["1.10.0", "1.9.9", "1.10.0-rc.2", "2.0.0", "1.10.0-rc.10"]
    assert sorted(versions, key=order) == [
        "1.9.9",
        "1.10.0-rc.2",
        "1.10.0-rc.10",
        "1.10.0",
        "2.0.0",
    ]


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1.2.3", "1.2.3.4", "1.2.3-beta", "1.2.3\n"])
def test_other_texts_are_no_versions(text: str) -> None:
    with pytest.raises(ReleaseError, match=r"write 1\.2\.0"):
        order(text)


def test_folding_makes_a_dated_section_and_leaves_room_for_the_next() -> None:
    folded = fold(CHANGELOG, "1.2.0", "2026-11-21")
    assert "## Unreleased\n\n## 1.2.0 - 2026-11-21\n\n### Added\n\n- Something new.\n" in folded
    assert notes(folded, "1.2.0") == "### Added\n\n- Something new.\n"
    assert notes(folded, "1.1.0") == "### Fixed\n\n- Something old.\n"
    with pytest.raises(ReleaseError, match="nothing below"):
        fold(folded, "1.3.0", "2026-11-22")


def test_a_version_is_folded_once() -> None:
    with pytest.raises(ReleaseError, match=r"section 1\.1\.0 already"):
        fold(CHANGELOG, "1.1.0", "2026-11-21")


def test_notes_of_a_version_that_is_not_there_say_what_to_run() -> None:
    with pytest.raises(ReleaseError, match=r"prepare 1\.2\.0"):
        notes(CHANGELOG, "1.2.0")


def test_what_was_prepared_passes_the_check(folder: Path) -> None:
    prepare(folder, "1.2.0", "2026-11-21")
    check(folder, "1.2.0", ["v1.1.0"])
    assert 'version = "1.2.0"' in (folder / "uv.lock").read_text("utf-8")
    assert (folder / "uv.lock").read_text("utf-8").startswith("version = 1\n")


def test_a_refused_preparation_writes_nothing(folder: Path) -> None:
    before = {path: path.read_text("utf-8") for path in folder.rglob("*.*") if path.is_file()}
    with pytest.raises(ReleaseError):
        prepare(folder, "1.1.0", "2026-11-21")
    assert before == {path: path.read_text("utf-8") for path in before}


@pytest.mark.parametrize("name", ["pyproject.toml", "src/upshot/__init__.py", "uv.lock"])
def test_every_place_must_say_the_version(folder: Path, name: str) -> None:
    prepare(folder, "1.2.0", "2026-11-21")
    path = folder / name
    path.write_text(path.read_text("utf-8").replace("1.2.0", "1.2.1"), encoding="utf-8")
    with pytest.raises(ReleaseError, match=re.escape(f"{name} says 1.2.1, not 1.2.0")):
        check(folder, "1.2.0", [])


def test_a_released_version_is_not_released_again(folder: Path) -> None:
    prepare(folder, "1.2.0", "2026-11-21")
    with pytest.raises(ReleaseError, match="immutable"):
        check(folder, "1.2.0", ["v1.2.0"])


def test_lines_that_came_after_the_preparation_are_not_forgotten(folder: Path) -> None:
    prepare(folder, "1.2.0", "2026-11-21")
    path = folder / "CHANGELOG.md"
    text = path.read_text("utf-8").replace("## Unreleased\n", "## Unreleased\n\n- Late.\n")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match="release them, too"):
        check(folder, "1.2.0", [])


def test_the_image_takes_the_place_of_the_build_and_nothing_else_changes() -> None:
    action = "runs:\n  using: docker\n  image: Dockerfile\n  entrypoint: /usr/local/bin/python\n"
    pinned = pin_image(action, IMAGE)
    assert pinned == action.replace("image: Dockerfile", f"image: docker://{IMAGE}")


def test_the_base_is_pinned_where_it_is_an_argument() -> None:
    dockerfile = "ARG BASE=python:3.13-slim-bookworm\nFROM ${BASE}\n"
    base = f"python:3.13-slim-bookworm@{DIGEST}"
    assert pin_base(dockerfile, base) == f"ARG BASE={base}\nFROM ${{BASE}}\n"


@pytest.mark.parametrize(
    "image", ["", "ghcr.io/a/b", "ghcr.io/a/b:v1", f"ghcr.io/a/b@{DIGEST[:-1]}", f"$(x)@{DIGEST}"]
)
def test_an_image_without_its_digest_is_refused(image: str) -> None:
    with pytest.raises(ReleaseError, match="not pinned"):
        pin_image("  image: Dockerfile\n", image)


def test_an_action_that_is_pinned_already_is_refused() -> None:
    with pytest.raises(ReleaseError, match="expected one line"):
        pin_image(f"  image: docker://{IMAGE}\n", IMAGE)


def test_the_moving_tag_never_goes_back() -> None:
    tags = ["v1", "v1.1.0", "v1.2.0", "v1.3.0-rc.1", "v2.0.0"]
    assert newest("1.2.0", tags)
    assert newest("1.2.1", tags)
    assert not newest("1.1.9", tags)
    assert not newest("1.3.0-rc.1", tags)
