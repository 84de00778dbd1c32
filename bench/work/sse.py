"""Ten thousand server-sent events: the time to parse them against the time to read their lines.

Both read the same chunks through the same httpx response; rounds alternate, and the medians of
processor time are compared, so a busy machine slows both.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx
from bench.figures import Figure, hand_over

from upshot.http.sse import SseParser
from upshot.pulumi.neo.decode import parse_event

EVENTS: Final = 10_000
CHUNK_BYTES: Final = 1_400
"""About what one TCP segment carries."""
ROUNDS: Final = 15
LIMIT: Final = 2.0


class Chunks(httpx.SyncByteStream):
    """A body that comes in pieces, as from a socket."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body[i : i + CHUNK_BYTES] for i in range(0, len(body), CHUNK_BYTES)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def build_stream(events: int) -> bytes:
    """A stream as Neo sends it: an id and one JSON event of some 250 bytes each."""
    frames = []
    for n in range(events):
        body = {"type": "assistant_message", "content": f"Step {n}: looking at the äöü stack",
                "is_final": False, "timestamp": "2026-11-21T10:00:00Z"}  # fmt: skip
        ident = f"01234567-0000-4000-8000-{n:012x}"
        event = {"id": ident, "type": "agentResponse", "isSynthetic": False, "eventBody": body}
        frames.append(f"id: {ident}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n")
    return "".join(frames).encode()


def read_lines(response: httpx.Response) -> int:
    return sum(1 for line in response.iter_lines() if not line)


def parse_frames(response: httpx.Response) -> int:
    parser = SseParser()
    return sum(len(parser.feed(chunk)) for chunk in response.iter_bytes())


def parse_events(response: httpx.Response) -> int:
    parser = SseParser()
    return sum(
        1
        for chunk in response.iter_bytes()
        for frame in parser.feed(chunk)
        if parse_event(frame.data).id
    )


def cost_s(work: Callable[[httpx.Response], int], body: bytes) -> float:
    """Processor time of one pass; fails when an event is missing."""
    response = httpx.Response(200, stream=Chunks(body))
    began = time.process_time()
    found = work(response)
    took = time.process_time() - began
    assert found == EVENTS, f"{work.__name__} found {found}"
    return took


def main() -> int:
    body = build_stream(EVENTS)
    works = (read_lines, parse_frames, parse_events)
    costs: dict[str, list[float]] = {work.__name__: [] for work in works}
    for _ in range(ROUNDS):
        for work in works:
            costs[work.__name__].append(cost_s(work, body))
    medians = {name: statistics.median(taken) for name, taken in costs.items()}
    note = ", ".join(f"{name} {s * 1000:.0f} ms" for name, s in medians.items())
    frames = medians["parse_frames"] / medians["read_lines"]
    events = medians["parse_events"] / medians["read_lines"]
    return hand_over(
        [
            Figure("sse.of_lines", round(frames, 2), LIMIT, "x", f"{EVENTS:,} events: {note}"),
            Figure("sse.of_lines_with_json", round(events, 2), unit="x", note="events decoded"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
