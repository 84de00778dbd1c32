"""`upshot …`, run in this process with streams of its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from upshot.cli.desk import Desk
from upshot.cli.main import run_command

LOG = """\
Updating (acme/shop/prod):
     Type                 Name       Status
 +   aws:s3:Bucket        receipts   **creating failed**
 +   aws:iam:Role         reader     created

Diagnostics:
  aws:s3:Bucket (receipts):
    error: creating S3 Bucket (acme-receipts): BucketAlreadyExists: not available

Resources:
    + 1 created
    12 unchanged
"""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Run:
    """One command that has ended: what it wrote, and its exit code."""

    def __init__(
        self,
        *arguments: str,
        stdin: bytes = b"",
        out: io.StringIO | None = None,
        http: Any = None,
        **env: str,
    ) -> None:
        self._out, self._err = out or io.StringIO(), io.StringIO()
        desk = Desk(stdin=io.BytesIO(stdin), out=self._out, err=self._err, env=env, http=http)
        self.exit_code = run_command(arguments, desk)
        self.out, self.err = self._out.getvalue(), self._err.getvalue()


@pytest.fixture
def upshot() -> Callable[..., Run]:
    """Runs `upshot` with these arguments."""
    return Run


@pytest.fixture
def terminal() -> Terminal:
    """Standard output of a person."""
    return Terminal()


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Path of the console log of an update in which the bucket `receipts` failed."""
    path = tmp_path / "pulumi.log"
    path.write_text(LOG, "utf-8")
    return str(path)
