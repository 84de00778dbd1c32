"""The grammar of `fleet-select`, and what a selection takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from fnmatch import translate
from typing import Final

from msgspec import Struct

from upshot.model import StackRef

DEFAULT: Final = "failed"
ALLOWED: Final = (
    "failed, drifted, stale:30d, deployment-failed, tag:NAME=VALUE, project:GLOB, stack:GLOB or all, "
    "separated by commas"
)
_DURATION: Final = re.compile(r"(?P<number>[1-9][0-9]{0,4})(?P<unit>[mhdw])")
_SECONDS: Final = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_GLOB: Final = re.compile(r"[A-Za-z0-9._/*?\[\]!-]{1,300}")
_MOST_WORDS: Final = 100
_LONGEST_TAG: Final = 256
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""One part of a stack's name, as Pulumi allows it (shipped client, `tokens` and `validateStackName`)."""


class State(StrEnum):
    """The words of one kind: a stack is taken when one of them is true of it."""

    FAILED = "failed"
    """Its newest update failed."""
    DRIFTED = "drifted"
    """Pulumi Cloud's newest drift run found something."""
    STALE = "stale"
    """Its newest update is older than the word says, or there was none."""
    DEPLOYMENT_FAILED = "deployment-failed"
    """Its newest deployment failed."""


class Selection(Struct, frozen=True):
    """Words of one kind are or, kinds are and. Without a state every stack is taken."""

    states: tuple[State, ...] = (State.FAILED,)
    """Empty for `all`."""
    stale_s: float = 0.0
    """Seconds; of several the shortest, which takes what the others take too."""
    tags: tuple[tuple[str, str], ...] = ()
    projects: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    """A glob with a slash is compared with `project/stack` and with the whole name."""

    @property
    def only_project(self) -> str:
        """The project that Pulumi Cloud itself can be asked for; empty when there is no such one."""
        if len(self.projects) == 1 and _NAME.fullmatch(self.projects[0]):
            return self.projects[0]
        return ""

    def matcher(self) -> Callable[[StackRef], bool]:
        """Whether project and stack globs take a name."""
        projects, stacks = _compiled(self.projects), _compiled(self.stacks)

        def takes(ref: StackRef) -> bool:
            if projects and not any(glob.match(ref.project) for glob in projects):
                return False
            names = (ref.stack, f"{ref.project}/{ref.stack}", str(ref))
            return not stacks or any(glob.match(name) for glob in stacks for name in names)

        return takes

    def is_stale(self, last_update: float | None, now: float) -> bool:
        """Both in seconds since the Unix epoch; None for a stack that was never updated."""
        if State.STALE not in self.states:
            return False
        return last_update is None or now - last_update > self.stale_s


def parse_selection(text: str) -> Selection:
    """Raises ValueError with the word that cannot be read."""
    words = [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
    if len(words) > _MOST_WORDS:
        raise ValueError(f"{len(words)} words")
    states: dict[State, None] = {}
    lists: dict[str, list[str]] = {"project": [], "stack": []}
    tags: list[tuple[str, str]] = []
    stale_s, is_all = [], False
    for word in words or [DEFAULT]:
        kind, _, value = word.partition(":")
        duration = _DURATION.fullmatch(value)
        if word == "all":
            is_all = True
        elif kind == State.STALE and duration:
            states[State.STALE] = None
            stale_s.append(int(duration["number"]) * _SECONDS[duration["unit"]])
        elif word in set(State) - {State.STALE}:
            states[State(word)] = None
        elif kind == "tag" and (tag := _tag(value)):
            tags.append(tag)
        elif kind in lists and _GLOB.fullmatch(value):
            lists[kind].append(value)
        else:
            raise ValueError(word)
    return Selection(
        states=() if is_all else tuple(states),
        stale_s=min(stale_s, default=0.0),
        tags=tuple(dict.fromkeys(tags)),
        projects=tuple(lists["project"]),
        stacks=tuple(lists["stack"]),
    )


def is_plain_name(ref: StackRef) -> bool:
    """Whether each part is one that Pulumi allows: only such names go to other jobs (threat T71)."""
    return all(_NAME.fullmatch(part) for part in (ref.organization, ref.project, ref.stack))


def _tag(value: str) -> tuple[str, str] | None:
    name, found, wanted = value.partition("=")
    is_fit = name and found and wanted and value.isprintable() and len(value) <= _LONGEST_TAG
    return (name, wanted) if is_fit else None


def _compiled(globs: tuple[str, ...]) -> list[re.Pattern[str]]:
    return [re.compile(translate(glob)) for glob in globs]
