"""Which failure led to which, as a small Mermaid graph.

Node names are fixed; labels are quoted and escaped with Mermaid's own entities, so that nothing in
a resource's name can end a label, add a node or start a directive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.model import Failure
from upshot.report.markdown.text import clip_line
from upshot.text import clean_text

MOST_NODES: Final = 20
_LONGEST_LABEL: Final = 40
_HEAD: Final = '%%{init: {"flowchart": {"nodeSpacing": 12, "rankSpacing": 60}}}%%\nflowchart LR'
_GROUP: Final = "  style causes fill:none,stroke:#8c959f"


def draw_failures(failures: Sequence[Failure]) -> str:
    """A Mermaid fence: a box for each failure, an arrow from the cause to each that it led to.

    Empty for fewer than two failures. At most 20 boxes; the last one counts those left out.
    """
    if len(failures) < 2:  # noqa: PLR2004 - one box is no picture
        return ""
    shown = failures[: MOST_NODES - 1] if len(failures) > MOST_NODES else failures
    boxes = [(f"n{number}", failure) for number, failure in enumerate(shown)]
    causes = [_box(name, failure) for name, failure in boxes if not failure.is_cascade]
    followed = [(name, failure) for name, failure in boxes if failure.is_cascade]
    origin = next((name for name, failure in boxes if not failure.is_cascade), "")
    if len(causes) > 1:  # it is not known which of them led to the others
        origin = "causes"
        causes = ['  subgraph causes["failed first"]', *causes, "  end", _GROUP]
    lines = [_HEAD, *causes, *(_box(name, failure) for name, failure in followed)]
    if len(shown) < len(failures):
        lines.append(f'  more["{len(failures) - len(shown):,} more"]:::cascade')
    lines += [f"  {origin} --> {name}" for name, _ in followed if origin]
    lines += [
        "  classDef cause stroke:#cf222e,stroke-width:3px",
        "  classDef cascade stroke:#9a6700,stroke-dasharray:4 3",
    ]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def _box(name: str, failure: Failure) -> str:
    return f'  {name}["{_label(failure)}"]:::{"cascade" if failure.is_cascade else "cause"}'


def _label(failure: Failure) -> str:
    if failure.name:
        name, kind = failure.name, failure.type
    elif failure.type:
        name, kind = failure.type, ""
    else:
        name, kind = failure.headline or "the program", ""
    short = kind.rpartition(":")[2]
    text = escape_label(name)
    return f"{text} ({escape_label(short)})" if short else text


def escape_label(text: str) -> str:
    """A text for a quoted Mermaid label: letters, digits and harmless marks as they are."""
    text = clip_line(clean_text(text), _LONGEST_LABEL)
    return "".join(c if c.isalnum() or c in " -_./:…" else f"#{ord(c)};" for c in text) or "-"
