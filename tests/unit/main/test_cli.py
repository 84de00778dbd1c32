"""`python -m upshot explain` on a developer's machine: a report on standard output, and nothing else there."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from upshot.cli import run_command

LOG = """\
Updating (acme/shop/prod):
     Type                 Name       Status
 +   aws:s3:Bucket        receipts   **creating failed**

Diagnostics:
  aws:s3:Bucket (receipts):
    error: creating S3 Bucket (acme-receipts): BucketAlreadyExists: not available

Resources:
    12 unchanged
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Run:
    def __init__(self, *arguments: str, out: io.StringIO | None = None, **env: str) -> None:
        self._out, self._err = out or io.StringIO(), io.StringIO()
        self.exit_code = run_command(["explain", *arguments], self._out, self._err, env=env)
        self.out, self.err = self._out.getvalue(), self._err.getvalue()


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "pulumi.log"
    path.write_text(LOG, "utf-8")
    return str(path)


def test_a_pipe_gets_the_markdown(log: str) -> None:
    run = Run("--log-file", log)
    assert run.exit_code == 0
    assert run.out.startswith("### ❌")
    assert "looked for" not in run.out, "nobody asked Pulumi Cloud, and nothing is missing"
    assert "BucketAlreadyExists" in run.out


def test_a_terminal_gets_lines_without_tags(log: str) -> None:
    run = Run("--log-file", log, out=Terminal())
    assert "Update failed" in run.out
    assert "BucketAlreadyExists" in run.out
    assert "<details" not in run.out
    assert "<sub" not in run.out
    assert "###" not in run.out


def test_json_is_json_and_has_the_schema_s_version(log: str) -> None:
    result = json.loads(Run("--log-file", log, "--json").out)
    assert result["version"] == 1
    assert result["verdict"] == "failed"


def test_a_file_that_is_not_there_is_reported_and_nothing_is_printed(tmp_path: Path) -> None:
    run = Run("--log-file", str(tmp_path / "nothing.log"))
    assert (run.exit_code, run.out) == (1, "")
    assert run.err.endswith("nothing.log cannot be read: No such file or directory\n")


def test_a_file_without_anything_of_pulumi_is_reported_by_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk.\n", "utf-8")
    assert Run("--log-file", str(tmp_path / "notes.txt")).exit_code == 1


def test_a_device_is_no_file() -> None:
    run = Run("--events-file", "/dev/zero")
    assert (run.exit_code, run.out) == (1, "")


def test_no_file_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Run()
    assert ended.value.code == 2
    assert "--log-file" in capsys.readouterr().err


def test_t9_secrets_of_the_environment_are_masked(log: str) -> None:
    with Path(log).open("a", encoding="utf-8") as file:
        file.write("error: token pul-0123456789abcdef0123456789abcdef01234567 refused\n")
    run = Run("--log-file", log, PULUMI_ACCESS_TOKEN="pul-0123456789abcdef0123456789abcdef01234567")
    assert "pul-0123456789abcdef" not in run.out + run.err
