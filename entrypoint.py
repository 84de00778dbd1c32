"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

from upshot.__main__ import leave, main

if __name__ == "__main__":
    leave(main())
