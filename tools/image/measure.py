"""What a user waits for before Upshot does anything: bytes to fetch, and the start of the container.

Bytes have limits. Times have none, since a machine may be slow or busy; the least of one against the least of
another, in turns, has.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from tools.image.container import Container
from tools.image.engine import CONFINED, IMAGE, SOURCES, BuildFailed, Engine
from tools.image.limits import MOST_BYTES, MOST_LAYERS, MOST_RELEASE_BYTES, find_excess
from tools.image.weigh import Layer, weigh

from upshot_sandbox.runner import run_action
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

_ASKING: Final = "POST /api/ai/chat/preview"
_LAYERS: Final = ("Python, and what it is linked to", "libraries", "Upshot")
MOST_OF_SOURCES: Final = 0.6
"""A start with byte code, as a part of one without it."""
_ROUNDS: Final = 5
_SMALL: Final = 100_000
"""Compressed bytes below which a part has no line of its own."""


def measure(engine: Engine) -> int:
    """Prints everything; 1 when the image is beyond a limit, else 0."""
    layers = weigh(engine, IMAGE)
    excess = find_excess([layer.size_bytes for layer in layers])
    print(format_weight(layers))
    starts = measure_starts(engine)
    print(format_starts(starts))
    if starts.of_sources > MOST_OF_SOURCES:
        excess.append(f"{starts.of_sources:.2f} of a start without byte code")
    for line in excess:
        print(f"image: TOO MUCH: {line}")
    return 1 if excess else 0


def format_weight(layers: Sequence[Layer]) -> str:
    """A table of layers against their limits, and one of the biggest parts."""
    total = sum(layer.size_bytes for layer in layers)
    names = _LAYERS if len(layers) == len(_LAYERS) else [layer.digest for layer in layers]
    rows = [(name, layer.size_bytes, 0) for name, layer in zip(names, layers, strict=True)]
    if rows:
        rows[-1] = (*rows[-1][:2], MOST_RELEASE_BYTES)
    rows.append((f"all {len(layers)} layers (at most {MOST_LAYERS})", total, MOST_BYTES))
    parts = sum((Counter(layer.parts) for layer in layers), Counter[str]())
    big = [(name, size, 0) for name, size in parts.most_common() if size >= _SMALL]
    rest = sum(parts.values()) - sum(size for _, size, _ in big)
    return "\n".join(
        [
            "image: compressed, in MB                      found  limit",
            *(_row(*row) for row in rows),
            "image: its parts, each compressed by itself",
            *(_row(*row) for row in big),
            _row("smaller ones", rest, 0),
        ]
    )


def _row(name: str, size_bytes: int, limit_bytes: int) -> str:
    limit = f"{limit_bytes / 1e6:6.2f}" if limit_bytes else ""
    return f"  {name:42} {size_bytes / 1e6:6.2f} {limit}".rstrip()


class Starts(Struct, frozen=True):
    """Seconds from the start of a container, round by round."""

    empty: list[float]
    """To the end of an empty program."""
    compiled: list[float]
    """To the first AI request."""
    sources: list[float]
    """The same without byte code."""

    @property
    def of_sources(self) -> float:
        """The least with byte code, as a part of the least without it."""
        return min(self.compiled) / min(self.sources)


def measure_starts(engine: Engine) -> Starts:
    """Takes turns for some rounds, of which the first does not count. Raises BuildFailed."""
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        rounds = []
        for number in range(_ROUNDS + 1):
            place = Path(folder, str(number))
            empty = _time_empty(engine)
            compiled = _time_start(engine, IMAGE, place / "compiled")
            rounds.append((empty, compiled, _time_start(engine, SOURCES, place / "sources")))
    return Starts(*(list(column) for column in zip(*rounds[1:], strict=True)))


def format_starts(starts: Starts) -> str:
    """The medians, and what byte code is good for."""
    of = statistics.median
    return "\n".join(
        [
            f"image: from the start of the container, median of {len(starts.empty)}, in s",
            f"  to the end of an empty program             {of(starts.empty):6.2f}",
            f"  to the first AI request                    {of(starts.compiled):6.2f}",
            f"  to the same without byte code              {of(starts.sources):6.2f}",
            f"  with byte code, of one without: the least  {starts.of_sources:6.2f} {MOST_OF_SOURCES:6.2f}",
        ]
    )


def _time_empty(engine: Engine) -> float:
    options = [*CONFINED, "--network=none", "--entrypoint=/usr/local/bin/python"]
    began_s = time.monotonic()
    engine.run("podman", "run", *options, IMAGE, "-I", "-c", "pass")
    return time.monotonic() - began_s


def _time_start(engine: Engine, image: str, folder: Path) -> float:
    """From the start of the container to the first AI request."""
    host = Container(engine, f"upshot-measured-{folder.name}", image=image)
    with Sandbox(load_scenario("failed-update")) as sandbox:
        began_s = time.time() - sandbox.world.started_at
        result = run_action(sandbox, folder, host=host)
        asked = [request.at_s for request in result.requests if request.line == _ASKING]
        if not asked:
            raise BuildFailed(f"{image} did not ask:\n{result.log}")
        return asked[0] - began_s
