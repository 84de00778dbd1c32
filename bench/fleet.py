"""The stacks of an organization: requests, seconds and memory for 100 to 100,000 of them.

`failed` asks about each stack that was ever updated, `stale` about none; the list alone is one request
a page of 100. Every 50th stack failed. Memory is the largest that the whole process had.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
from bench.action import Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Loopback, Reply, Request

SIZES: Final = (100, 1_000, 10_000)
SIMULATED: Final = 100_000
PAGE: Final = 100
MOST_MIB: Final = 16.0
_FAILED_EVERY: Final = 50
_TOKEN: Final = "pul-" + "0" * 40


class Organization:
    """Plays Pulumi Cloud's list and newest updates for `size` stacks."""

    size = 0

    def answer(self, request: Request) -> Reply:
        parts = urlsplit(request.target)
        if parts.path == "/api/user/stacks":
            token = parse_qs(parts.query).get("continuationToken", ["0"])[0]
            return Reply(self._page(int(token)))
        if parts.path.endswith("/updates/latest"):
            number = int(parts.path.split("/")[4].removeprefix("p"))
            result = "succeeded" if number % _FAILED_EVERY else "failed"
            info = {"kind": "update", "result": result, "version": 7}
            return Reply(msgspec.json.encode({"info": info, "updateID": "u", "version": 7}))
        return Reply(b'{"code": 404, "message": "not found"}', 404)

    def _page(self, start: int) -> bytes:
        end = min(start + PAGE, self.size)
        stacks = [
            {
                "orgName": "acme",
                "projectName": f"p{number:06d}",
                "stackName": "prod",
                "lastUpdate": 1_700_000_000,
            }
            for number in range(start, end)
        ]
        token = str(end) if end < self.size else None
        return msgspec.json.encode({"stacks": stacks, "continuationToken": token})


class Run(NamedTuple):
    requests: int
    seconds: float
    mib: float


def measure(step: Step, server: Loopback, words: str) -> Run:
    server.exchanges.clear()
    started = time.perf_counter()
    process = step.start(
        mode="fleet",
        organization="acme",
        fleet_select=words,
        fleet_limit="1000000",
        log_file="",
        pulumi_access_token=_TOKEN,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError((step.folder / "log").read_text())
    return Run(len(server.exchanges), time.perf_counter() - started, used.ru_maxrss / 1024)


def main() -> int:
    organization, found = Organization(), {}
    with (
        Loopback(organization.answer, round_trip_s=lambda _: 0.0) as server,
        Step(interpreter().python, cloud_url=server.url, github_url=server.url) as step,
    ):
        for size in SIZES:
            organization.size = size
            found[size] = measure(step, server, "failed")
        organization.size = SIMULATED
        listed = measure(step, server, "stale:30d,project:p0000*")
    figures = [
        Figure(
            f"fleet.requests.{size}",
            run.requests,
            size // PAGE + size,
            note=f"a page of {PAGE} and a stack each; {run.seconds:.1f} s, {run.mib:.0f} MiB",
        )
        for size, run in found.items()
    ]
    grown = found[SIZES[-1]].mib - found[SIZES[0]].mib
    return hand_over(
        [
            *figures,
            Figure("fleet.memory", round(grown, 1), MOST_MIB, "MiB", "10,000 stacks above 100"),
            Figure(
                f"fleet.requests.{SIMULATED}.listed",
                listed.requests,
                SIMULATED // PAGE,
                note=f"only the list is read; {listed.seconds:.1f} s, {listed.mib:.0f} MiB",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
