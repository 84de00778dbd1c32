"""The world: environment, clients, clock; the one `except` ladder; exit codes."""

from __future__ import annotations


def main() -> int:
    """Runs the action once; the exit code."""
    return 0
