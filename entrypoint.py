"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

from upshot.steps.interrupt import Interrupted, raise_on_signals

if __name__ == "__main__":
    try:
        raise_on_signals()  # before the rest is loaded: a run may be cancelled by then
        from upshot.__main__ import leave, main
    except Interrupted as cancelled:
        raise SystemExit(cancelled.exit_code) from None
    leave(main())
