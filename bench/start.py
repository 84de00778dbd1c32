"""From the start of the process to its first AI request, and what it has loaded by then.

The way is the main job's: a pull request's event, a console log of a failed update, one look at
the update in Pulumi Cloud, then the question to Copilot. The process is ended when the question
arrives. Compared, in alternating rounds, with the same interpreter doing nothing, with node doing
nothing, and with node loading a bundled comment action.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from bench.action import Step, interpreter, stop
from bench.figures import Figure, hand_over, interleave, median_ms, ratio
from bench.loopback import Loopback, Reply, Request
from bench.peer import bundle, version, without_node_options

ROUNDS: Final = 31
MOST_OF_PEER: Final = 1.6
MOST_OF_FLOOR: Final = 12.0
MOST_MODULES: Final = 305
HEAVY: Final = frozenset(
    [
        "github",
        "jinja2",
        "markdown_it",
        "cryptography",
        "jwt",
        "requests",
        "urllib3",
        "pydantic",
        "rich",
        "click",
        "asyncio",
        "httpcore",
        "h11",
        "anyio",
    ]
)
_PATIENCE_S: Final = 60.0
_TOKEN: Final = "pul-" + "0" * 40
_COUNTING: Final = """
import sys, threading, time
from upshot.runner.startup import prepare
prepare()
from upshot import __main__ as upshot
from upshot.backends.copilot import CopilotBackend
ask = CopilotBackend.ask
def counted(self, question, *, on_sent):
    def sent():
        print("MODULES", *sorted(sys.modules), file=sys.__stderr__, flush=True)
        on_sent()
    return ask(self, question, on_sent=sent)
CopilotBackend.ask = counted
upshot.main()
"""


def spend(command: list[str]) -> float:
    """Seconds from start to end."""
    started = time.perf_counter()
    subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=without_node_options() if "node" in command[0] else None,
    )
    return time.perf_counter() - started


class FirstRequest:
    """Measures until the first AI request is there."""

    def __init__(self, python: str) -> None:
        self._asked = threading.Event()
        self._arrived_s = 0.0
        self._server = Loopback(self._answer, round_trip_s=lambda _: 0.0)
        self._server.on_arrival = self._note
        self._python = python
        self.cpu_s: list[float] = []
        """Processor time that the process had used by then; empty where the system does not say."""

    def __enter__(self) -> Self:
        self._server.__enter__()
        self._step = Step(self._python, cloud_url=self._server.url, github_url=self._server.url)
        return self

    def __exit__(self, *_: object) -> None:
        self._step.__exit__()
        self._server.__exit__(None, None, None)

    def spend(self) -> float:
        """Seconds from the start to the request."""
        self._asked.clear()
        started = time.perf_counter()
        process = self._step.start(pulumi_access_token=_TOKEN, outcome="failure")
        if not self._asked.wait(_PATIENCE_S):
            stop(process)
            raise RuntimeError((self._step.folder / "log").read_text())
        self._note_cpu(process.pid)
        stop(process)
        return self._arrived_s - started

    def modules(self) -> set[str]:
        """Names of all modules that are loaded when the request leaves."""
        with tempfile.TemporaryDirectory(prefix="upshot-bench-") as folder:
            script = Path(folder) / "counting.py"
            script.write_text(_COUNTING)
            url = self._server.url
            with Step(self._python, cloud_url=url, github_url=url, script=script) as step:
                process = step.start(pulumi_access_token=_TOKEN, outcome="failure")
                try:
                    return self._read_modules(step.folder / "log")
                finally:
                    stop(process)

    @staticmethod
    def _read_modules(log: Path) -> set[str]:
        stop_at = time.monotonic() + _PATIENCE_S
        while time.monotonic() < stop_at:
            for line in log.read_text().splitlines():
                if line.startswith("MODULES "):
                    return set(line.split()[1:])
            time.sleep(0.05)
        raise RuntimeError("the process did not print its modules")

    def _note(self, line: str) -> None:
        if "/api/ai/" in line and not self._asked.is_set():
            self._arrived_s = time.perf_counter()
            self._asked.set()

    def _note_cpu(self, pid: int) -> None:
        """Of the process and the one that it watches (docs/decisions/0042-hard-end.md)."""
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            spent = [
                Path(f"/proc/{each}/schedstat").read_text().split()[0] for each in (pid, *children)
            ]
        except OSError:
            return
        self.cpu_s.append(sum(map(int, spent)) / 1e9)

    @staticmethod
    def _answer(request: Request) -> Reply:
        if "/api/ai/" in request.target:
            return Reply(b'{"messages": [], "conversationId": "c"}')
        return Reply(b'{"code": 404, "message": "not found"}', 404)


def main() -> int:
    found = interpreter()
    peer = bundle()
    with FirstRequest(found.python) as first:
        modules = first.modules()
        works: dict[str, Callable[[], float]] = {
            "action": first.spend,
            "floor": lambda: spend([found.python, "-I", "-c", "pass"]),
        }
        if peer:
            works["node"] = lambda: spend([peer[0], "-e", "0"])
            works["peer"] = lambda: spend(peer)
        taken = interleave(works, rounds=ROUNDS)
        cpu_ms = median_ms(first.cpu_s) if first.cpu_s else 0.0
    return hand_over(_figures(taken, modules, cpu_ms=cpu_ms, is_clean=found.is_clean))


def _figures(
    taken: dict[str, list[float]], modules: set[str], *, cpu_ms: float, is_clean: bool
) -> list[Figure]:
    heavy = sorted({name.partition(".")[0] for name in modules} & HEAVY)
    note = f"{median_ms(taken['action']):.0f} ms, {cpu_ms:.0f} ms of it on a processor"
    if not is_clean:
        note += "; with development's packages installed beside it"
    to_floor = Figure(
        "start.of_floor",
        round(ratio(taken, "action", "floor"), 2),
        None if "peer" in taken else MOST_OF_FLOOR,
        "x",
        f"{note}; `python -I -c pass`: {median_ms(taken['floor']):.0f} ms",
    )
    figures = [
        to_floor,
        Figure(
            "start.modules",
            len(modules),
            MOST_MODULES,
            note="loaded when the first AI request leaves",
        ),
        Figure("start.heavy_modules", len(heavy), 0, note=" ".join(heavy) or "none"),
    ]
    if "peer" not in taken:
        return figures
    loading = f"{version()} loading a bundle of 1 MB: {median_ms(taken['peer']):.0f} ms"
    doing = f"`node -e 0`: {median_ms(taken['node']):.0f} ms"
    of_peer = ratio(taken, "action", "peer")
    of_node = ratio(taken, "action", "node")
    return [
        Figure(
            "start.of_comment_action", round(of_peer, 2), MOST_OF_PEER, "x", f"{note}; {loading}"
        ),
        Figure("start.of_node", round(of_node, 2), unit="x", note=doing),
        *figures,
    ]


if __name__ == "__main__":
    sys.exit(main())
