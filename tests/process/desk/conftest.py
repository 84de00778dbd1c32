"""The wheel, built from a clean copy of the checkout and installed into empty environments."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path

import pytest
from msgspec import Struct
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
HERE = Path(sysconfig.get_path("purelib"))


class Installed(Struct, frozen=True):
    """One environment with the wheel in it."""

    folder: Path

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[bytes]:
        """`upshot …` through the console script, in a folder without anything."""
        return subprocess.run(
            [self.folder / "bin/upshot", *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self._environment(env),
            timeout=120,
            check=False,
        )

    def run_on_terminal(
        self, *arguments: str, env: Mapping[str, str] = {}, lines: int = 200
    ) -> tuple[int, str]:
        """The exit code, and what a terminal of 100 columns would be sent."""
        ours, theirs = pty.openpty()
        size = {"COLUMNS": "100", "LINES": str(lines), "TERM": "xterm-256color"}
        with subprocess.Popen(
            [self.folder / "bin/upshot", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env=self._environment({**size, **env}),
        ) as process:
            os.close(theirs)
            shown = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        return process.returncode, shown.decode().replace("\r\n", "\n")

    def _environment(self, env: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder), "LANG": "C", **env}


def _read(descriptor: int) -> bytes:
    """What is there; nothing after the last process has closed the other side (Linux says EIO)."""
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env={**os.environ, "PIP_NO_INDEX": "1"})


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the Dockerfile does it: by the locked build tools, without an index.

    Only what a clone would hold is copied: files that git knows or would take.
    """
    clone, built = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("wheel")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, clone / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", built, clone)
    (found,) = built.glob("*.whl")
    return found


def closure(names: list[str], extras: Mapping[str, str]) -> Iterator[str]:
    """Names of distributions, and of what they require on this machine, each once."""
    seen: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen[name] = None
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            extra = extras.get(name, "")
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting.append(requirement.name)
    yield from seen


def link(name: str, target: Path) -> None:
    """Puts one installed distribution into another environment, without an index."""
    tops = {Path(str(file)).parts[0] for file in distribution(name).files or ()}
    for top in tops - {"..", "__pycache__"}:
        if not (target / top).exists():
            (target / top).symlink_to(HERE / top)


def make(folder: Path, wheel: Path, extra: str) -> Installed:
    venv.create(folder, symlinks=True)
    (target,) = folder.glob("lib/python*/site-packages")
    for name in closure(["pulumi-upshot"], {"pulumi-upshot": extra}):
        if name != "pulumi-upshot":
            link(name, target)
    pip("--python", folder / "bin/python", "install", "--no-deps", wheel)
    return Installed(folder)


@pytest.fixture(scope="session")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What `pip install pulumi-upshot` makes."""
    return make(tmp_path_factory.mktemp("plain"), wheel, "")


@pytest.fixture(scope="session")
def desk(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What `pip install 'pulumi-upshot[desk]'` makes."""
    return make(tmp_path_factory.mktemp("desk"), wheel, "desk")
