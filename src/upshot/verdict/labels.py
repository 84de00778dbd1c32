"""Which labels a report's facts give a pull request. Pure.

A label says what a person who looks at a list of pull requests should know; GitHub's own rules and
other workflows can ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from upshot.model import Facts, Meaning, TaskStatus, UpdateKind, Verdict, VerdictStatus
from upshot.verdict.gaps import count_unlisted
from upshot.verdict.health import has_drift

PREFIX: Final = "upshot:"
_BETWEEN: Final = "."
_REMOVALS: Final = (Meaning.DELETE, Meaning.REPLACE)


class Label(StrEnum):
    """What can be said of a pull request, by its newest reports."""

    FAILED = "failed"
    REPLACES = "replaces"
    DELETES = "deletes"
    DATA_LOSS_RISK = "data-loss-risk"
    DRIFT = "drift"
    WAITS_FOR_PERSON = "waits-for-person"

    @property
    def full_name(self) -> str:
        """As GitHub shows it."""
        return PREFIX + self.value

    @property
    def colour(self) -> str:
        """Six hexadecimal digits; a repository may give it another one."""
        return _SHOWN[self][0]

    @property
    def about(self) -> str:
        """GitHub's description of it, at most 100 characters."""
        return _SHOWN[self][1]


_SHOWN: Final = {
    Label.FAILED: ("b60205", "Pulumi: the newest run of a stack failed"),
    Label.REPLACES: ("d93f0b", "Pulumi: replaces resources"),
    Label.DELETES: ("e99695", "Pulumi: deletes resources"),
    Label.DATA_LOSS_RISK: ("5319e7", "Pulumi: deletes or replaces what may hold data"),
    Label.DRIFT: ("fbca04", "Pulumi: something was changed outside of Pulumi"),
    Label.WAITS_FOR_PERSON: ("0e8a16", "Pulumi: a Neo task waits for a person"),
}


def find_labels(
    facts: Facts, verdict: Verdict, task: TaskStatus = TaskStatus.NONE
) -> frozenset[Label]:
    """What is true of one report, of a plan as of what was done.

    What the list of changes may hide counts, as it does for `fail-on`.
    """
    # A refresh counts what it found gone, and deletes nothing.
    removes = facts.kind is not UpdateKind.REFRESH
    holds_data = any(change.stateful for change in facts.changes)
    is_hidden = any(count_unlisted(facts, each) for each in _REMOVALS)
    found = {
        Label.FAILED: verdict.status is VerdictStatus.FAILED,
        Label.REPLACES: removes and bool(facts.count(Meaning.REPLACE)),
        Label.DELETES: removes and bool(facts.count(Meaning.DELETE)),
        Label.DATA_LOSS_RISK: removes and (holds_data or is_hidden),
        Label.DRIFT: has_drift(facts),
        Label.WAITS_FOR_PERSON: task.is_waiting,
    }
    return frozenset(label for label, holds in found.items() if holds)


def write_labels(labels: Iterable[Label]) -> str:
    """As an id, which a comment's hidden line can hold: `failed.replaces`."""
    return _BETWEEN.join(label.value for label in Label if label in set(labels))


def read_labels(text: str) -> frozenset[Label]:
    """The labels of such an id; words of a later version are left out."""
    words = set(text.split(_BETWEEN))
    return frozenset(label for label in Label if label.value in words)
