"""The process that renders a user's template, within limits that the kernel keeps.

One JSON object a line comes in, one goes out. It has no environment, opens no file and starts nothing;
`keeper` is its only reader and writer.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from upshot.errors import TemplateFault
from upshot.report.cage.wire import CANNOT, Order, Outcome
from upshot.report.templating.sandbox import Templates, generate

PROCESSOR_S: Final = 3
"""Seconds of processor time for all pages of a run."""
MEMORY_BYTES: Final = 512 * 1024 * 1024
MOST_CHARACTERS: Final = 2_000_000
"""Of one page: twice what GitHub takes for a job summary."""


def main() -> int:
    """Renders until the orders end."""
    if not _confine():
        return 1
    with open(0, "rb", closefd=False) as orders, open(1, "wb", closefd=False) as outcomes:
        for line in orders:
            outcome = _obey(msgspec.json.decode(line, type=Order))
            outcomes.write(msgspec.json.encode(outcome) + b"\n")
            outcomes.flush()
    return 0


def _confine() -> bool:
    """False where the kernel keeps no such limits."""
    if sys.platform == "win32":
        return False
    import resource

    for limit, most in (
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return True


def _obey(order: Order) -> Outcome:
    try:
        return Outcome(text=_render(order.source, order.values))
    except TemplateFault as fault:
        return Outcome(fault=fault.message)
    except MemoryError:
        return Outcome(fault=f"{CANNOT}: it needs too much memory")
    except (SyntaxError, RecursionError):
        return Outcome(fault=f"{CANNOT}: it is nested too deeply")


def _render(source: str, values: Mapping[str, Any]) -> str:
    parts, left = [], MOST_CHARACTERS
    for part in generate(Templates().compile_here(source), values):
        left -= len(part)
        if left < 0:
            raise TemplateFault(f"{CANNOT}: its text is longer than {MOST_CHARACTERS:,} characters")
        parts.append(part)
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
