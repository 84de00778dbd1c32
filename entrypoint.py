"""Starts Upshot. The image runs it as `python -I`, so that no file of the workspace is imported."""

import sys

from upshot.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
