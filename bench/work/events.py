"""Engine events: throughput against `json.loads`, and memory that does not grow with the log.

Each measurement runs in a process of its own, since a peak is a process's. Events are generated
while they are read: no file of 600 MB is written.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench.figures import Figure, hand_over

MAX_TIME_RATIO = 0.5
"""Of the time that `json.loads` on each line takes."""
MAX_GROWTH_MIB = 8.0
"""Peak of a run with 1,000,000 events above that of one with 1,000."""
MAX_CONSOLE_MIB = 64.0
"""Peak of reading a console log of 200 MB."""

MANY = 1_000_000
FEW = 1_000
CONSOLE_BYTES = 200_000_000
THROUGHPUT = {100_000: None, 1_000_000: MAX_TIME_RATIO}
"""Events -> limit. What each failure costs weighs more in a short log: so it has no limit."""
_BLOCK = 20_000

TYPES = ("aws:s3/bucket:Bucket", "aws:iam/role:Role", "kubernetes:apps/v1:Deployment")
OPS = ("same", "same", "same", "same", "update", "create", "delete", "replace")


def event(number: int) -> bytes:
    """One event of about 600 bytes; of twenty, one is a diagnostic."""
    urn = f"urn:pulumi:dev::shop::{TYPES[number % 3]}::item-{number}"
    if number % 20 == 0:
        severity = ("warning", "info", "info#err", "error")[number // 20 % 4]
        payload: dict[str, Any] = {
            "diagnosticEvent": {
                "urn": urn,
                "prefix": f"{severity}: ",
                "message": "<{%reset%}>the property is deprecated, use the other one " * 8,
                "severity": severity,
            }
        }
    else:
        kind = "resourcePreEvent" if number % 2 else "resOutputsEvent"
        metadata = {
            "op": OPS[number % 8],
            "urn": urn,
            "type": TYPES[number % 3],
            "old": {"type": TYPES[number % 3], "urn": urn, "id": f"id-{number}", "protect": False,
                    "inputs": {"tags": {"n": str(number)}}, "outputs": {"arn": f"arn:{number}" * 6}},
            "new": None,
            "diffs": ["tags"],
            "detailedDiff": {"tags.n": {"diffKind": "update", "inputDiff": True}},
            "provider": "urn:pulumi:dev::shop::pulumi:providers:aws::default::1",
        }  # fmt: skip
        payload = {kind: {"metadata": metadata, "planning": False}}
    whole = {"sequence": number, "timestamp": 1_700_000_000 + number // 100, **payload}
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


def events(count: int) -> Iterator[bytes]:
    return map(event, range(count))


def console(total_bytes: int) -> Iterator[bytes]:
    """Noise, then a table and a failure."""
    line = b"2026-11-21T10:00:00.1234567Z npm http fetch GET 200 https://example.com/p 12ms\n"
    for _ in range(total_bytes // (1_000 * len(line))):
        yield line * 1_000
    yield b"Updating (dev):\n     Type                 Name  Status                  Info\n"
    yield b" +   aws:s3:Bucket        b     **creating failed**     1 error\n\nDiagnostics:\n"
    yield b"  aws:s3:Bucket (b):\n    error: api error AccessDenied: no\n\nDuration: 3s\n"


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(what: str) -> float:
    """In a child: the figure that `what` names."""
    from upshot.evidence import facts_from_console, facts_from_events

    if what == "console":
        assert facts_from_console(console(CONSOLE_BYTES)).failed_resources
        return peak_mib()
    if what.startswith("events:"):
        facts_from_events(events(int(what.partition(":")[2])))
        return peak_mib()
    return time_ratio(int(what.partition(":")[2]))


def time_ratio(count: int) -> float:
    """Of the time that `json.loads` on the same lines takes; both take turns, block by block.

    A million lines are never in memory at once: what making them takes is not counted.
    """
    from upshot.evidence import facts_from_events

    made_s = loads_s = 0.0

    def lines() -> Iterator[bytes]:
        nonlocal made_s, loads_s
        for first in range(0, count, _BLOCK):
            started = time.process_time()
            block = [event(number) for number in range(first, first + _BLOCK)]
            made = time.process_time()
            for line in block:
                json.loads(line)
            loads_s += time.process_time() - made
            made_s += made - started
            yield from block

    started = time.process_time()
    facts_from_events(lines())
    return (time.process_time() - started - made_s - loads_s) / loads_s


def in_child(what: str) -> float:
    command = [sys.executable, "-m", "bench.work.events", what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> int:
    many, few = in_child(f"events:{MANY}"), in_child(f"events:{FEW}")
    peaks = f"MiB at the peak: {many:.1f} with {MANY:,} events, {few:.1f} with {FEW:,}"
    console_mib = round(in_child("console"), 1)
    return hand_over(
        [
            *(
                Figure(
                    f"events.time.{count}",
                    round(in_child(f"ratio:{count}"), 3),
                    limit,
                    "x",
                    "of `json.loads` on each line",
                )
                for count, limit in THROUGHPUT.items()
            ),
            Figure("events.growth", round(many - few, 1), MAX_GROWTH_MIB, "MiB", peaks),
            Figure("console.peak", console_mib, MAX_CONSOLE_MIB, "MiB", "a log of 200 MB"),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(sys.argv[1]))
    else:
        sys.exit(main())
