"""The action as the image holds it: a clean environment with the locked libraries and no others.

Development packages would slow what is measured: where `click` is installed, `import httpx` loads
it. The environment is made once below `build/bench` and again when the lock changes.
"""

from __future__ import annotations

import compileall
import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = ROOT / "build" / "bench"
_LOCK: Final = ROOT / "requirements" / "runtime.txt"
REPOSITORY: Final = "acme/shop"
NUMBER: Final = 7
CONSOLE: Final = "https://app.pulumi.com"
LOG: Final = """\
Updating (prod)

View Live: https://app.pulumi.com/acme/shop/prod/updates/41

     Type                 Name       Status                  Info
     pulumi:pulumi:Stack  shop-prod  **failed**              1 error
 +   aws:s3:Bucket        receipts   **creating failed**     1 error

Diagnostics:
  aws:s3:Bucket (receipts):
    error: creating S3 Bucket (receipts): BucketAlreadyExists: The name is taken.

  pulumi:pulumi:Stack (shop-prod):
    error: update failed

Resources:
    12 unchanged

Duration: 3s
"""


class Interpreter(NamedTuple):
    python: str
    is_clean: bool
    """False: the locked libraries could not be installed, and development's are measured."""


def interpreter() -> Interpreter:
    """The Python of the clean environment, with the checkout's `upshot` compiled in it."""
    folder = BUILD / "venv"
    stamp = f"{sys.version} {hashlib.sha256(_LOCK.read_bytes()).hexdigest()}"
    kept = folder / "stamp"
    if not kept.exists() or kept.read_text() != stamp:
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _install(folder)
        except (subprocess.CalledProcessError, OSError):
            shutil.rmtree(folder, ignore_errors=True)
            return Interpreter(sys.executable, is_clean=False)
        kept.write_text(stamp)
    packages = next(folder.glob("lib/python3*/site-packages"))
    shutil.rmtree(packages / "upshot", ignore_errors=True)
    shutil.copytree(
        ROOT / "src" / "upshot", packages / "upshot", ignore=shutil.ignore_patterns("__pycache__")
    )
    compileall.compile_dir(packages / "upshot", quiet=1)
    python = str(folder / "bin" / "python")
    for room in ("report.templating", "evidence.rules", "runner.startup"):
        subprocess.run([python, "-I", "-m", f"upshot.{room}"], check=True)
    return Interpreter(python, is_clean=True)


def _install(folder: Path) -> None:
    """By the pip of the environment, or by that which runs this where Python brings none."""
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    options += ["--only-binary", ":all:", "-r", str(_LOCK)]
    python = folder / "bin" / "python"
    try:
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip"]
    except subprocess.CalledProcessError:
        venv.create(folder, with_pip=False, clear=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", *options], check=True, stdout=subprocess.DEVNULL)
    for leftover in ("pip", "setuptools", "pkg_resources", "_distutils_hack"):
        for found in folder.glob(f"lib/python3*/site-packages/{leftover}"):
            shutil.rmtree(found)
    for found in folder.glob("lib/python3*/site-packages/distutils-precedence.pth"):
        found.unlink()


class Step:
    """A step of a job on a pull request, in folders of its own; run as often as wanted."""

    def __init__(
        self,
        python: str,
        *,
        cloud_url: str,
        github_url: str,
        script: Path = ROOT / "entrypoint.py",
    ) -> None:
        self._command = [python, "-I", str(script)]
        self.folder = Path(tempfile.mkdtemp(prefix="upshot-bench-"))
        self.workspace = self.folder / "workspace"
        self.workspace.mkdir()
        self.write_log(LOG)
        (self.folder / "event.json").write_bytes(msgspec.json.encode(_payload()))
        self._urls = cloud_url, github_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_log(self, text: str) -> None:
        (self.workspace / "pulumi.log").write_text(text)

    def start(
        self, *, env: Mapping[str, str] | None = None, **inputs: str
    ) -> subprocess.Popen[bytes]:
        """Starts the action; names of inputs with `_` for `-`."""
        for name in ("output", "summary"):
            (self.folder / name).write_bytes(b"")
        given = {"log_file": "pulumi.log", "cloud_url": self._urls[0], "console_url": CONSOLE}
        given |= inputs
        variables = {f"INPUT_{n.upper().replace('_', '-')}": v for n, v in given.items()}
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                self._command,
                env=self._runner() | variables | dict(env or {}),
                cwd=self.workspace,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def run(self, *, env: Mapping[str, str] | None = None, **inputs: str) -> None:
        """Runs the action to its end, which must be a good one."""
        process = self.start(env=env, **inputs)
        if process.wait(timeout=120) != 0:
            raise RuntimeError((self.folder / "log").read_text())

    def _runner(self) -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self._urls[1],
            "GITHUB_GRAPHQL_URL": f"{self._urls[1]}/graphql",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "1001",
            "GITHUB_SHA": _sha("merge"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.folder),
        }


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process of which no more is to be measured."""
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()


def head_sha() -> str:
    """The pull request's head."""
    return _sha("head")


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def _payload() -> dict[str, Any]:
    repository = {"full_name": REPOSITORY, "fork": False}
    return {
        "action": "synchronize",
        "number": NUMBER,
        "pull_request": {
            "number": NUMBER,
            "head": {"sha": head_sha(), "ref": "topic", "repo": repository},
            "base": {"sha": _sha("base"), "ref": "main", "repo": repository},
            "user": {"login": "maria-lopez"},
        },
        "repository": repository,
    }
