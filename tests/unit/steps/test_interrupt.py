"""Signals wait while the program is loaded, cancel it once, and change nothing at its end."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys
from upshot.steps.interrupt import Interrupted, hold_signals, ignore_signals, raise_on_signals

def send():
    os.kill(os.getpid(), signal.Signals[sys.argv[1]])

hold_signals()
if "early" in sys.argv:
    send()
    print("loaded")
try:
    raise_on_signals()
    if "late" not in sys.argv:
        send()
    ignore_signals()
except Interrupted as cancelled:
    print("cancelled", cancelled.exit_code)
send()
print("over")
"""


def told(*arguments: str) -> list[str]:
    command = [sys.executable, "-I", "-c", SCRIPT, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_cancels_once(name: str, code: int) -> None:
    assert told(name) == [f"cancelled {code}", "over"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_that_came_too_early_is_told_when_it_can_be(name: str, code: int) -> None:
    assert told(name, "early") == ["loaded", f"cancelled {code}", "over"]


def test_a_signal_that_comes_at_the_end_changes_nothing() -> None:
    assert told("SIGTERM", "late") == ["over"]
