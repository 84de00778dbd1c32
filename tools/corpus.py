"""The format of a labelled corpus: one case a line, and what the engine made of a case.

Knows the public functions of `upshot.evidence`, nothing of how they work.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from upshot.evidence import Excerpt, diagnose, facts_from_console, facts_from_events
from upshot.model import Diagnosis, Facts

BUDGET_BYTES: Final = 4_000
"""What Copilot's summary skill reads."""


class Resource(Struct, frozen=True):
    name: str
    type: str = ""
    operation: str = "unknown"


class Location(Struct, frozen=True):
    file: str
    line: int


class Case(Struct, frozen=True, rename={"failure_class": "class"}):
    """One labelled run; either `log` holds its console output or `events_file` names its events."""

    id: str
    outcome: str
    failure_class: str
    log: str = ""
    events_file: str = ""
    """Relative to the corpus; engine events as JSON lines."""
    also: tuple[str, ...] = ()
    """Classes that are not wrong either."""
    provider: str = ""
    failed: tuple[Resource, ...] = ()
    root_cause_line: str | None = None
    status_code: int | None = None
    error_code: str | None = None
    source_location: Location | None = None
    traits: tuple[str, ...] = ()
    advice: tuple[str, ...] | None = None
    """Values of the evidence that the first step must name; None where nobody has labelled it."""


class Result(Struct, frozen=True):
    """What the engine made of one case."""

    case: Case
    text: str
    """The evidence as it was read."""
    facts: Facts
    diagnosis: Diagnosis
    excerpt: str
    """The cut of the log in ordinary output; empty for events, which have no such surroundings."""
    plain_cut: str
    """The same log, its middle cut out."""
    seconds: float


def load_corpus(path: Path) -> list[Case]:
    """Every case of a JSON lines file; raises msgspec.ValidationError for one that is malformed."""
    lines = path.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Case) for line in lines if line.strip()]


def run_case(case: Case, folder: Path) -> Result:
    """Reads and diagnoses one case; `folder` is the corpus's, for event files."""
    raw = (folder / case.events_file).read_bytes() if case.events_file else case.log.encode()
    read = facts_from_events if case.events_file else facts_from_console
    started = time.perf_counter()
    facts = read(raw.splitlines(keepends=True))
    diagnosis = diagnose(facts)
    seconds = time.perf_counter() - started
    excerpt = plain = ""
    if case.log:
        whole = embed(case.log)
        around = facts_from_console(whole.encode().splitlines(keepends=True))
        excerpt = Excerpt(around).cut(BUDGET_BYTES)
        plain = whole[: BUDGET_BYTES // 2] + whole[-BUDGET_BYTES // 2 :]
    return Result(case, raw.decode("utf-8", "replace"), facts, diagnosis, excerpt, plain, seconds)


def embed(log: str) -> str:
    """The log as a large stack's run would show it: about 60 kB of ordinary output around it."""
    rows = (
        f" +   ├─ aws:cloudwatch:LogGroup  shop-{n:04d}-logs          created (1s)"
        for n in range(800)
    )
    outputs = (f'    endpoint-{n:02d}: "https://svc-{n:02d}.shop.example.com"' for n in range(60))
    head = ["Updating (prod):", "     Type                        Name              Status", *rows]
    tail = ["Outputs:", *outputs, "", "Resources:", "    + 800 created", "    12 unchanged"]
    return "\n".join([*head, "", log.rstrip("\n"), "", *tail, "", "Duration: 3m12s", ""])
