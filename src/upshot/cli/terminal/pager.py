"""The user's pager, for what is longer than the screen."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from typing import Final

_QUIET: Final = {"", "cat"}
_LESS: Final = "FRX"
"""As git sets it: leave what fits, colours as they are, the page stays on the screen."""


def find_pager(env: Mapping[str, str]) -> list[str]:
    """The command of PAGER, else `less`; empty for none."""
    named = env.get("PAGER", "less")
    try:
        words = shlex.split(named)
    except ValueError:
        return []
    if not words or words[0] in _QUIET:
        return []
    program = shutil.which(words[0], path=env.get("PATH"))
    return [program, *words[1:]] if program else []


def show_in_pager(text: str, env: Mapping[str, str]) -> bool:
    """Whether a pager has shown it. A person who leaves early has seen enough."""
    command = find_pager(env)
    if not command:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's
    try:
        with subprocess.Popen(  # noqa: S603 - the user's own choice
            command,
            stdin=subprocess.PIPE,
            env={"LESS": _LESS, "LESSCHARSET": "utf-8", **env},
        ) as process:
            try:
                process.communicate(text.encode("utf-8", "replace"))
            except BrokenPipeError:
                process.wait()
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True
