"""A run that hangs where no alarm of Python's reaches it is ended, and spoken for (T38)."""

from __future__ import annotations

import json
import subprocess
import sys

from upshot.runner.guardian import Notes

SCRIPT = """
import json, os, re, signal, sys, time
from upshot.runner.guardian import guard
from upshot.runner.signals import hold_signals, raise_on_signals

def hang(notes):
    re.match(r"(a+)+$", "a" * 60 + "b")

def end(notes):
    os._exit(7)

def die(notes):
    os.kill(os.getpid(), signal.SIGKILL)

def cancelled(notes):
    raise_on_signals()
    try:
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(30)
    except BaseException as stop:
        os._exit(stop.exit_code)

def orphaned(notes):
    print(os.getpid(), flush=True)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)
    print("still here", flush=True)

def run(notes):
    notes.keep("case", b"early")
    notes.keep("task", b"\\0\\n")
    notes.keep("case", b"late")
    globals()[sys.argv[1]](notes)

def speak(ended, notes):
    told = {name: note.decode() for name, note in notes.items()}
    print(json.dumps([ended.is_overdue, ended.cancelled_by, told]))
    sys.stdout.flush()
    return 3

hold_signals()
guard(run, lambda: 1.1, speak, grace_s=0.0)
"""
TOLD = {"case": "late", "task": "\0\n"}


def guarded(how: str) -> tuple[int, list[object]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], capture_output=True, timeout=60, check=False
    )
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout or b"[]")


def test_t38_a_run_that_hangs_inside_an_expression_is_ended_and_spoken_for() -> None:
    assert guarded("hang") == (3, [True, 0, TOLD])


def test_a_run_that_something_kills_is_spoken_for() -> None:
    assert guarded("die") == (3, [False, 0, TOLD])


def test_a_run_that_ends_by_itself_needs_nobody_to_speak() -> None:
    assert guarded("end") == (7, [])


def test_a_signal_reaches_the_run() -> None:
    assert guarded("cancelled") == (143, [])


def test_a_run_whose_guardian_is_killed_ends_with_it() -> None:
    """Or this would wait for the end of its output, which comes after 30 seconds."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "orphaned"], capture_output=True, timeout=20, check=False
    )
    assert done.returncode == -9
    assert b"still here" not in done.stdout


def test_the_last_note_of_a_name_counts_and_half_a_note_does_not() -> None:
    notes = Notes()
    assert notes.read() == {}
    notes.keep("case", b"1")
    notes.keep("task", b"")
    notes.keep("case", b"22")
    assert notes.read() == {"case": b"22", "task": b""}
