"""Facts as plain text for an AI, cut to a budget so that the cause survives.

The least important lines are cut first. The facts are redacted before; must not know who reads the
text, nor add a word that is not a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from upshot.model import Facts, Failure, ResourceChange

_LINE_CHARS: Final = 1_600
"""Characters of one line of a message; the line that states the root cause is kept whole."""
_RESERVE_BYTES: Final = 120
"""Kept for the last line, which counts what was left out."""
_MORE_FAILURES: Final = 40
_CHANGES: Final = 200


class Excerpt:
    """The evidence about one run, by importance: outcome, root cause, the headlines of the other
    failures, whole messages, then everything else.
    """

    def __init__(self, facts: Facts, redact: Callable[[str], str] = str) -> None:
        """`redact` is applied to the whole text: only there a secret over several lines is seen."""
        self._facts = facts
        self._redact = redact

    def cut(self, budget_bytes: int) -> str:
        """At most `budget_bytes` of UTF-8; whole lines, the omitted ones counted at the end.

        A root cause whose line alone is longer than the budget is cut within, on a character.
        """
        # A mask may be longer than what it hides.
        return _clip(self._redact(self._cut(budget_bytes)), budget_bytes)

    def _cut(self, budget_bytes: int) -> str:
        kept: list[str] = []
        used = 0
        left_out = 0
        room = max(0, budget_bytes - _RESERVE_BYTES)
        lines = list(_lines(self._facts))
        total = sum(_size(line) for line in lines)
        if total <= budget_bytes:
            return "\n".join(lines)
        for line in lines:
            cost = _size(line)
            if used + cost <= room:
                kept.append(line)
                used += cost
            elif not left_out and room - used > _RESERVE_BYTES:
                kept.append(_clip(line, room - used - 2))
                used = room
                left_out += 1
            else:
                left_out += 1
        kept.append(f"[{left_out} more lines left out of {len(lines)}]")
        return _clip("\n".join(kept), budget_bytes)


def _size(line: str) -> int:
    return len(line.encode("utf-8", "replace")) + 1


def _clip(text: str, budget_bytes: int) -> str:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= budget_bytes:
        return text
    return raw[: max(0, budget_bytes)].decode("utf-8", "ignore")


def _lines(facts: Facts) -> Iterator[str]:
    root = facts.root_cause
    yield _title(facts)
    if root:
        yield "Root cause:"
        yield f"  {root.type} {root.name} {root.headline}".replace("   ", "  ")
        yield f"  {_label(root)}"
        if root.location:
            yield f"  at {root.location.file}:{root.location.line}"
    yield from _other_failures(facts, root)
    yield from _pending(facts)
    yield from _violations(facts)
    if root:
        yield from _message(root, "Message of the root cause:")
    for failure in facts.failures:
        if failure is not root and failure.message != failure.headline:
            yield from _message(failure, f"Message of {_label(failure)}:")
    yield from _warnings(facts)
    yield from _counts(facts)
    yield from _changes(facts)


def _title(facts: Facts) -> str:
    parts = [f"Outcome: {facts.kind.value} {facts.outcome.value}"]
    if facts.stack:
        parts.append(f"stack {facts.stack}")
    if facts.duration_s is not None:
        parts.append(f"{facts.duration_s:.0f} s")
    if facts.is_incomplete:
        parts.append("evidence incomplete")
    return ", ".join(parts)


def _label(failure: Failure) -> str:
    if not failure.type:
        return "program or engine"
    verb = f"{failure.operation} of " if failure.operation else ""
    codes = " ".join(str(code) for code in (failure.status_code, failure.error_code) if code)
    return f"{verb}{failure.type} {failure.name}" + (f" ({codes})" if codes else "")


def _other_failures(facts: Facts, root: Failure | None) -> Iterator[str]:
    others = [failure for failure in facts.failures if failure is not root]
    if not others:
        return
    yield f"Other failures: {len(others) + facts.failures_omitted}"
    for failure in others[:_MORE_FAILURES]:
        tail = " [only followed]" if failure.is_cascade else ""
        yield f"  {_label(failure)}: {failure.headline[:_LINE_CHARS]}{tail}"
    hidden = len(others) - _MORE_FAILURES + facts.failures_omitted
    if hidden > 0:
        yield f"  and {hidden} more"


def _message(failure: Failure, title: str) -> Iterator[str]:
    yield title
    for line in f"error: {failure.message}".split("\n"):
        if line.strip():
            yield f"  {line.rstrip()}" if len(line) <= _LINE_CHARS else f"  {line[:_LINE_CHARS]}…"


def _pending(facts: Facts) -> Iterator[str]:
    if facts.pending_operations:
        yield "Pending operations:"
        yield from (f"  {text}" for text in facts.pending_operations)
    if facts.protected:
        yield "Protected resources:"
        yield from (f"  {text}" for text in facts.protected)


def _violations(facts: Facts) -> Iterator[str]:
    if facts.policy_violations:
        yield "Policy violations:"
    for violation in facts.policy_violations:
        first = violation.message.split("\n", 1)[0]
        yield f"  [{violation.enforcement}] {violation.policy} {violation.urn}: {first}"


def _warnings(facts: Facts) -> Iterator[str]:
    if facts.warnings:
        yield "Warnings:"
    for warning in sorted(facts.warnings, key=lambda warning: warning.is_deprecation):
        times = f" ({warning.count} times)" if warning.count > 1 else ""
        lines = [line.rstrip() for line in warning.message.split("\n") if line.strip()]
        yield f"  warning: {lines[0]}{times}" if lines else "  (empty)"
        yield from (f"    {line}" for line in lines[1:])


def _counts(facts: Facts) -> Iterator[str]:
    if facts.counts:
        counts = ", ".join(f"{op} {number}" for op, number in sorted(facts.counts.items()))
        yield f"Resources: {counts}"


def _changes(facts: Facts) -> Iterator[str]:
    if facts.changes:
        yield "Changes:"
    for change in islice(facts.changes, _CHANGES):
        yield f"  {_change(change)}"
    hidden = len(facts.changes) - _CHANGES + facts.changes_omitted
    if hidden > 0:
        yield f"  and {hidden} more"


def _change(change: ResourceChange) -> str:
    marks = [
        word
        for word, is_so in (("holds data", change.stateful), ("protected", change.protected))
        if is_so
    ]
    diffs = f" [{', '.join(change.diffs)}]" if change.diffs else ""
    return f"{change.operation} {change.type} {change.name}{diffs}" + "".join(
        f" ({m})" for m in marks
    )
