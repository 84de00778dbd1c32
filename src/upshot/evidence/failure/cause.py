"""Which line of a message states the cause, and which messages only follow from another one.

Works on the grammar of error texts (lists, tracebacks, chains, the engine's own summary lines),
never on the cause itself: what a cause means is in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import takewhile
from typing import Final

from upshot.evidence.failure.bare import (
    BULLET,
    PREFIX,
    bare_text,
    is_aftermath,
    is_bare,
    only_follows,
    only_wraps,
)
from upshot.evidence.failure.forms import (
    CHAIN,
    FRAME,
    LINE_CAP,
    POD_REASON,
    RAISED,
    STRONG,
)
from upshot.text import pattern

MAX_LINES: Final = 600
_ANNOUNCED: Final = 12
"""Lines after a headline with a colon at its end in which its second half is looked for."""
_SHORT: Final = 40
"""Characters of a list's item that says little without the list's head."""
_BROKEN_LINES: Final = 4
"""Lines that may complete a broken one."""

_AFTER: Final = _ANNOUNCED + _BROKEN_LINES

# The margin of a Python exception group.
_GROUPED = pattern(r"(?:\+[-+]+ ?(?:\d+ -+)?|[|+] ?){1,20}")
_CARET = pattern(r"\^+|[~^]{2,200}")
# A first line that only says of what kind the failure is; the lines after it say what failed.
_ANNOUNCES = pattern(
    r"^unable to validate [\w ]{1,40} credentials\b|\bencountered an? [\w ]{1,60} error\. This is a bug\b"
    r"|^Timeout occurred for |^Resource operation was cancelled for |has a problem:$|: exit (?:status|code) \d+$"
    r"|exited prematurely\b|^[Ff]ailed:$"
    r"|[Mm]inimum number of (?:live )?Pods(?! did)|\bMinimumReplicasUnavailable\b|[Cc]ommand failed\b.{0,200}"
    r"|field conflict detected|due to unreachable cluster|[Mm]ake sure you have:$"
    r"|unable to load Kubernetes client configuration"
    r"|was not successfully \w{6,8} by the Kubernetes API server ?:$"
    r"|error reading from server: EOF:$|timed out waiting to be Ready$"
    r"|containers with unready status: \[[^\]]{0,300}\]$"
    r"|^(?:Get|Put|Post|Patch|Delete) \"https?://\S{1,1000}\":$|\bcreated but failed to initialize$|^could not load plugin for .{1,400}:$"
    r"|^(?:creat|updat|delet|refresh|read|import|replac)ing urn:pulumi:.{1,1000}:$"
    r"|^calling (?:Get|Put|Post|Patch|Delete) .{0,400}:$"
    r"|^\[WARN(?:ING)?\] |^failed to (?:make|send|execute) (?:the |an )?(?:http )?request:?$"
    r"|^(?:GET|PUT|POST|PATCH|DELETE|HEAD)(?: https?://\S+)?$|^RESPONSE \d{3}\b"
)
# A first line that is specific, and is completed by a line after it.
_GOES_ON = pattern(
    r"(?:\b[Ee]xit(?:ed with)? (?:status|code) \d.*|with pending operations):$|^ERROR CODE: "
    r"|(?:[Ee]rrors?|ERROR|[Ff]ailed|FAILED|[Ff]ailure|[Pp]roblems?|[Rr]easons?)\W{0,3}:$"
    r"|[Ee]rror making API request\.$|validation errors?(?:\(s\))? found\.$"
    r"|\bcannot fetch token: \d{3} [\w ]{3,40}$|Service returned an error\.$|\(code=\w+\): (?:[A-Z]{3,6} https?://\S+$|-> )"
    r"|: (?:GET|HEAD|PUT|POST|PATCH|DELETE) https?://\S+$"
)
# A line that goes on with the sentence of the line before it.
_CONTINUES = pattern(r"(?:because|since|due to|unless|which|that|when|while|as) [a-z]")
# A statement that is complete; its last clause opens something else, as a remedy.
_ASIDE = pattern(r"; [^;:\n]{1,60}:$")
# `aws:x/y:Z resource 'name' has a problem: ` only leads to the statement (shipped bridge).
_PROBLEM = pattern(
    r"[\w:./+-]{3,200} resource '[^'\n]{1,300}' has a problem: (?=\S)", marks=("' has a problem: ",)
)
_STATES = pattern(
    r"(?:[Mm]essage|[Dd]etails?|[Rr]eason|[Cc]ause|Failed): +(?=\S)|Status=[45]\d\d Code=\""
    r"|(?:GET|POST|PUT|PATCH|DELETE) \"?https?://\S{1,1000}: [45]\d\d "
)
# What a cloud answered, in the forms of the Azure SDKs.
_MESSAGE = pattern(r"\"message\": ?\"|Response: \S|RESPONSE \d{3}: \d|=+ RESPONSE ERROR ")
_WORDY = pattern(r"[^\[\]{}]{0,40}?[A-Za-z]{2}")
_COUNTED = pattern(r"(?!\w{4,10}ing urn:).{12,300}: \d{1,4} errors? occurred:")
_LISTS = pattern(r"\b[Ee]rrors?:$")  # as Vault's `Code: 503. Errors:`
_LIST_FOLLOWS = pattern(r"(?:occurred|[Ee]rrors?|failures?|reasons?):?\s*$")


class _Rank(IntEnum):
    """What a line is within its message; the line of the highest rank states the cause."""

    FRAME = 0
    FOLLOWS = 1
    WRAPS = 2
    PLAIN = 3
    STRONG = 4
    """It holds a word for failure."""
    OPENING = 5
    """The first line of an error, or an exception outside of a traceback."""
    LISTED = 6
    """The first item after `1 error occurred:`."""
    RAISED = 7
    """The exception under a traceback."""
    INNERMOST = 8
    """The innermost of a chain of exceptions."""


_OPEN: Final = frozenset({_Rank.PLAIN, _Rank.STRONG, _Rank.OPENING, _Rank.LISTED})


class Standing(IntEnum):
    """Whether a message is a cause."""

    FOLLOWS = 0
    """Never: it follows from another one."""
    WRAPS = 1
    """Only where no other message is one: it wraps a cause that it does not state."""
    CAUSE = 2


# The engine quotes what a plugin that ended printed, right after its own sentence (shipped engine).
_DUMPED = pattern(r"(?<=streams of the plugin:)(?=\S)")


@lru_cache(maxsize=32)
def headline_of(message: str, *, is_printed: bool = False) -> str:
    """The one line that states the cause: a line of the message, without its severity.

    `is_printed`: the message begins with what a program printed: its first line is like any other.
    """
    if said := detail_of(message)[1]:
        return said[:LINE_CAP]
    text, after = _stated(message, is_printed=is_printed)
    if text.endswith(">"):
        from upshot.evidence.failure.answers import out_of_markup

        text = out_of_markup(text, after)
    return _joined(text, after)[:LINE_CAP]


def detail_of(message: str) -> tuple[str, str]:
    """Code and message of the detail that states the cause, as `answers.detail_in`; few messages have one."""
    if "details" not in message:
        return "", ""
    from upshot.evidence.failure.answers import detail_in

    return detail_in(message)


def _stated(message: str, *, is_printed: bool) -> tuple[str, list[str]]:
    """The statement of the line that states the cause, and the lines after it that may complete it."""
    if "streams of the plugin:" in message:
        message = _DUMPED.sub("\n", message)
    lines = message.split("\n", MAX_LINES)[:MAX_LINES]
    if is_printed:
        lines.insert(0, "")
    rank, place, line = max(_ranked(lines), default=(_Rank.FRAME, 0, ""))
    text, at = bare_text(line), abs(place)
    after = [other.strip()[:LINE_CAP] for other in lines[at + 1 :][:_AFTER]]
    if rank is _Rank.LISTED and len(text) <= _SHORT:
        text = f"{_stated_above(lines[at - 1])} {text}".strip()
    goes_on = rank in _OPEN and _GOES_ON.search(text)
    opens = rank in _OPEN and text[-1:] in {":", "{"}
    # `creating Queue (jobs):` says nothing of a failure itself: the line that it opens does.
    if goes_on or opens:
        words = _announced(text, after)
        is_next = opens and f"{text} {words}" in " ".join(message.split())
        if words and (goes_on or (is_next and not _ASIDE.search(text))):
            words = f"{text} {words}"
        elif STRONG.search(text):
            words = ""
        text = words if words and len(words) < LINE_CAP else text
        if words and words in after and _GOES_ON.search(text):
            words = _announced(text, after[after.index(words) + 1 :])
            text = f"{text} {words}".strip()
    return text, after


def _stated_above(line: str) -> str:
    """What the head of a list states itself; empty where it only counts, or names a step."""
    head = bare_text(line)
    return head if _COUNTED.fullmatch(head) else ""


def _joined(text: str, after: Sequence[str]) -> str:
    """A statement that a terminal or a person broke, with the lines that complete it.

    It is broken after a comma, within brackets or before a conjunction; where it was joined once, after
    a colon, too.
    """
    if not _is_broken(text, after[0] if after else ""):
        return text
    taken = [n for n, other in enumerate(after, 1) if other and text.endswith(other)]
    for other in after[max(taken, default=0) :][:_BROKEN_LINES]:
        if not (_is_broken(text, other) or text.endswith(":")) or PREFIX.match(other):
            break
        text = f"{text} {other}"
    return text


def _is_broken(text: str, following: str) -> bool:
    is_open = text.endswith(",") or text.count("(") > text.count(")")
    return is_open or (text[-1:].isalnum() and bool(_CONTINUES.match(following)))


def _announced(text: str, after: Sequence[str]) -> str:
    """The line that a headline announces, of those after it; empty where none says anything."""
    own = takewhile(lambda other: not PREFIX.match(other), after[:_ANNOUNCED])
    after = [other for other in own if other and not FRAME.match(other)]
    if text[-1] in ":.":
        said = [other for other in after if other[-1] != ":"] or after
        words = next((other for other in said if _STATES.match(other)), "")
        words = words or _listed(after)
        words = words or next((o for o in (*said, *after) if STRONG.search(o)), "")
        words = words or "".join(said[:1])
    else:
        # The body of an answer as JSON: the innermost message comes last.
        said = [other.removesuffix(",") for other in after if _MESSAGE.match(other)]
        words = said[-1] if said else ""
    words = bullet["text"] if (bullet := BULLET.match(words)) else words
    return words if _WORDY.match(words) else ""


def _listed(after: Sequence[str]) -> str:
    """The first item of a list of errors that states one; empty without such a list."""
    items = [line for line in after if BULLET.match(line)] if any(map(_LISTS.search, after)) else []
    return next((line for line in items if not is_bare(line)), "")


def clearest(messages: Sequence[str]) -> str:
    """The message that says most of what failed; the first one where none is better."""
    reasons = (message for message in messages if POD_REASON.search(message))
    stated = (message for message in messages if not _ANNOUNCES.search(headline_of(message)))
    return next(reasons, "") or next(stated, "") or next(iter(messages), "")


def standing_of(message: str, *, is_printed: bool = False) -> Standing:
    """Whether the message states a cause; `is_printed` as in `headline_of`."""
    text = headline_of(message, is_printed=is_printed)
    if not text or only_follows(text):
        return Standing.FOLLOWS
    if only_wraps(text) or is_aftermath(text):
        return Standing.WRAPS
    return Standing.CAUSE


def _ranked(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """Each line with its rank and its place; of equal ranks the greatest place wins."""
    is_group = any("Exception Group Traceback" in line for line in lines)
    framed = any("Traceback (most recent call last)" in line or 'File "' in line for line in lines)
    ranked: list[tuple[int, int, str]] = []
    before = ""
    # After a first line that is complete and states no cause, plain lines belong to another message.
    first = lines[0].strip() if lines else ""
    is_closed = bool(first) and not first.endswith(":") and is_bare(first)
    for at, full in enumerate(lines):
        line = full.strip()[:LINE_CAP]
        if is_group:
            line = _GROUPED.sub("", line)
        if line:
            rank, place = _rank(line, before, at, framed=framed)
            if before.startswith('File "') and not RAISED.match(line):
                rank = _Rank.FRAME  # source code
            if ranked and _CARET.fullmatch(line):  # the line above is source code
                ranked[-1] = (_Rank.FRAME, *ranked[-1][1:])
            if is_closed and rank is _Rank.PLAIN:
                rank = _Rank.FOLLOWS
            ranked.append((rank, place, line))
            before = line
    return ranked


def _rank(line: str, before: str, at: int, *, framed: bool) -> tuple[_Rank, int]:
    if FRAME.match(line):
        return _Rank.FRAME, -at
    text = bare_text(line)
    if only_follows(text):
        return _Rank.FOLLOWS, -at
    if only_wraps(text):
        return _Rank.WRAPS, -at
    if line.startswith("status = StatusCode."):
        return _Rank.FRAME, -at
    if CHAIN.match(line):
        return _Rank.INNERMOST, at
    if line.startswith('details = "'):  # of the exception that gRPC's library for Python prints
        return _Rank.INNERMOST, -at
    if "[" in line and POD_REASON.search(line):
        return _Rank.INNERMOST, -at
    if framed and RAISED.match(line):
        return _Rank.RAISED, at
    return _rank_by_place(line, text, before, at), -at


def _rank_by_place(line: str, text: str, before: str, at: int) -> _Rank:
    if _ANNOUNCES.search(_PROBLEM.sub("", text)):
        return _Rank.PLAIN
    # An item that only says of what kind the failure is leaves its place to the next one.
    is_next = BULLET.match(before) and _ANNOUNCES.search(bare_text(before))
    if BULLET.match(line) and (is_next or _LIST_FOLLOWS.search(before)):
        return _Rank.LISTED
    if _STATES.match(line):
        return _Rank.STRONG
    if at == 0 or PREFIX.match(line) or RAISED.match(line) or line.startswith("ERROR CODE: "):
        return _Rank.OPENING
    return _Rank.STRONG if STRONG.search(line) else _Rank.PLAIN
