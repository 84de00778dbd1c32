"""`upshot check`: files in, findings out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.cli.test_check_rules import GOOD

Upshot = Callable[..., Any]
BAD = GOOD.replace("        if: always()\n", "")


def write(folder: Path, text: str, name: str = "up.yml") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_an_error_ends_with_1_and_shows_what_to_paste(upshot: Upshot, tmp_path: Path) -> None:
    path = write(tmp_path, BAD)
    run = upshot("check", path)
    assert run.exit_code == 1
    assert f"{path}:18: error: Upshot is skipped when the Pulumi step fails [always]" in run.out
    assert "        if: always()\n" in run.out
    assert run.out.endswith("1 error in 1 file\n")


def test_a_warning_ends_with_0(upshot: Upshot, tmp_path: Path) -> None:
    run = upshot("check", write(tmp_path, GOOD.replace(" 2>&1 |", " |")))
    assert run.exit_code == 0
    assert "1 warning in 1 file" in run.out


def test_nothing_to_mend_is_said(upshot: Upshot, tmp_path: Path) -> None:
    run = upshot(
        "check", write(tmp_path, GOOD), write(tmp_path, "jobs: {a: {steps: []}}", "ci.yml")
    )
    assert (run.exit_code, run.err) == (0, "")
    assert run.out == "Nothing to mend in 2 files; 1 of them does not use Upshot\n"


def test_json_has_each_finding_with_its_place(upshot: Upshot, tmp_path: Path) -> None:
    path = write(tmp_path, BAD)
    run = upshot("check", path, "--json")
    document = json.loads(run.out)
    assert run.exit_code == 1
    assert document["files"] == [{"path": path, "uses_upshot": True}]
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["level"]) == (path, 18, "error")
    assert (finding["rule"], finding["paste"]) == ("always", "if: always()")


def test_a_file_that_is_not_there_is_reported(upshot: Upshot) -> None:
    run = upshot("check", "/no/such.yml")
    assert (run.exit_code, run.out) == (1, "")
    assert "/no/such.yml cannot be read" in run.err


def test_what_a_terminal_obeys_is_not_shown(upshot: Upshot, tmp_path: Path) -> None:
    hostile = BAD.replace("log-file:", '"log\\x1b[2J-fil\\x07e":')
    run = upshot("check", write(tmp_path, hostile), "--color", "never")
    assert run.exit_code == 1
    assert not {"\x1b", "\x07"} & set(run.out)


def test_t9_secrets_of_the_environment_are_masked(upshot: Upshot, tmp_path: Path) -> None:
    token = "pul-0123456789abcdef0123456789abcdef01234567"
    path = write(
        tmp_path, GOOD.replace("outcome: $", f"comment-mode: {token}\n          outcome: $")
    )
    run = upshot("check", path, "--json", PULUMI_ACCESS_TOKEN=token)
    assert "comment-mode" in run.out
    assert token not in run.out
