"""A model's words held against the facts: what it names and the evidence does not have. Pure.

Only what can be decided is judged: URNs, resources in the words of the engine, counts that are
higher than the real ones, the outcome, commits. A doubt is shown under the text, which stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from upshot.model import Facts, Meaning, Run, VerdictStatus
from upshot.report.words import count_failed
from upshot.text import pattern

_MOST: Final = 6
_READ_CHARS: Final = 60_000

_URN: Final = pattern(r"urn:pulumi:[^\s`'\"<>()\[\],]{3,500}")
_DONE: Final = r"(?:creat|updat|delet|replac)ed|(?:destroy|fail)ed"
# "`orders` was replaced", "resource `orders`": names that the text itself calls resources.
_NAMED: Final = pattern(
    rf"(?:`(?P<one>[\w.:/-]{{2,120}})`|\*\*`?(?P<two>[\w.:/-]{{2,120}})`?\*\*) (?:\([^()\n]{{1,80}}\) )?"
    rf"(?:is|was|were|has been|will be|would be|could not be|cannot be|failed to be)?(?: not)? ?(?:{_DONE})\b"
    r"|\bresource (?:named )?`(?P<three>[\w.:/-]{2,120})`"
)
_NUMBERS: Final = {
    word: at for at, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}  # fmt: skip
_COUNT: Final = pattern(
    rf"(?i)\b(?P<n>\d{{1,6}}|{'|'.join(_NUMBERS)}) (?:resources?|stacks? resources?)"
    r" (?:(?:have|has) been |were |was |are |is |will be |would be |could not be )?(?P<what>failed|created|updated|deleted|replaced)\b"
)
_MEANINGS: Final = {
    "created": Meaning.CREATE,
    "updated": Meaning.UPDATE,
    "deleted": Meaning.DELETE,
    "replaced": Meaning.REPLACE,
}
_OUTCOME: Final = pattern(
    r"(?im)^[>*_#\s-]{0,12}(?:the|this|your) (?:pulumi )?(?P<what>update|preview|deployment|destroy|refresh|run)"
    r" (?:has |was |is )?(?P<word>succeeded|successful|completed successfully|finished successfully|failed)\b"
)
_COMMIT: Final = pattern(r"(?i)\bcommit `?(?P<sha>[0-9a-f]{7,40})\b")
_DESTRUCTIVE: Final = pattern(
    r"pulumi (?:[\w./=-]+ ){0,4}?(?:destroy|cancel|state delete|stack rm)\b|\brm -[rf]{1,2}\b|\bkubectl delete\b"
    r"|(?<![\w-])--force(?:-[a-z]+)?\b|\b(?i:drop (?:table|database))\b|\bterraform destroy\b"
)


class Claims(Struct, frozen=True):
    """What a reader should know beside a model's text."""

    doubts: tuple[str, ...] = ()
    """What it names that the evidence does not have, as plain text."""
    commands: tuple[str, ...] = ()
    """Commands in it that delete or force something."""


def check_claims(text: str, facts: Facts, status: VerdictStatus, run: Run) -> Claims:
    """The doubts about a text, each once, in the order of the text; at most six of each kind."""
    text = text[:_READ_CHARS]
    if not text:
        return Claims()
    doubts = (*_resources(text, facts), *_counts(text, facts), *_outcomes(text, facts, status))
    return Claims(
        _first((*doubts, *_commits(text, facts, run))),
        _first(match[0] for match in _DESTRUCTIVE.finditer(text)),
    )


def _first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]


def _resources(text: str, facts: Facts) -> Iterator[str]:
    """URNs and names that no text of the evidence holds."""
    if not (facts.changes or facts.failures):
        return  # nothing is known of the resources
    if facts.changes_omitted or facts.failures_omitted or facts.is_incomplete:
        return  # more is true than what was kept
    known = _evidence(facts)
    lowered = known.lower()
    for match in _URN.finditer(text):
        urn = match[0].rstrip(".;:")
        if urn not in known:
            yield urn
    for match in _NAMED.finditer(text):
        name = match["one"] or match["two"] or match["three"]
        if name.lower() not in lowered:
            yield name


def _counts(text: str, facts: Facts) -> Iterator[str]:
    """Numbers that are higher than the engine's: a part of them may well be named."""
    for match in _COUNT.finditer(text):
        word = match["n"].lower()
        said = _NUMBERS[word] if word in _NUMBERS else int(word)
        what = match["what"].lower()
        if what == "failed":
            real: int | None = count_failed(facts)
        else:
            real = facts.count(_MEANINGS[what]) if facts.counts is not None else None
        if real is not None and said > real and facts.counts is not None:
            yield f"{said} {what} (the engine counts {real})"


def _outcomes(text: str, facts: Facts, status: VerdictStatus) -> Iterator[str]:
    """An outcome that contradicts the verdict, where a sentence begins with it."""
    if facts.retried or status not in {VerdictStatus.FAILED, VerdictStatus.SUCCEEDED}:
        return
    for match in _OUTCOME.finditer(text):
        failed = match["word"].lower() == "failed"
        if failed is not (status is VerdictStatus.FAILED):
            yield f"the {match['what'].lower()} {match['word'].lower()}"


def _commits(text: str, facts: Facts, run: Run) -> Iterator[str]:
    shas = dict.fromkeys(match["sha"].lower() for match in _COMMIT.finditer(text))
    foreign = [sha for sha in shas if run.sha and not run.sha.startswith(sha)]
    if not foreign:
        return
    known = _evidence(facts)
    yield from (f"commit {sha}" for sha in foreign if sha not in known)


def _evidence(facts: Facts) -> str:
    """Every text of the facts that may name something."""
    parts = [str(facts.stack or ""), *facts.protected, *facts.pending_operations]
    for failure in facts.failures:
        parts += [failure.urn, failure.type, failure.name, failure.message, failure.headline]
    for change in facts.changes:
        parts += [change.urn, change.type, change.name, *change.diffs]
        parts += [text for one in change.properties for text in (one.path, one.old, one.new)]
    for violation in facts.policy_violations:
        parts += [violation.policy, violation.pack, violation.urn, violation.message]
    parts += [text for warning in facts.warnings for text in (warning.urn, warning.message)]
    return "\n".join(parts)
