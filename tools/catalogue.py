"""Writes what is made from the failure catalogue: its schema and its page for people.

python -m tools.catalogue
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from upshot.evidence.catalogue import FailureClass, Family, load_catalogue

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = ROOT / "src" / "upshot" / "evidence" / "catalogue" / "schema.json"
PAGE: Final = ROOT / "docs" / "catalogue.md"

_SLOT = re.compile(r"\{[a-z_]+\|([^{}]*)\}")
_RETRY = {"likely": "may well help", "unlikely": "hardly helps", "": "not known"}

_HEAD = """# Failure classes

What the output `failure-class` may say, what each class means and what to do. This page is made
from `src/upshot/evidence/catalogue/*.toml` by `python -m tools.catalogue`; do not edit it. The
output is empty when nothing failed. How often the classes are right: [evaluation](evaluation.md).

| Class | Means | Running it again |
|---|---|---|
"""

_TAIL = """
## How a class is chosen

Each class has signals: error codes, HTTP statuses, phrases, regular expressions, and fields of the
engine's events (provider, resource type, operation, policy violations, pending operations). A
signal's weight says how specific it is, from 20 (a wrapper around something better) over 80 (a
provider's own code) to 99 (said of nothing else). A class scores by its best signal; the root
cause counts whole, other failures a little less, failures that only followed much less, and
further signals that agree add a little. The highest score wins, equal ones are reported as ties,
and where no signal fits the class is `unclassified`.

## Adding to it

Put the wording of the failure, with its class, into
`tests/unit/evidence_catalogue/messages.txt`, then the most general signal that explains it into
the class's file: a code before a phrase, a phrase before a regular expression, and nothing that
only one run would say. Then `python -m tools.catalogue`, `python -m tools.evaluate --write-docs`
and the tests.
"""


def build_schema() -> dict[str, Any]:
    """A JSON Schema of one catalogue file, for editors and for the test."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(Family),
    }


def render_page(classes: Sequence[FailureClass]) -> str:
    rows = (f"| [`{c.slug}`](#{c.slug}) | {c.title} | {_RETRY[c.retry]} |\n" for c in classes)
    return _HEAD + "".join(rows) + "".join(map(_section, classes)) + _TAIL


def _section(found: FailureClass) -> str:
    plain = (_SLOT.sub(r"\1", step) for step in found.next_steps)
    steps = "".join(f"{n}. {step}\n" for n, step in enumerate(plain, start=1))
    link = f"[Documentation]({found.documentation_url})"
    return f"\n## {found.slug}\n\n**{found.title}.** {found.explanation}\n\n{steps}\n{link}\n"


def main() -> int:
    SCHEMA.write_bytes(msgspec.json.format(msgspec.json.encode(build_schema())) + b"\n")
    PAGE.write_text(render_page(load_catalogue()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
