"""Prepares, checks and tags a release; docs/releasing.md tells when to run what.

::

    python tools/release.py prepare 1.2.0           # on a branch: version and changelog
    python tools/release.py check 1.2.0             # may HEAD be released as this?
    python tools/release.py notes 1.2.0             # its section of the changelog
    python tools/release.py tag 1.2.0 --image ghcr.io/…@sha256:… --base python:…@sha256:…
    python tools/release.py move 1.2.0              # the moving tag, v1

`tag` and `move` work in a clone and end before the push, unless told `--push`.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-rc\.(\d+))?")
_PINNED: Final = re.compile(r"[a-z0-9./_-]+(:[\w.-]+)?@sha256:[0-9a-f]{64}")
_SECTION: Final = re.compile(r"^## (.+)$\n", re.MULTILINE)
_PLACES: Final = {
    "pyproject.toml": r'(?<=^version = ").*(?="$)',
    "src/upshot/__init__.py": r'(?<=^__version__ = ").*(?="$)',
    "uv.lock": r'(?<=^name = "pulumi-upshot"\nversion = ").*(?="$)',
}
"""Where the version stands, and how it is found there."""
_LOCK: Final = "requirements/runtime.txt"
"""What the composite action installs, by hash (composite/libraries.py)."""


class ReleaseError(Exception):
    """Why this cannot be released, and what to do."""


def order(version: str) -> tuple[int, int, int, float]:
    """What versions sort by: a release candidate comes before its release.

    Raises `ReleaseError` on anything but `1.2.0` and `1.2.0-rc.1`.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ReleaseError(f"{version!r} is no version: write 1.2.0 or 1.2.0-rc.1")
    major, minor, patch, candidate = found.groups()
    return int(major), int(minor), int(patch), float(candidate or "inf")


def fold(changelog: str, version: str, date: str) -> str:
    """The changelog with what is unreleased as the section of this version.

    Raises `ReleaseError` when nothing is unreleased or the version is there already.
    """
    sections = _sections(changelog)
    if any(title.split(" - ")[0] == version for title in sections):
        raise ReleaseError(f"CHANGELOG.md has a section {version} already")
    if not sections.get("Unreleased", "").strip():
        raise ReleaseError('CHANGELOG.md has nothing below "## Unreleased": tell users what is new')
    return changelog.replace("## Unreleased\n", f"## Unreleased\n\n## {version} - {date}\n", 1)


def notes(changelog: str, version: str) -> str:
    """The text of this version's section. Raises `ReleaseError` when there is none."""
    for title, text in _sections(changelog).items():
        if title.split(" - ")[0] == version:
            return text.strip() + "\n"
    raise ReleaseError(f"CHANGELOG.md has no section {version}: run `prepare {version}`")


def pin_image(action: str, image: str) -> str:
    """`action.yml` with this image instead of a build, which every user would wait for."""
    return _replace_once(action, r"^(  image: )Dockerfile$", f"docker://{_pinned(image)}")


def pin_base(dockerfile: str, base: str) -> str:
    """The Dockerfile with the base image that was built on, by its digest."""
    return _replace_once(dockerfile, r"^(ARG BASE=).+$", _pinned(base))


def check(folder: Path, version: str, tags: Sequence[str]) -> None:
    """Raises `ReleaseError` unless version, changelog and tags agree."""
    order(version)
    for name, pattern in _PLACES.items():
        found = re.search(pattern, (folder / name).read_text("utf-8"), re.MULTILINE)
        if found is None or found[0] != version:
            raise ReleaseError(f"{name} says {found and found[0]}, not {version}: run `prepare`")
    changelog = (folder / "CHANGELOG.md").read_text("utf-8")
    notes(changelog, version)
    if _sections(changelog).get("Unreleased", "").strip():
        raise ReleaseError('CHANGELOG.md has lines below "## Unreleased": release them, too')
    if f"v{version}" in tags:
        raise ReleaseError(f"v{version} is released; releases are immutable: take the next version")


def newest(version: str, tags: Sequence[str]) -> bool:
    """Whether the moving tag of its major version should point to this version."""
    given = order(version)
    others = [order(tag[1:]) for tag in tags if _VERSION.fullmatch(tag[1:])]
    same = [other for other in others if other[0] == given[0] and other[3] == float("inf")]
    return given[3] == float("inf") and all(other <= given for other in same)


def prepare(folder: Path, version: str, date: str) -> None:
    """Writes the version and folds the changelog, all or nothing."""
    order(version)
    path = folder / "CHANGELOG.md"
    written = {path: fold(path.read_text("utf-8"), version, date)}
    for name, pattern in _PLACES.items():
        text = (folder / name).read_text("utf-8")
        written[folder / name] = re.sub(pattern, version, text, count=1, flags=re.MULTILINE)
    for target, text in written.items():
        target.write_text(text, encoding="utf-8")


