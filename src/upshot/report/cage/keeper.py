"""Starts the cage, hands it orders, and takes what comes out, within bytes and time (threat T39).

A template of an allow-list cannot read or call anything, but loops over rows in loops over rows print
gigabytes in hours. So it is rendered in a process with limits; when that dies, the report goes on.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

import msgspec

from upshot.errors import TemplateFault
from upshot.report.cage.wire import CANNOT, Order, Outcome

_INSIDE: Final = os.path.join(os.path.dirname(__file__), "inside.py")  # noqa: PTH118, PTH120 - as a program
WITHIN_S: Final = 15.0
"""For one page by the clock; its processor time is bounded inside."""
_MOST_BYTES: Final = 16 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_KEPT: Final = ("LD_LIBRARY_PATH",)


class Cage:
    """One process for all pages of a run, started with the first; used by one thread at a time."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        within_s: float = WITHIN_S,
    ) -> None:
        self._monotonic = monotonic
        self._within_s = within_s
        self._process: subprocess.Popen[bytes] | None = None
        self._is_dead = False

    def render(self, source: str, values: Mapping[str, Any]) -> str:
        """The text of a user's template. Raises TemplateFault, also when the process dies of it."""
        if sys.platform == "win32":
            raise _fault("Windows keeps no limits for it; ours is used (docs/without-docker.md)")
        order = msgspec.json.encode(Order(source, dict(values))) + b"\n"
        try:
            line = self._exchange(order)
            outcome = msgspec.json.decode(line, type=Outcome)
        except (OSError, msgspec.DecodeError):
            self.close()
            raise _fault("it took too much time or memory, and was ended") from None
        if outcome.fault:
            raise TemplateFault(outcome.fault)
        return outcome.text

    def close(self) -> None:
        """Ends the process; nothing is rendered any more."""
        self._is_dead = True
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process:  # closes its pipes and waits for it
                pass

    def __del__(self) -> None:
        """With the last page, wherever that is rendered."""
        self.close()

    def _exchange(self, order: bytes) -> bytes:
        if self._is_dead:
            raise OSError("the process is dead")
        if self._process is None:
            self._process = _start()
        end_s = self._monotonic() + self._within_s
        to, back = _pipes(self._process)
        if sys.platform != "win32":
            os.set_blocking(to.fileno(), False)
        reply, rest = bytearray(), memoryview(order)
        while not reply.endswith(b"\n"):
            left_s = end_s - self._monotonic()
            writers = [to] if rest else []
            readable, writable, _ = select.select([back], writers, [], max(left_s, 0.0))
            if not (readable or writable) or len(reply) > _MOST_BYTES:
                raise OSError("no answer in time")
            if writable:
                rest = rest[os.write(to.fileno(), rest[:_CHUNK]) :]
            if readable:
                piece = os.read(back.fileno(), _CHUNK)
                if not piece:
                    raise OSError("the process has ended")
                reply += piece
        return bytes(reply)


def _start() -> subprocess.Popen[bytes]:
    """-I: no variables and no folder of the user's."""
    return subprocess.Popen(  # noqa: S603 - our own script, run by the Python that runs us
        (sys.executable, "-I", _INSIDE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        cwd="/",
    )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin  # noqa: S101 - it was started with pipes
    assert process.stdout  # noqa: S101
    return process.stdin, process.stdout


def _fault(why: str) -> TemplateFault:
    return TemplateFault(f"{CANNOT}: {why}")
