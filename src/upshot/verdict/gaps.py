"""Where the counts of a run and its list of changes disagree. Pure."""

from __future__ import annotations

from typing import Final

from upshot.model import Facts, Meaning, Outcome, UpdateKind

_VERBS: Final = {Meaning.DELETE: "delete", Meaning.REPLACE: "replace", Meaning.UPDATE: "update"}


def count_unlisted(facts: Facts, meaning: Meaning) -> int:
    """How many resources are counted and not listed.

    A destroy counts the stack itself, too, which is no change that is listed. The engine counts as deleted
    what it only forgets.
    """
    listed = facts.count_listed(meaning)
    if meaning is Meaning.DELETE:
        listed += sum(change.operation == "retain" for change in facts.changes)
    is_stack = facts.kind is UpdateKind.DESTROY and meaning is Meaning.DELETE and listed > 0
    return max(0, (facts.count(meaning) or 0) - listed - is_stack)


def describe_gap(facts: Facts) -> str:
    """One line where the list of changes is shorter than the counts say; empty where they agree.

    Only of a run that ended well: what a run that failed had begun is listed, and not counted. A
    refresh counts what it found gone, and deletes nothing.
    """
    if facts.outcome is not Outcome.SUCCEEDED or facts.kind is UpdateKind.REFRESH:
        return ""
    gaps = [
        f"{facts.count(meaning)} to {verb}, of which {facts.count_listed(meaning)} are named"
        for meaning, verb in _VERBS.items()
        if count_unlisted(facts, meaning) and not facts.changes_omitted
    ]
    if not gaps:
        return ""
    return (
        f"The evidence counts {'; '.join(gaps)}. The list of changes is not complete; rules of "
        "'fail-on' count what is missing from it as broken."
    )
