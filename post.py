#!/usr/local/bin/python -I
"""Starts the post stage. Executable: the runner starts it by its path, with arguments of its own."""

import os
import sys

from upshot.__main__ import leave
from upshot.post import clean_up
from upshot.timing import SystemClock

if __name__ == "__main__":
    clean_up(os.environ, sys.stdout, SystemClock())
    leave(0)
