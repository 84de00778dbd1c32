"""A Python that lacks what Windows' or macOS' lacks, as far as that can be had on Linux.

Its own libraries are Linux's, so paths and line ends stay Linux's; what is tried here is that nothing of
ours asks for a name that is not there. A type checker says the same of every line (`make static`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Final

from msgspec import Struct

from upshot_sandbox.machine import ROOT, Machine

_START: Final = """\
import os, runpy, signal, sys
import asyncio, socket, ssl, subprocess, tempfile, threading, urllib.request  # they ask which system it is
{take_away}
sys.platform = {platform!r}
sys.argv = [{entrypoint!r}]
runpy.run_path({entrypoint!r}, run_name="__main__")
"""
_OF_LINUX: Final = "memfd_create sched_getaffinity O_PATH"
_OF_POSIX: Final = (
    "fork forkpty setpgid setsid getpgid killpg geteuid getegid getuid getgid fchown fchmod chown lchown "
    "mkfifo pread pwrite set_blocking waitid WNOHANG O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY O_ASYNC "
    "getpwuid uname sysconf register_at_fork"
)
_SIGNALS: Final = (
    "pthread_sigmask sigtimedwait sigwait setitimer alarm pause SIGALRM SIGCHLD SIGKILL SIGHUP SIGUSR1 "
    "ITIMER_REAL SIG_BLOCK SIG_UNBLOCK"
)
_TAKE_AWAY: Final = """\
for name in {os!r}.split():
    if hasattr(os, name): delattr(os, name)
for name in {signal!r}.split():
    if hasattr(signal, name): delattr(signal, name)
for name in {modules!r}.split():
    sys.modules[name] = None
os.supports_dir_fd = set()
signal.SIGBREAK = signal.SIGUSR2
"""


class Lesser(Struct, frozen=True):
    """In the place of a container: the entry point on such a Python."""

    platform: str
    """`win32` or `darwin`."""

    def seen(self, machine: Machine) -> Machine:
        return machine

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        is_windows = self.platform == "win32"
        take_away = _TAKE_AWAY.format(
            os=f"{_OF_LINUX} {_OF_POSIX}" if is_windows else _OF_LINUX,
            signal=_SIGNALS if is_windows else "sigtimedwait",
            modules="fcntl resource pwd grp termios" if is_windows else "",
        )
        entrypoint = str(ROOT / "entrypoint.py")
        program = _START.format(take_away=take_away, platform=self.platform, entrypoint=entrypoint)
        return subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", program],
            cwd=machine.workspace,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
