"""`tools/release.py` from the changelog to the push, on a repository of its own, offline."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from tools.release import ROOT, main

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"ghcr.io/pulumi-upshot/upshot@{DIGEST}"
PINS = ["--image", IMAGE, "--base", f"python:3.13-slim-bookworm@{DIGEST}"]
LOCK = "requirements/runtime.txt"
FILES = [
    "action.yml",
    "Dockerfile",
    "pyproject.toml",
    "uv.lock",
    "src/upshot/__init__.py",
    LOCK,
]
CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Something new.\n"


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=Jo", "-c", "user.email=jo@example.com"]
    command = ["git", "-C", str(folder), *author, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def lock_digest() -> str:
    return hashlib.sha256((ROOT / LOCK).read_bytes()).hexdigest()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with this project's own files, prepared for 9.8.7, and a remote."""
    folder = tmp_path / "project"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    assert main(["prepare", "9.8.7"], folder) == 0
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Prepare 9.8.7")
    return folder


def test_a_dry_run_shows_the_commit_and_leaves_no_trace(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "v9.8.7"], repository) == 0
    assert main(["tag", "v9.8.7", *PINS], repository) == 0
    shown = capsys.readouterr().out
    assert f"+  image: docker://{IMAGE}" in shown
    assert "-  image: Dockerfile" in shown
    assert f"+ARG BASE=python:3.13-slim-bookworm@{DIGEST}" in shown
    assert "this would follow: git push origin 'refs/tags/v9.8.7'" in shown
    assert f"    Image: {IMAGE}\n    Composite action: {LOCK} sha256:{lock_digest()}\n" in shown
    assert git(repository, "tag") == ""
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "ls-remote", "origin") == ""


def test_a_push_makes_the_tag_and_then_the_moving_tag_at_one_commit(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["move", "9.8.7", "--push"], repository) == 1
    assert "there is no tag v9.8.7" in capsys.readouterr().err
    assert main(["tag", "9.8.7", *PINS, "--push"], repository) == 0
    git(repository, "fetch", "--quiet", "--tags", "origin")
    assert main(["move", "9.8.7", "--push"], repository) == 0
    lines = [line.split("\t") for line in git(repository, "ls-remote", "origin").splitlines()]
    remote = {reference: commit for commit, reference in lines}
    assert remote["refs/tags/v9"] == remote["refs/tags/v9.8.7^{}"]
    head = git(repository, "rev-parse", "HEAD")
    assert git(repository, "rev-parse", "v9.8.7~1") == head, "on top of what was prepared"
    said = git(repository, "tag", "--list", "--format=%(contents)", "v9.8.7")
    assert f"Composite action: {LOCK} sha256:{lock_digest()}" in said
    assert "image: Dockerfile" in (repository / "action.yml").read_text("utf-8")
    assert main(["tag", "9.8.7", *PINS, "--push"], repository) == 1
    assert "immutable" in capsys.readouterr().err


def test_an_image_that_is_not_pinned_stops_before_anything_is_made(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loose = ["--image", "ghcr.io/pulumi-upshot/upshot:latest", *PINS[2:]]
    assert main(["tag", "9.8.7", *loose, "--push"], repository) == 1
    assert "not pinned" in capsys.readouterr().err
    assert git(repository, "ls-remote", "origin") == ""
