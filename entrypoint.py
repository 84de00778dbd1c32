"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

from upshot.runner.signals import hold_signals

if __name__ == "__main__":
    hold_signals()  # a run that is cancelled while the rest is loaded tells so, too
    from upshot.__main__ import leave, main

    leave(main())
