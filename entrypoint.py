"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

import gc

from upshot.runner.signals import hold_signals

_GC_THRESHOLD = 50_000
"""Allocations between two collections. Python's 700 cost a twentieth of the time to the first AI
request, and what is loaded until then is kept anyway."""

if __name__ == "__main__":
    gc.set_threshold(_GC_THRESHOLD)
    hold_signals()  # a run that is cancelled while the rest is loaded tells so, too
    from upshot.__main__ import leave, main

    leave(main())
