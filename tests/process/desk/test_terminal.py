"""The installed command on a terminal of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.process.desk.conftest import Installed
from tests.unit.cli.conftest import LOG

SEQUENCES = re.compile(r"\x1b\[[0-9;]*m")
MANY = "Updating (acme/shop/prod):\n" + "".join(
    f" +   aws:s3:Bucket  bucket-{n}  created\n" for n in range(90)
)


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "pulumi.log"
    path.write_text(LOG, "utf-8")
    return str(path)


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that says that it was asked."""
    path = tmp_path / "pager"
    path.write_text("#!/bin/sh\necho PAGED\ncat\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_report_is_drawn_with_boxes_and_colours(desk: Installed, log: str) -> None:
    exit_code, shown = desk.run_on_terminal("explain", log)
    words = SEQUENCES.sub("", shown)
    assert exit_code == 0
    assert words.startswith("❌ Update failed · acme/shop/prod ───")
    assert "╭─ Caution ─" in words
    assert "\x1b[1;31m" in shown
    assert all(len(line) <= 100 for line in words.splitlines())


def test_without_the_extra_it_is_plain_and_as_good(plain: Installed, log: str) -> None:
    exit_code, shown = plain.run_on_terminal("explain", log)
    words = SEQUENCES.sub("", shown)
    assert exit_code == 0
    assert words.startswith("❌ Update failed · acme/shop/prod\n")
    assert "│ What failed first: receipts (aws:s3:Bucket) could not be created" in words


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colour_gets_none(
    desk: Installed, plain: Installed, log: str, env: dict[str, str]
) -> None:
    for installed in (desk, plain):
        exit_code, shown = installed.run_on_terminal("explain", log, env=env)
        assert exit_code == 0
        assert "Update failed" in shown
        assert "\x1b" not in shown


def test_never_and_always_are_heard_first(desk: Installed, log: str) -> None:
    _, shown = desk.run_on_terminal("explain", log, "--color", "never")
    assert "\x1b" not in shown
    _, shown = desk.run_on_terminal("explain", log, "--color", "always", env={"NO_COLOR": "1"})
    assert "\x1b[1;31m" in shown
    piped = desk.run("explain", log, "--color", "always")
    assert b"\x1b[1;31m" in piped.stdout


def test_only_what_is_longer_than_the_screen_is_paged(
    desk: Installed, log: str, pager: str
) -> None:
    _, shown = desk.run_on_terminal("explain", log, env={"PAGER": pager}, lines=10)
    assert shown.startswith("PAGED\n")
    assert "❌" in shown
    _, shown = desk.run_on_terminal("explain", log, env={"PAGER": pager}, lines=200)
    assert "PAGED" not in shown
    _, shown = desk.run_on_terminal("explain", log, "--no-pager", env={"PAGER": pager}, lines=10)
    assert "PAGED" not in shown
    piped = desk.run("explain", log, env={"PAGER": pager, "LINES": "5"})
    assert b"PAGED" not in piped.stdout


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager -x", "'", "/"])
def test_a_pager_that_is_none_hides_nothing(desk: Installed, log: str, pager: str) -> None:
    exit_code, shown = desk.run_on_terminal("explain", log, env={"PAGER": pager}, lines=10)
    assert exit_code == 0
    assert "BucketAlreadyExists" in shown


def test_a_pager_that_is_left_early_is_no_fault(desk: Installed, log: str) -> None:
    exit_code, shown = desk.run_on_terminal("explain", log, env={"PAGER": "true"}, lines=10)
    assert (exit_code, shown) == (0, "")


def test_what_is_folded_is_short_unless_all_is_asked_for(
    desk: Installed, plain: Installed, tmp_path: Path
) -> None:
    (tmp_path / "many.log").write_text(MANY, "utf-8")
    for installed in (desk, plain):
        _, shown = installed.run_on_terminal("explain", str(tmp_path / "many.log"))
        assert "more lines: --all shows them" in shown
        assert "bucket-80" not in shown
        _, shown = installed.run_on_terminal("explain", "--all", str(tmp_path / "many.log"))
        assert "bucket-80" in shown


def test_no_escape_code_of_a_log_reaches_the_terminal(
    desk: Installed, plain: Installed, tmp_path: Path
) -> None:
    hostile = "\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\\x1b[2J\x9b31m&#27;[2J"
    text = LOG.replace("not available", f"[bold]not {hostile} available").replace(
        "reader", f"r{hostile}"
    )
    (tmp_path / "hostile.log").write_text(text, "utf-8")
    for installed in (desk, plain):
        _, shown = installed.run_on_terminal("explain", str(tmp_path / "hostile.log"))
        assert "BucketAlreadyExists" in shown
        assert not {"\x1b", "\x07", "\x9b"} & set(SEQUENCES.sub("", shown))
        assert "\x1b[2J" not in shown
        assert "[bold]" in shown, "nothing in a log is markup"


def test_findings_have_colours_on_a_terminal_alone(desk: Installed, tmp_path: Path) -> None:
    path = tmp_path / "up.yml"
    path.write_text("on: push\njobs: {a: {steps: [{uses: pulumi-upshot/upshot@v1}]}}\n", "utf-8")
    exit_code, shown = desk.run_on_terminal("check", str(path))
    assert exit_code == 1
    assert "\x1b[1;31merror\x1b[0m" in shown
    assert b"\x1b" not in desk.run("check", str(path)).stdout
