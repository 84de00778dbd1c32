"""Signals wait while the program is loaded, cancel it once, and change nothing at its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, signal, sys
from upshot.runner.signals import Interrupted, hold_signals, ignore_signals, raise_on_signals

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


AWKWARD = """
import io, os, signal, sys, time
from upshot.runner.signals import Interrupted, raise_on_signals

class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        print("finalized")

class Closing(io.RawIOBase):
    def close(self):
        if not self.closed:
            super().close()
            os.kill(os.getpid(), signal.SIGTERM)
            print("closed")

def clean():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        print("cleaned")
    except BaseException:
        pass

sys.path.insert(0, sys.argv[2])
raise_on_signals()
try:
    if sys.argv[1] == "finalizer":
        Dying()
    elif sys.argv[1] == "file":
        Closing()
    elif sys.argv[1] == "handler":
        clean()
    else:
        import cancelled_while_loading
    time.sleep(60)
except Interrupted as cancelled:
    cancelled.take()
    print("cancelled", cancelled.exit_code)
if signal.getitimer(signal.ITIMER_REAL)[0]:
    print("raised once more")
loaded = sys.modules.get("cancelled_while_loading")
print(getattr(loaded, "end", "none"))
"""
MODULE = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nend = 'loaded to its end'\n"


def told(*arguments: str, script: str = SCRIPT) -> list[str]:
    command = [sys.executable, "-I", "-c", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_cancels_once(name: str, code: int) -> None:
    assert told(name) == [f"cancelled {code}", "over"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_that_came_too_early_is_reported_when_it_can_be(name: str, code: int) -> None:
    assert told(name, "early") == ["loaded", f"cancelled {code}", "over"]


def test_a_signal_that_comes_at_the_end_changes_nothing() -> None:
    assert told("SIGTERM", "late") == ["over"]


@pytest.mark.parametrize("where", ["finalizer", "file", "handler"])
def test_a_cancellation_that_python_or_a_library_swallows_is_raised_again(
    where: str, tmp_path: Path
) -> None:
    """A file's or a response's finalizer clears what is raised in its `close` without a word."""
    assert told(where, str(tmp_path), script=AWKWARD) == ["cancelled 143", "none"]


def test_a_module_that_is_being_loaded_is_loaded_to_its_end_first(tmp_path: Path) -> None:
    """Or the import's locks stay locked, and threads that load something wait for ever."""
    (tmp_path / "cancelled_while_loading.py").write_text(MODULE, encoding="utf-8")
    expected = ["cancelled 143", "loaded to its end"]
    assert told("import", str(tmp_path), script=AWKWARD) == expected
