"""buildah and podman with a store and settings of their own, apart from the machine's."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from tools.image.needs import CannotRun

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "image"
BASE: Final = "localhost/upshot-base:local"
IMAGE: Final = "localhost/upshot:local"
SOURCES: Final = "localhost/upshot:sources"
"""The same image without byte code, to measure what that is good for."""
_DRIVERS: Final = ("overlay", "vfs")
_PATIENCE_S: Final = 900.0
_LOW: Final = 16384
# What a nested or confined machine refuses is not asked for: no control groups, no bridge, no
# higher limits than those that hold already. The host's network is, in the tests, a namespace
# with nothing but loopback.
_SETTINGS: Final = """\
[containers]
cgroups = "disabled"
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
log_driver = "none"
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "crun"
tmp_dir = "{tmp}"
"""


class Engine(Struct, frozen=True):
    """Builds and runs images in a store below `folder`."""

    folder: Path
    driver: str

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of `buildah` or `podman` with these arguments."""
        store = ["--storage-driver", self.driver, "--root", str(self.folder / "store")]
        return [program, *store, "--runroot", str(self.folder / "run"), *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """What the programs themselves run with: never the variables of a container."""
        return {**os.environ, "CONTAINERS_CONF": str(self.folder / "containers.conf")}

    def run(
        self, program: str, *arguments: str, timeout_s: float = _PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Runs it to its end; standard error goes with standard output."""
        return subprocess.run(
            self.command(program, *arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )

    def has(self, image: str) -> bool:
        return self.run("podman", "image", "exists", image).returncode == 0

    def build(self, image: str, context: Path, *options: str) -> str:
        """Builds an image; returns what was printed. Raises `BuildFailed`."""
        options = ("--isolation", "chroot", "--tag", image, *options)
        done = self.run("buildah", "bud", *options, str(context))
        if done.returncode != 0:
            raise BuildFailed(done.stdout)
        return done.stdout


class BuildFailed(Exception):
    """An image could not be built; the text is the build's log."""


def find_engine(folder: Path = FOLDER) -> Engine | None:
    """The engine that `open_engine` opened in this mount namespace; None where there is none."""
    chosen = folder / "driver"
    return Engine(folder, chosen.read_text("utf-8")) if chosen.exists() else None


def open_engine(folder: Path = FOLDER) -> Engine:
    """The engine whose store is in `folder`; writes its settings.

    To be called once in each mount namespace: what an earlier one had mounted is forgotten, as
    after a restart of the machine.
    """
    shutil.rmtree(folder / "run", ignore_errors=True)
    (folder / "run").mkdir(parents=True)
    settings = _SETTINGS.format(
        files=_limit(resource.RLIMIT_NOFILE),
        processes=_limit(resource.RLIMIT_NPROC),
        tmp=folder / "run" / "podman",
    )
    (folder / "containers.conf").write_text(settings, encoding="utf-8")
    chosen = folder / "driver"
    if not chosen.exists():
        chosen.write_text(_find_driver(folder), encoding="utf-8")
    return Engine(folder, chosen.read_text(encoding="utf-8"))


def probe_containers(engine: Engine, image: str) -> None:
    """Runs an empty container, as the tests will. Raises `CannotRun` with what the engine said."""
    try:
        done = engine.run("podman", "run", *CONFINED, image, "true", timeout_s=60)
    except subprocess.TimeoutExpired as error:
        raise CannotRun("an empty container did not end within a minute") from error
    if done.returncode != 0:
        raise CannotRun(f"an empty container does not run here:\n{done.stdout.strip()}")


CONFINED: Final[Sequence[str]] = (
    "--rm",
    "--pull=never",
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
)
"""More than GitHub's runner takes away: whatever runs so needs nothing but its mounts."""


def _find_driver(folder: Path) -> str:
    """`overlay` where the kernel stacks file systems here, else `vfs`, which copies."""
    said = ""
    for driver in _DRIVERS:
        engine = Engine(folder, driver)
        made = engine.run("buildah", "from", "--name", "trial", "scratch")
        if made.returncode == 0 and engine.run("buildah", "mount", "trial").returncode == 0:
            engine.run("buildah", "rm", "trial")
            return driver
        said = made.stdout.strip()
        shutil.rmtree(folder / "store", ignore_errors=True)
    raise CannotRun(f"no file system for containers works here: {said}")


def _limit(kind: int) -> int:
    """A limit that may be set without any right: no higher than the one that holds.

    podman lowers its own limits before it starts a container; 16384 was low enough everywhere.
    """
    hard = resource.getrlimit(kind)[1]
    return _LOW if hard == resource.RLIM_INFINITY else min(hard, _LOW)
