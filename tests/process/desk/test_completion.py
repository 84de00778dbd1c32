"""Completion, tried in the shells that are on this machine; bash is on every one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.process.desk.conftest import Installed

from upshot.cli.options import COMMANDS, SHELLS

BASH = """\
source "$1"; shift
COMP_WORDS=(upshot "$@"); COMP_CWORD=$#; _shtab_upshot
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = 'source "$argv[1]"; complete -C "upshot $argv[2..]"'
ZSH = 'autoload -U compinit; compinit -D -u; eval "$(cat $1)"; print $_comps[upshot]'


@pytest.fixture
def script(desk: Installed, tmp_path: Path, shell: str) -> Path:
    run = desk.run("completion", shell)
    assert (run.returncode, run.stderr) == (0, b"")
    path = tmp_path / f"upshot.{shell}"
    path.write_bytes(run.stdout)
    return path


def ask(script: Path, *words: str) -> list[str]:
    """What the shell offers for the last word."""
    shell = script.suffix[1:]
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    command = {
        "bash": ["bash", "-c", BASH, "bash", str(script), *words],
        "fish": ["fish", "--no-config", "-c", FISH, str(script), *words],
    }[shell]
    (script.parent / "pulumi.log").touch()
    found = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=script.parent
    ).stdout
    return [line.partition("\t")[0] for line in found.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_commands_options_values_and_files_are_completed(script: Path) -> None:
    assert set(ask(script, "")) >= set(COMMANDS)
    assert ask(script, "wh") == ["why"]
    assert ask(script, "explain", "--ev") == ["--events-file"]
    assert ask(script, "ask", "Why", "--backend", "ne") == ["neo"]
    assert ask(script, "explain", "pul") == ["pulumi.log"]
    assert ask(script, "explain", "--log-file", "pul") == ["pulumi.log"]


@pytest.mark.parametrize("shell", ["zsh"])
def test_zsh_takes_the_script(script: Path) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not on this machine")
    command = ["zsh", "-fc", ZSH, "zsh", str(script)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout == "_shtab_upshot\n"
    assert found.stderr == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_without_the_extra_it_is_said_what_to_install(plain: Installed, shell: str) -> None:
    run = plain.run("completion", shell)
    assert (run.returncode, run.stdout) == (1, b"")
    assert b"pipx install 'pulumi-upshot[desk]'" in run.stderr
