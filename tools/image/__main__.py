"""`make test-image`: builds the Dockerfile and runs the tests that need a container.

::

    python -m tools.image                 # all of it; exit 69 when this machine cannot
    python -m tools.image --if-possible   # the same, but exit 0 when this machine cannot
    python -m tools.image -k sigterm      # further arguments go to pytest

Two steps in namespaces of their own, which leave no mount behind: the build, with the machine's
network, and the tests, with nothing but loopback. What the image weighs and how fast it starts comes last.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tools.image.engine import FOLDER, ROOT, BuildFailed, open_engine
from tools.image.needs import CannotRun, check_namespaces, install_programs
from tools.image.network import start_loopback
from tools.image.prepare import prepare

_CORES: Final = ("--numprocesses", "auto", "--dist", "worksteal")
UNAVAILABLE: Final = 69
"""Exit code for "this machine cannot", as in sysexits.h."""
_HYBRID_GROUPS: Final = Path("/sys/fs/cgroup/unified")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["build"]:
        return _guarded(_build)
    if arguments[:1] == ["test"]:
        return _guarded(lambda: _test(arguments[1:]))
    rest = [argument for argument in arguments if argument != "--if-possible"]
    code = (
        _guarded(install_programs)
        or _guarded(check_namespaces)
        or _inside("--mount", then=["build"])
        or _inside("--mount", "--net", then=["test", *rest])
    )
    return 0 if code == UNAVAILABLE and rest != arguments else code


def _build() -> int:
    _hide_hybrid_groups()
    prepare(open_engine(FOLDER), os.environ, to_measure=True)
    return 0


def _test(arguments: list[str]) -> int:
    _hide_hybrid_groups()
    start_loopback()
    engine = open_engine(FOLDER)
    command = [sys.executable, "-m", "pytest", "-m", "image", "tests/image", *_CORES, *arguments]
    tested = subprocess.run(command, cwd=ROOT, check=False).returncode
    from tools.image.measure import measure  # the sandbox is loaded where it is needed

    return measure(engine) or tested


def _inside(*namespaces: str, then: list[str]) -> int:
    """Runs a step of this module in new namespaces; returns its exit code."""
    command = ["unshare", *namespaces, "--propagation", "private", sys.executable]
    return subprocess.run([*command, "-m", "tools.image", *then], cwd=ROOT, check=False).returncode


def _hide_hybrid_groups() -> None:
    """For crun, which refuses version 2 of control groups mounted inside version 1."""
    if _HYBRID_GROUPS.is_mount():
        subprocess.run(["umount", str(_HYBRID_GROUPS)], check=False)  # noqa: S607 - as installed


def _guarded(step: Callable[[], int | None]) -> int:
    """The step's exit code; a machine that cannot is told from an image that is broken."""
    try:
        return step() or 0
    except CannotRun as reason:
        line = "=" * 78
        print(f"{line}\nTHE IMAGE TESTS DID NOT RUN: {reason}\n{line}", flush=True)
        return UNAVAILABLE
    except BuildFailed as log:
        print(f"{log}\nThe Dockerfile could not be built.", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
