"""A workflow's graph as a Mermaid picture with what differs marked; large ones near the changes only.

Node names are fixed and labels escaped, as in `upshot.report.failures.picture`.
"""

from __future__ import annotations

from typing import Final

from upshot.report.failures.picture import escape_label
from upshot.report.workflow.page import Arrow, Node, Picture

MOST_WHOLE: Final = 50
"""Blocks up to which the whole graph is drawn."""
MOST_NODES: Final = 80
_STYLES: Final = (
    "  classDef added stroke:#1a7f37,stroke-width:3px",
    "  classDef removed stroke:#cf222e,stroke-width:3px,stroke-dasharray:4 3",
    "  classDef changed stroke:#9a6700,stroke-width:3px",
)
_CLASSES: Final = {"+": ":::added", "-": ":::removed", "~": ":::changed"}
_LINES: Final = {"+": "==>", "-": "-.->"}
_HEAD: Final = '%%{init: {"flowchart": {"nodeSpacing": 16, "rankSpacing": 40}}}%%\nflowchart LR'


def near_changes(picture: Picture) -> Picture:
    """The whole picture of up to 50 blocks; of a larger one what differs and its neighbours."""
    if len(picture.nodes) <= MOST_WHOLE:
        return picture
    marked = {node.id for node in picture.nodes if node.sign != " "}
    marked |= {end for one in picture.arrows if one.sign != " " for end in (one.source, one.target)}
    near = set(marked)
    for arrow in picture.arrows:
        if arrow.source in marked or arrow.target in marked:
            near |= {arrow.source, arrow.target}
    kept = sorted(
        (node for node in picture.nodes if node.id in near), key=lambda one: one.id not in marked
    )[:MOST_NODES]
    ids = {node.id for node in kept}
    arrows = tuple(one for one in picture.arrows if {one.source, one.target} <= ids)
    return Picture(tuple(kept), arrows, len(picture.nodes) - len(kept))


def draw(picture: Picture) -> str:
    """A Mermaid fence; empty without a block."""
    shown = near_changes(picture)
    if not shown.nodes:
        return ""
    names = {node.id: f"n{number}" for number, node in enumerate(shown.nodes)}
    lines = [_HEAD, *(_box(names[node.id], node) for node in shown.nodes)]
    lines += [_line(names, arrow) for arrow in shown.arrows]
    if shown.left_out:
        lines.append(f'  rest["{shown.left_out:,} more blocks stay as they are"]')
    return "```mermaid\n" + "\n".join((*lines, *_STYLES)) + "\n```"


def _box(name: str, node: Node) -> str:
    kind = f" ({escape_label(node.kind)})" if node.kind else ""
    return f'  {name}["{escape_label(node.label)}{kind}"]{_CLASSES.get(node.sign, "")}'


def _line(names: dict[str, str], arrow: Arrow) -> str:
    line = _LINES.get(arrow.sign, "-->")
    label = f'|"{escape_label(arrow.label)}"|' if arrow.label else ""
    return f"  {names[arrow.source]} {line}{label} {names[arrow.target]}"
