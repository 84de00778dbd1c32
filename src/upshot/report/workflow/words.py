"""The heading and the lead of a report about a workflow: fixed words for each end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from upshot.report.words import number
from upshot.report.workflow.page import WorkflowPage


class Words(NamedTuple):
    icon: str
    title: str
    lead: str
    """Who acts, and how."""


_BY_STATE: Final = {
    "not-asked": Words(
        "💡",
        "Proposed change of the workflow {name}",
        "Nothing was changed: `apply` is `never`. To take the change over, run with `apply: file` or "
        "`apply: server`.",
    ),
    "no-change": Words("💬", "Answer about the workflow {name}", "No change was proposed."),
    "waiting": Words(
        "✋",
        "A change of the workflow {name} waits for an approval",
        "Nothing was changed yet. A person with write access must decide.",
    ),
    "refused": Words(
        "🚫",
        "The change of the workflow {name} was not applied",
        "Nothing was changed: see what is wrong with it.",
    ),
    "stale": Words(
        "⚠️",
        "The workflow {name} was changed meanwhile",
        "Nothing was changed by Upshot.",
    ),
    "failed": Words("❌", "The change of the workflow {name} failed", ""),
}
_APPLIED: Final = {
    "file": Words(
        "✅", "The change of the workflow {name} is in its file", "Commit {file} to keep it."
    ),
    "server": Words(
        "✅",
        "The change of the workflow {name} is on the server",
        "It was read back and is as approved. The state before is stored with the Copilot's message.",
    ),
}
_DRIFT: Final = Words(
    "⚠️",
    "The server's workflow {name} is not the one of {file}",
    "The Copilot was not asked. The person who keeps the file must act: take the server's graph over "
    "(the output `workflow-graph-file`), or put the file's graph on the server in the Studio.",
)
_UNDONE: Final = Words(
    "↩️",
    "The change of the workflow {name} was undone",
    "The server has the state before it again; it was read back. Run the workflow again to ask anew.",
)
_UNASKED: Final = Words("❔", "The workflow {name} was not changed", "The Copilot gave no answer.")


def count_changes(counts: Mapping[str, int]) -> str:
    """`1 block added, 2 changed · 1 edge removed`; empty when nothing is counted."""
    groups = []
    for what in ("block", "edge"):
        verbs = (("added", "added"), ("updated", "changed"), ("removed", "removed"))
        found = [(counts.get(f"{what}s-{name}", 0), verb) for name, verb in verbs]
        found = [(count, verb) for count, verb in found if count]
        first = [f"{number(count, what)} {verb}" for count, verb in found[:1]]
        groups.append(", ".join([*first, *(f"{count:,} {verb}" for count, verb in found[1:])]))
    return " · ".join(filter(None, groups))


def find_words(page: WorkflowPage) -> Words:
    if page.is_drift:
        return _DRIFT
    if page.fault and page.state in {"not-asked", "no-change"}:
        return _UNASKED
    if page.state == "applied" and page.is_undo:
        return _UNDONE
    if page.state == "applied":
        return _APPLIED.get(page.apply, _APPLIED["server"])
    return _BY_STATE[page.state]
