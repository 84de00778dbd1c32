"""The hidden first line of our comments: who wrote this one, about what. Pure.

`<!-- upshot {"v":1,…} -->`, at the very start of the body and nowhere else. It holds ids only and
is never believed in a comment that we did not write (threat T20); that is the reader's duty,
because this module sees nothing but text.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Protocol

import msgspec
from msgspec import Struct, field

from upshot.model import PastRun, Run

PREFIX: Final = "<!-- upshot "
_END: Final = " -->"
_LONGEST: Final = 6_000
_ID = re.compile(r"[A-Za-z0-9_.:/-]{0,200}")
HISTORY: Final = 5


class Kind(StrEnum):
    """What a comment of ours is for."""

    STICKY = "sticky"
    """The one that is kept up to date."""
    LOG = "log"
    """One of many (`comment-mode: new`): never taken for a duplicate."""
    NOTE = "note"
    """The short line of `notify-on: verdict-change`."""


class Marker(Struct, frozen=True, omit_defaults=True):
    """What a later run must know; keys that it does not know are ignored when it is read."""

    v: int
    key: str
    """`comment-key`, made an id by `clean_id`."""
    kind: Kind = Kind.STICKY
    sha: str = ""
    run: str = ""
    attempt: int = 1
    started: int = 0
    """Seconds since the Unix epoch, when the run started."""
    verdict: str = ""
    digest: str = ""
    """Of the report, without the stamp of time and run."""
    seal: str = ""
    """Of the text below the marker: an edit by a person shows."""
    conversation: str = ""
    task: str = ""
    stack: str = ""
    joined: int = 0
    """When a second stack joined the comment, seconds since the Unix epoch; 0 while there is one."""
    history: tuple[PastRun, ...] = field(default=())
    """Earlier runs, newest first, at most 5."""


def build_marker(
    run: Run,
    *,
    key: str,
    started: float,
    verdict: str,
    digest: str,
    conversation: str = "",
    task: str = "",
    stack: str = "",
) -> Marker:
    """The marker of this run's report; `publish_comment` fills in the rest."""
    return Marker(
        v=1,
        key=clean_id(key),
        sha=clean_id(run.sha),
        run=clean_id(run.run_id),
        attempt=int(run.run_attempt) if run.run_attempt.isdecimal() else 1,
        started=int(started),
        verdict=clean_id(verdict),
        digest=clean_id(digest),
        conversation=clean_id(conversation),
        task=clean_id(task),
        stack=clean_id(stack),
    )


def render_marker(marker: Marker) -> str:
    """The comment's first line, without a line end. Raises ValueError when it holds a non-id."""
    if not _has_only_ids(marker):
        raise ValueError("a marker holds ids only")
    return f"{PREFIX}{msgspec.json.encode(marker).decode()}{_END}"


def find_marker(body: str) -> Marker | None:
    """The marker at the start of a comment's body; None when there is none that can be read."""
    if not body.startswith(PREFIX):
        return None
    end = body.find(_END, 0, _LONGEST)
    if end < 0:
        return None
    try:
        marker = msgspec.json.decode(body[len(PREFIX) : end], type=Marker)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return marker if marker.v >= 1 and _has_only_ids(marker) else None


def split_body(body: str) -> str:
    """The text below the marker."""
    end = body.find(_END, 0, _LONGEST) if body.startswith(PREFIX) else -1
    return body[end + len(_END) :].lstrip("\r\n") if end >= 0 else body


def seal(text: str) -> str:
    """Tells whether a text is still the one that was posted, however GitHub kept its blanks."""
    import hashlib

    return hashlib.sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]


def is_id(text: str) -> bool:
    """Whether a text is fit for a marker as it is."""
    return _ID.fullmatch(text) is not None


def clean_id(text: str) -> str:
    """The text when it is an id, else a digest of it: equal texts give equal ids."""
    if is_id(text):
        return text
    import hashlib

    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"


def next_history(previous: Marker | None, now: Marker) -> tuple[PastRun, ...]:
    """The earlier runs to show and keep when `now` takes the place of `previous`."""
    if previous is None:
        return ()
    last = PastRun(previous.run, previous.attempt, previous.sha, previous.verdict, previous.started)
    past = (last, *previous.history)
    return tuple(p for p in past if (p.run, p.attempt) != (now.run, now.attempt))[:HISTORY]


class Stamped(Protocol):
    """What tells when a report was made: a marker, or a section."""

    @property
    def run(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def sha(self) -> str: ...
    @property
    def started(self) -> int: ...


def is_newer(theirs: Stamped, mine: Stamped, *, head_sha: str = "") -> bool:
    """Whether a comment already tells about something newer than this run does.

    A run's id grows with every run of a repository, and a re-run keeps it (GitHub's
    documentation), so it orders runs of different commits, unless one of the commits is the pull
    request's head, `head_sha`. Runs about one commit are ordered by when they started.
    """
    if theirs.run and theirs.run == mine.run:
        return theirs.attempt > mine.attempt
    if theirs.sha == mine.sha or not theirs.sha or not mine.sha:
        return (theirs.started, _number(theirs.run)) > (mine.started, _number(mine.run))
    if head_sha and head_sha in {theirs.sha, mine.sha}:
        return theirs.sha == head_sha
    return _number(theirs.run) > _number(mine.run)


def _number(run: str) -> int:
    return int(run) if run.isdecimal() else 0


def _has_only_ids(marker: Marker) -> bool:
    texts = [
        marker.key,
        marker.sha,
        marker.run,
        marker.verdict,
        marker.digest,
        marker.seal,
        marker.conversation,
        marker.task,
        marker.stack,
    ]
    for past in marker.history:
        texts += (past.run, past.sha, past.verdict)
    return len(marker.history) <= HISTORY and all(map(is_id, texts))
