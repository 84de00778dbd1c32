"""The hidden first line of our comments: which run wrote it, about what. Pure.

`<!-- upshot {"v":1,…} -->`, at the start of the body and nowhere else. It holds ids only. Callers
must not believe it in a comment that we did not write (threat T20): this module sees only text.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

import msgspec

from upshot.model import Stamp
from upshot.model.stamp import clean_id, fields_of

PREFIX: Final = "<!-- upshot "
_END: Final = " -->"
_LONGEST: Final = 6_000
HISTORY: Final = 5
_KEYS: Final = (
    *("v", "key", "kind", "sha", "run", "attempt", "started", "verdict", "digest", "seal"),
    *("conversation", "task", "stack", "joined", "history"),
)
"""The keys of version 1 in the order in which they are written."""
_WHEN: Final = ("run", "attempt", "sha", "started")
_PAST: Final = ("run", "attempt", "sha", "verdict", "started")
"""What is kept of an earlier run. All five are always written: version 1 cannot read a run without
one of them, and would not recognise our comment."""


class Kind(StrEnum):
    """What our comment is for."""

    STICKY = "sticky"
    """The one that is kept up to date."""
    LOG = "log"
    """One of many (`comment-mode: new`): never taken for a duplicate."""
    NOTE = "note"
    """The short line of `notify-on: verdict-change`."""
    ANSWER = "answer"
    """To a command in a comment; it is never changed."""


class Marker(Stamp, frozen=True, kw_only=True, omit_defaults=True):
    """A stamp with what concerns the whole comment. Keys of later versions are ignored."""

    v: int
    key: str
    """`comment-key`, made an id by `clean_id`."""
    kind: Kind = Kind.STICKY
    seal: str = ""
    """`seal` of the text below the marker; an edit by a person makes it differ."""
    joined: int = 0
    """When the comment got its second stack, seconds since the Unix epoch; 0 while it has one."""
    command: str = ""
    """Of an answer: the word after `/upshot`."""
    history: tuple[Stamp, ...] = ()
    """Earlier runs, newest first, at most 5, each with run, attempt, sha, verdict and start."""

    @property
    def ids(self) -> list[str]:
        earlier = [text for past in self.history for text in past.ids]
        return [*super().ids, self.key, self.seal, self.command, *earlier]

    @property
    def is_valid(self) -> bool:
        return self.v >= 1 and self.is_clean and len(self.history) <= HISTORY

    def without_stack(self) -> Marker:
        """The marker of a comment of several stacks: what concerns one is in its section."""
        return Marker(v=self.v, key=self.key, **fields_of(self, _WHEN))


def build_marker(key: str, stamp: Stamp) -> Marker:
    """The marker of this run's report; `publish_comment` fills in kind, seal and history."""
    return Marker(v=1, key=clean_id(key), **fields_of(stamp.clean()))


def render_marker(marker: Marker) -> str:
    """The comment's first line, without a line end. Raises ValueError unless all texts are ids."""
    if not marker.is_valid:
        raise ValueError("a marker holds ids only")
    earlier = [fields_of(past, _PAST) for past in marker.history]
    return f"{PREFIX}{encode(marker, _KEYS, **{'history': earlier} if earlier else {})}{_END}"


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
    return marker if marker.is_valid else None


def split_body(body: str) -> str:
    """The text below the marker."""
    end = body.find(_END, 0, _LONGEST) if body.startswith(PREFIX) else -1
    return body[end + len(_END) :].lstrip("\r\n") if end >= 0 else body


def seal(text: str) -> str:
    """A digest of a text without its white space, of which GitHub may keep less than we sent."""
    import hashlib

    return hashlib.sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]


def encode(stamp: Stamp, keys: Iterable[str], **instead: Any) -> str:
    """A stamp as flat JSON without defaults: first `keys`, in this order, then all others.

    `instead` replaces the values of some keys.
    """
    fields = msgspec.to_builtins(stamp) | instead
    known = {name: fields[name] for name in keys if name in fields}
    return msgspec.json.encode(known | fields).decode()


def next_history(previous: Marker | None, now: Stamp) -> tuple[Stamp, ...]:
    """The earlier runs of a comment when `now` replaces `previous`, newest first, at most 5."""
    if previous is None:
        return ()
    past = (Stamp(**fields_of(previous, _PAST)), *previous.history)
    return tuple(p for p in past if (p.run, p.attempt) != (now.run, now.attempt))[:HISTORY]


def is_newer(theirs: Stamp, mine: Stamp, *, head_sha: str = "") -> bool:
    """Whether `theirs` is about something newer than `mine`.

    Attempts of one run are ordered by number; runs about one commit, or about a commit that is not
    known, by when they started. Of runs about different commits the one about the pull request's head, `head_sha`, is newer; where
    neither is, the one with the higher id: ids grow with every run of a repository, and a re-run
    keeps its id (GitHub's documentation).
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
