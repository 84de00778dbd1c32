"""Finds the update or preview that a run of a workflow made, and says where it looked.

pulumi/actions gives no update id and, after a failure, no output at all; but the CLI writes into
each update where it ran (`ci.build.id`, `git.head`, `ci.pr.number`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from upshot.http.client import ServiceClient
from upshot.model import StackRef, Subject
from upshot.pulumi.update_info import UpdateInfo, subject_from_update
from upshot.pulumi.updates import Updates

PAGE_SIZE: Final = 20
_MOST_PAGES: Final = 5
_BY_RUN: Final = 3
_BY_COMMIT: Final = 2
_BY_PULL_REQUEST: Final = 1


class Criteria(Struct, frozen=True):
    """What is known of the run; what is empty matches nothing."""

    build_id: str = ""
    """GITHUB_RUN_ID: the same for all attempts of a run, so the newest update wins."""
    shas: tuple[str, ...] = ()
    """Full commit ids: a pull request's head and its merge commit."""
    pr_number: int | None = None

    def __str__(self) -> str:
        parts = [f"run {self.build_id}"] if self.build_id else []
        parts += [f"commit {sha[:7]}" for sha in self.shas if sha]
        if self.pr_number:
            parts.append(f"pull request {self.pr_number}")
        return ", ".join(parts) or "nothing"


class Found(Struct, frozen=True):
    """The result of a search."""

    subject: Subject | None = None
    info: UpdateInfo | None = None
    """The record of the subject."""
    looked_at: tuple[str, ...] = ()
    """Each place, in words for people, with what was there."""
    is_of_run: bool = False
    """It was made by the workflow run itself, not only for the same commit or pull request."""


def find_update(
    client: ServiceClient, stack: StackRef, criteria: Criteria, *, console: str = ""
) -> Found:
    """The newest update or preview of the stack that matches best: run, else commit, else PR.

    Two requests, a third when neither of them shows the run; where these show nothing that matches,
    the lists are read on, up to 100 each: many runs share a busy stack. Raises ServiceError.
    """
    updates = Updates(client, stack)
    latest = updates.find_latest()
    looked_at = [_describe_latest(latest, stack)]
    seen = [latest] if latest else []
    if _best(seen, criteria)[0] < _BY_RUN:
        previews = _read_on(updates.get_previews, criteria)
        looked_at.append(_describe_many(previews, "preview", stack))
        seen += previews
    if _best(seen, criteria)[0] < _BY_RUN and latest and latest.version != 1:
        history = _read_on(updates.get_history, criteria)
        looked_at.append(_describe_many(history, "update", stack))
        seen += history
    score, info = _best(seen, criteria)
    if not (score and info):
        return Found(looked_at=tuple(looked_at))
    subject = subject_from_update(info, stack, console)
    return Found(subject, info, tuple(looked_at), is_of_run=score == _BY_RUN)


def _read_on(
    read: Callable[[int, int], tuple[UpdateInfo, ...]], criteria: Criteria
) -> tuple[UpdateInfo, ...]:
    """A list to the page with a match, or to its end; `read` takes the page and its size."""
    found: tuple[UpdateInfo, ...] = ()
    for page in range(1, _MOST_PAGES + 1):
        more = read(page, PAGE_SIZE)
        found += more
        if len(more) < PAGE_SIZE or _best(found, criteria)[0]:
            break
    return found


def score_match(info: UpdateInfo, criteria: Criteria) -> int:
    """How well an update fits: 3 the same run, 2 the same commit, 1 the same PR, 0 not at all."""
    env = info.environment
    if criteria.build_id and env.get("ci.build.id") == criteria.build_id:
        return _BY_RUN
    shas = {sha.lower() for sha in criteria.shas if sha}
    if shas & {env.get("git.head", "").lower(), env.get("ci.pr.headSHA", "").lower()}:
        return _BY_COMMIT
    if criteria.pr_number and env.get("ci.pr.number") == str(criteria.pr_number):
        return _BY_PULL_REQUEST
    return 0


def _best(seen: Iterable[UpdateInfo], criteria: Criteria) -> tuple[int, UpdateInfo | None]:
    best: tuple[int, UpdateInfo | None] = (0, None)
    for info in seen:
        score = score_match(info, criteria)
        if score > best[0] or (score and score == best[0] and _newer(info, best[1])):
            best = (score, info)
    return best


def _newer(info: UpdateInfo, than: UpdateInfo | None) -> bool:
    return (info.started_at or 0.0) > ((than.started_at or 0.0) if than else 0.0)


def _describe_latest(info: UpdateInfo | None, stack: StackRef) -> str:
    if info is None:
        return f"the latest update of {stack}: there is none, or the token may not see the stack"
    return f"the latest update of {stack}: {_describe(info)}"


def _describe_many(infos: tuple[UpdateInfo, ...], what: str, stack: StackRef) -> str:
    if not infos:
        return f"the latest {what}s of {stack}: there are none"
    return f"the {len(infos)} latest {what}s of {stack}, newest: {_describe(infos[0])}"


def _describe(info: UpdateInfo) -> str:
    env = info.environment
    parts = [f"version {info.version}"] if info.version else []
    for key, word in (("ci.build.id", "run"), ("git.head", "commit"), ("ci.pr.number", "PR")):
        value = "".join(char for char in env.get(key, "")[:40] if char.isalnum())
        if value:
            parts.append(f"{word} {value[:7] if word == 'commit' else value}")
    return ", ".join(parts) or "it does not say where it was made"
