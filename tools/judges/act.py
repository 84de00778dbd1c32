"""`make test-act`: `act` runs an example workflow on the real action.yml, in containers of podman.

::

    python -m tools.judges.act                 # exit 69 when this machine cannot
    python -m tools.judges.act --if-possible   # the same, but exit 0 when this machine cannot

The store of images is apart from the machine's and from that of `make test-image`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.image.engine import BASE, ROOT, BuildFailed, Engine, open_engine
from tools.image.needs import CannotRun, check_namespaces, install_programs
from tools.image.prepare import prepare

MODULE: Final = "github.com/nektos/act@v0.2.89"
UNAVAILABLE: Final = 69
"""Exit code for "this machine cannot", as in sysexits.h."""
_BIN: Final = ROOT / "build" / "judges" / "bin"
_FOLDER: Final = ROOT / "build" / "judges" / "containers"
_NAME: Final = "localhost/python:3.13-slim-bookworm"
"""What the Dockerfile is built from when nobody says otherwise; act says nothing."""
_JOB: Final = "localhost/upshot-job:local"
_JOB_PROGRAMS: Final = ("bash", "tail", "sleep", "env", "chown")
"""What act starts in the job's own container, and the base does not have."""
_HYBRID_GROUPS: Final = Path("/sys/fs/cgroup/unified")
_PATIENCE_S: Final = 30.0
_GLANCE_S: Final = 0.1


def main(arguments: list[str]) -> int:
    """Installs in the machine as it is, runs in namespaces of its own."""
    try:
        if arguments == ["run"]:
            return _run()
        _install()
    except CannotRun as reason:
        line = "=" * 78
        print(f"{line}\nACT DID NOT RUN: {reason}\n{line}", flush=True)
        return 0 if arguments == ["--if-possible"] else UNAVAILABLE
    except BuildFailed as log:
        print(f"{log}\nThe Dockerfile could not be built.", flush=True)
        return 1
    # A process namespace ends what podman's monitors would leave behind for minutes.
    namespaces = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child"]
    command = ["unshare", *namespaces, "--mount-proc", sys.executable, "-m", "tools.judges.act"]
    code = subprocess.run([*command, "run"], cwd=ROOT, check=False)
    can = code.returncode != UNAVAILABLE or arguments != ["--if-possible"]
    return code.returncode if can else 0


def _install() -> None:
    install_programs()
    check_namespaces()
    if (_BIN / "act").exists():
        return
    go = shutil.which("go")
    if go is None:
        raise CannotRun("there is no Go to build it with")
    done = subprocess.run(
        [go, "install", MODULE],
        env={**os.environ, "GOBIN": str(_BIN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotRun(f"{MODULE} could not be built:\n{done.stdout}")


def _run() -> int:
    if _HYBRID_GROUPS.is_mount():  # crun refuses version 2 mounted inside version 1
        subprocess.run(["umount", str(_HYBRID_GROUPS)], check=False)  # noqa: S607 - as installed
    _FOLDER.mkdir(parents=True, exist_ok=True)
    engine = open_engine(_FOLDER)
    prepare(engine, os.environ)
    if engine.run("podman", "tag", BASE, _NAME).returncode != 0:
        raise CannotRun(f"{BASE} could not be named {_NAME}")
    _build_job_image(engine)
    with _served(engine) as address:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-m", "judges", "tests/judges/test_act.py"],
            env={**os.environ, "DOCKER_HOST": address, "UPSHOT_ACT_IMAGE": _JOB},
            cwd=ROOT,
            check=False,
        ).returncode


def _build_job_image(engine: Engine) -> None:
    """The image in which act runs a job's `run:` steps: the base, and what act starts there."""
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        for name in _JOB_PROGRAMS:
            program = shutil.which(name)
            if program is None:
                raise CannotRun(f"{name} is missing")
            linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)  # noqa: S607 - as installed
            libraries = re.findall(r"(?:=> |^\t)(/\S+) \(0x", linked.stdout, re.MULTILINE)
            for path, target in (
                (program, f"/usr/bin/{name}"),
                *zip(libraries, libraries, strict=True),
            ):
                place = Path(folder, "root", target.lstrip("/"))
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(path).resolve(), place)
        recipe = Path(folder, "Containerfile")
        recipe.write_text(f"FROM {BASE}\nCOPY root /\n", encoding="ascii")
        engine.build(_JOB, Path(folder), "--file", str(recipe))


@contextlib.contextmanager
def _served(engine: Engine) -> Iterator[str]:
    """Podman's Docker-compatible service; gives its address. Raises `CannotRun`."""
    socket = engine.folder / "run" / "podman.sock"
    address = f"unix://{socket}"
    command = engine.command("podman", "system", "service", "--time=0", address)
    with (engine.folder / "service.log").open("wb") as log:
        environment = {**engine.environment, "BUILDAH_ISOLATION": "chroot"}
        service = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            end = time.monotonic() + _PATIENCE_S
            while not socket.exists():
                if service.poll() is not None or time.monotonic() > end:
                    raise CannotRun("podman's service does not start: see service.log")
                time.sleep(_GLANCE_S)
            yield address
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
