"""Nothing of Neo is loaded on the way to a Copilot answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

NEO = ("sse", "tasks", "task_events", "task_decode", "task_follow", "task_create", "neo_wire")


@pytest.mark.parametrize("module", ["upshot.backends.copilot", "upshot.backends.choose"])
def test_copilot_does_not_load_neo(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert module in loaded
    assert not {f"upshot.pulumi.{name}" for name in NEO} & loaded
    assert not any(name.startswith("upshot.backends.neo.backend") for name in loaded)
