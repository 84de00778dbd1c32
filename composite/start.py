"""Starts Upshot without a container: libraries by hash, inputs as GitHub gives them to a container.

`start.sh` runs it as `python -I`, and again with the argument `post` where the step did not end well.
Uses the standard library alone; the libraries are its work.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""This repository, as the runner has fetched it."""
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from composite.libraries import (  # noqa: E402 - its folder must be known first
    Lock,
    NoLibraries,
    get_wheels,
    make_environment,
    tag,
)

INPUTS: Final = "UPSHOT_INPUTS"
"""The variable that holds `toJSON(inputs)`."""
_REQUIREMENTS: Final = ROOT / "requirements" / "runtime.txt"
_LEFT_OUT: Final = ("cryptography",)
"""No part of Upshot calls it (decision 0045), and it has no wheels for Macs with Intel and Windows on ARM."""
_OURS: Final = "upshot-composite"
_RECORD: Final = re.compile(r"([a-z-]+)<<(\S+)\n(.*?)\n?\2\n", re.DOTALL)
_NOT_FOR_PIP: Final = frozenset({INPUTS, "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_NO_BINARY"})
_HINT: Final = """\
The person who looks after the runner must act: it needs pip's index, or a mirror that `pip config` or \
PIP_INDEX_URL names, and a Python that the libraries have wheels for (3.11 to 3.14). \
pulumi-upshot/upshot@v1 needs neither.
https://github.com/pulumi-upshot/upshot/blob/v1/docs/troubleshooting.md#without-docker"""

Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a command with an environment, in the place of this process where that can be."""


def main(arguments: Sequence[str], env: Mapping[str, str], run: Run) -> int:
    """The exit code of the step; where `run` takes this process's place it does not return."""
    ours = Path(env["RUNNER_TEMP"], _OURS)
    state = ours / "state"
    extra: dict[str, str] = {}
    program = "entrypoint.py"
    if list(arguments) == ["post"]:
        program, extra = "post.py", read_state(state)
        if not extra:
            return 0
    try:
        python = prepare(ours, env)
    except (NoLibraries, OSError) as fault:
        print_error(f"Upshot's libraries could not be installed: {fault}\n\n{_HINT}")
        return 1
    state.write_bytes(b"")
    extra["GITHUB_STATE"] = str(
        state
    )  # the runner gives a step of a composite action no post stage
    command = (str(python), "-I", "-X", "utf8", str(ROOT / program))
    return run(command, {**step_variables(env), **extra})


def prepare(ours: Path, env: Mapping[str, str]) -> Path:
    """A Python with all libraries: the job's first step makes it. Raises NoLibraries and OSError."""
    lock = read_lock()
    folder = environment_folder(ours, lock)
    wheels: list[bytes] = []
    if not folder.exists():
        kept = f"upshot-wheels/{_version(lock)}"
        roots = [env.get("RUNNER_TOOL_CACHE", ""), env["RUNNER_TEMP"]]
        folders = [Path(root, kept) for root in roots if root]
        wheels = get_wheels(lock, folders, lambda into: fetch(into, env, lock))
    return make_environment(folder, wheels, ROOT / "src")


def read_lock() -> Lock:
    return Lock(_REQUIREMENTS.read_text("utf-8"), _LEFT_OUT)


def environment_folder(ours: Path, lock: Lock) -> Path:
    """Where the job's environment is, or will be: another one for other libraries or another Python."""
    place = sha256(f"{ROOT}\n{sys.base_prefix}".encode()).hexdigest()[:8]
    return ours / f"{_version(lock)}-{place}"


def _version(lock: Lock) -> str:
    return f"{lock.digest}-{sha256(tag().encode()).hexdigest()[:8]}"


def fetch(folder: Path, env: Mapping[str, str], lock: Lock) -> None:
    """Has pip fetch the wheels: its index, mirrors, proxies, retries and choice; none is run."""
    requirements = folder / "requirements.txt"
    requirements.write_text(lock.text, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the Python that runs us
        (
            *(sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-input"),
            *("--disable-pip-version-check", "--require-hashes", "--no-deps"),
            *("--only-binary", ":all:", "--dest", str(folder)),
            *("--requirement", str(requirements)),
        ),
        env={
            **{name: value for name, value in env.items() if name not in _NOT_FOR_PIP},
            "PIP_REQUIRE_VIRTUALENV": "0",
        },
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise NoLibraries("pip said: " + "\n".join(said[-5:]))


def step_variables(env: Mapping[str, str]) -> dict[str, str]:
    """The environment, with inputs as GitHub passes them to a container; inputs of other actions are removed."""
    found = {name: value for name, value in env.items() if not name.startswith("INPUT_")}
    inputs = json.loads(found.pop(INPUTS, "{}"))
    given = {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()}
    return found | {name: str(value) for name, value in given.items()}


def read_state(path: Path) -> dict[str, str]:
    """What the run has left for a post stage, as the runner gives it: `STATE_task-id`.

    The last value of a name counts, and an empty one is none.
    """
    try:
        records = _RECORD.findall(path.read_text("utf-8"))
    except (OSError, UnicodeError):
        return {}
    values = {f"STATE_{name}": value for name, _, value in records}
    return {name: value for name, value in values.items() if value}


def print_error(text: str) -> None:
    """One error annotation; what pip repeats of an index runs no command of the runner's."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stdout.write(f"::error title=Upshot::{escaped}\n")


def replace_process(command: Sequence[str], env: Mapping[str, str]) -> int:
    """So that the runner's signals reach Upshot itself."""
    sys.stdout.flush()
    os.execve(command[0], tuple(command), env)  # noqa: S606 - our own program


def wait_for(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Where a process cannot be replaced (Windows). Ctrl-C and Ctrl-Break reach both; Upshot obeys them."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGBREAK") if hasattr(signal, name)]
    before = [(number, signal.signal(number, _go_on)) for number in numbers]
    try:
        return subprocess.run(command, env=env, check=False).returncode  # noqa: S603
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _go_on(_number: int, _frame: FrameType | None) -> None:
    """No handler of the child's, as to ignore a signal would be."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, wait_for if os.name == "nt" else replace_process))
