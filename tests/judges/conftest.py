"""Parts that others wrote, as `make test-judges` installs them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from upshot_sandbox.machine import ROOT

MODULES: Final = ROOT / "build" / "judges" / "node_modules"
BIN: Final = ROOT / "build" / "judges" / "bin"
"""Programs built from Go modules."""


@pytest.fixture(scope="session")
def modules() -> Path:
    """Folder of the npm packages of tests/judges/package.json."""
    if not MODULES.is_dir():
        pytest.fail(f"{MODULES} is not there: run make test-judges")
    return MODULES


def find_program(name: str) -> str:
    """Path of a program that came with the Python packages, or with the machine."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.fail(f"{name} is not there: run make test-judges")
    return found


collect_ignore = [] if "UPSHOT_ACT_IMAGE" in os.environ else ["test_act.py"]
"""Needs containers, which tools/judges/act.py prepares."""