def tag(repository: Path, version: str, *, image: str, base: str, push: bool) -> str:
    """Commits the pinned files on top of HEAD and tags that; returns what was done.

    The commit is on no branch: on the main branch `action.yml` goes on building the Dockerfile.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = _clone(repository, Path(folder, "clone"))
        check(clone, version, _tags(repository))
        for name, text in (
            ("action.yml", pin_image((clone / "action.yml").read_text("utf-8"), image)),
            ("Dockerfile", pin_base((clone / "Dockerfile").read_text("utf-8"), base)),
        ):
            (clone / name).write_text(text, encoding="utf-8")
        _git(clone, "commit", "--quiet", "--all", f"--message=Release {version}")
        message = tag_message(version, image, (clone / _LOCK).read_bytes())
        _git(clone, "tag", "--annotate", f"v{version}", f"--message={message}")
        shown = _git(clone, "show", "--format=commit %H%n%n    %s%n", f"v{version}^{{commit}}")
        shown += f"\ntag v{version}\n\n{textwrap.indent(message, '    ')}\n"
        return shown + _push(repository, clone, f"refs/tags/v{version}", push=push)


def tag_message(version: str, image: str, lock: bytes) -> str:
    """What the tag holds besides its commit: both ways to run it, by digest."""
    digest = hashlib.sha256(lock).hexdigest()
    return f"Upshot {version}\n\nImage: {image}\nComposite action: {_LOCK} sha256:{digest}"


def move(repository: Path, version: str, *, push: bool) -> str:
    """Lets the moving tag point to a version that is tagged; returns what was done."""
    tags = _tags(repository)
    if f"v{version}" not in tags:
        raise ReleaseError(f"there is no tag v{version}: fetch the tags, or tag first")
    if not newest(version, tags):
        return f"v{version} is not the newest of its major version: nothing moves\n"
    with tempfile.TemporaryDirectory() as folder:
        clone = _clone(repository, Path(folder, "clone"))
        target = f"+refs/tags/v{version}^{{commit}}:refs/tags/v{order(version)[0]}"
        return _push(repository, clone, target, push=push)


def _push(repository: Path, clone: Path, reference: str, *, push: bool) -> str:
    if not push:
        return f"\nDry run; this would follow: git push origin '{reference}'\n"
    address = _git(repository, "remote", "get-url", "origin").strip()
    _git(clone, "push", "--quiet", address, reference)
    return f"\nPushed {reference}\n"


def _clone(repository: Path, folder: Path) -> Path:
    _git(repository, "clone", "--quiet", "--shared", str(repository), str(folder))
    head = _git(repository, "rev-parse", "HEAD").strip()
    _git(folder, "checkout", "--quiet", "--detach", head)
    for name in ("user.name", "user.email"):
        author = _git(repository, "log", "-1", f"--format={'%cn' if 'name' in name else '%ce'}")
        _git(folder, "config", name, author.strip())
    return folder


def _tags(repository: Path) -> list[str]:
    return _git(repository, "tag", "--list", "v*").split()


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _sections(changelog: str) -> dict[str, str]:
    parts = _SECTION.split(changelog)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _pinned(image: str) -> str:
    if _PINNED.fullmatch(image) is None:
        raise ReleaseError(f"{image!r} is not pinned: write NAME@sha256:… with all 64 digits")
    return image


def _replace_once(text: str, pattern: str, value: str) -> str:
    replaced, count = re.subn(pattern, rf"\g<1>{value}", text, flags=re.MULTILINE)
    if count != 1:
        raise ReleaseError(f"expected one line like {pattern}, found {count}")
    return replaced


def main(arguments: Sequence[str] | None = None, repository: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("step", choices=["prepare", "check", "notes", "tag", "move"])
    parser.add_argument("version")
    parser.add_argument("--image", default="")
    parser.add_argument("--base", default="")
    parser.add_argument("--push", action="store_true")
    given = parser.parse_args(arguments)
    version: str = given.version.removeprefix("v")
    steps: dict[str, Callable[[], str | None]] = {
        "prepare": lambda: prepare(repository, version, f"{datetime.now(UTC):%Y-%m-%d}"),
        "check": lambda: check(repository, version, _tags(repository)),
        "notes": lambda: notes((repository / "CHANGELOG.md").read_text("utf-8"), version),
        "tag": lambda: tag(
            repository, version, image=given.image, base=given.base, push=given.push
        ),
        "move": lambda: move(repository, version, push=given.push),
    }
    try:
        print(steps[given.step]() or f"{given.step} {version}: done")
    except ReleaseError as reason:
        print(f"{given.step} {version}: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
