"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

from __future__ import annotations

import gc
import os
import sys

from upshot.runner.signals import hold_signals
from upshot.runner.startup import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from upshot.runner.guardian import Ended, Notes

_GC_THRESHOLD = 50_000
"""Allocations between two collections. Python's 700 cost a twentieth of the time to the first AI
request, and what is loaded until then is kept anyway."""


def run(notes: Notes | None) -> NoReturn:
    """The action, or the command line when there are arguments."""
    from upshot.__main__ import leave, main

    leave(main(notes.keep if notes else None))


def speak(ended: Ended, notes: dict[str, bytes]) -> int:
    """For a run that could not end by itself."""
    from upshot.__main__ import prepare_output
    from upshot.modes.shared.overdue import speak_for

    prepare_output()
    exit_code = speak_for(os.environ, sys.stdout, ended, notes)
    sys.stdout.flush()
    return exit_code


if __name__ == "__main__":
    gc.set_threshold(_GC_THRESHOLD)
    hold_signals()  # a run that is cancelled while the rest is loaded tells so, too
    prepare()
    if len(sys.argv) > 1 or sys.platform != "linux":
        run(None)
    from upshot.runner.guardian import guard, read_limit_s

    guard(run, lambda: read_limit_s(os.environ), speak)
