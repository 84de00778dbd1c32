"""The inputs of the sticky issue. Pure; loaded only where `issue` asks for one."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.inputs.reader import Reader

_LONGEST_TITLE: Final = 256
_LONGEST_LABEL: Final = 50
_MOST_LABELS: Final = 20


class IssueWhen(StrEnum):
    """When the issue is opened."""

    NEVER = "never"
    ON_FAILURE = "on-failure"
    """While something needs a person; it is closed when all is well."""
    ALWAYS = "always"
    """It stays open, and shows the newest report whatever it says."""


class IssueInputs(Struct, frozen=True):
    when: IssueWhen = IssueWhen.NEVER
    title: str = ""
    """Empty for ours."""
    labels: tuple[str, ...] = ()
    is_reopened: bool = True
    """A closed one is opened again; else a new one is opened."""


def parse_issue(read: Reader) -> IssueInputs:
    title = read.text("issue-title")
    if not title.isprintable() or len(title) > _LONGEST_TITLE:
        read.refuse("issue-title", title, f"one line of at most {_LONGEST_TITLE} characters")
        title = ""
    return IssueInputs(
        when=read.choice("issue", IssueWhen.NEVER),
        title=title,
        labels=_labels(read),
        is_reopened=read.flag("issue-reopen", default=True),
    )


def _labels(read: Reader) -> tuple[str, ...]:
    """Each once, in order."""
    words = [word.strip() for word in read.text("issue-labels").replace("\n", ",").split(",")]
    labels = tuple(dict.fromkeys(filter(None, words)))
    wrong = next((one for one in labels if len(one) > _LONGEST_LABEL or not one.isprintable()), "")
    if wrong or len(labels) > _MOST_LABELS:
        given = wrong or f"{len(labels)} labels"
        allowed = f"at most {_MOST_LABELS} labels of at most {_LONGEST_LABEL} characters"
        read.refuse("issue-labels", given, allowed)
        return ()
    return labels
