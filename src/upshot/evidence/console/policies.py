"""The `Policies:` section of console output: packs, and the violations under them.

::

    Policies:
        ❌ guardrails@v1.2.0
            - [mandatory]  no-public-buckets  (aws:s3:Bucket: assets)
              Buckets must be private.
"""

from __future__ import annotations

import re

from upshot.evidence.failure.failures import Named
from upshot.evidence.text import CappedText
from upshot.model import PolicyViolation
from upshot.text import pattern

Found = tuple[PolicyViolation, Named, str]

_PACK = pattern(r"\W{0,12}(?P<pack>[\w./-]{1,200})@v?\S{1,60}")
_VIOLATION = pattern(
    r"\s*(?:- )?\[(?P<enforcement>mandatory|advisory|remediate|disabled)\]\s+"
    r"(?:(?P<pack>[\w./-]{1,200}) v\S{1,60}\s+)?(?P<policy>[\w./-]{1,200})"
    r"\s+\((?P<type>[^\s()]{1,300}): (?P<name>[^()\n]{1,300})\)"
)


# `--diff` prints a violation on one line, where it happens (shipped client).
_ON_ONE_LINE = pattern(
    r"\s*(?P<pack>[\w./-]{1,200})@v?\S{1,60} \[(?P<enforcement>mandatory|advisory|remediate)\]"
    r"\s+(?P<policy>[\w./-]{1,200})\s+\((?P<type>[^\s()]{1,300}): (?P<name>[^()\n]{1,300})\)"
    r"(?P<message>.{0,4000})"
)


def find_violation(line: str) -> Found | None:
    """The violation that one line holds, as `--diff` prints it."""
    match = _ON_ONE_LINE.match(line)
    if match is None:
        return None
    said = match["message"].strip()
    violation = PolicyViolation(match["policy"], match["pack"], match["enforcement"], said)
    return violation, Named("", match["type"], match["name"]), line.strip()


class PolicySection:
    """Takes the section's lines; `close` returns what was found and resets it."""

    def __init__(self) -> None:
        self._pack = ""
        self._open: tuple[re.Match[str], CappedText, str] | None = None
        self._found: list[Found] = []

    def feed(self, line: str) -> None:
        match = _VIOLATION.match(line)
        if match:
            self._flush()
            self._open = (match, CappedText(head_chars=4_000, tail_chars=500), line.strip())
            return
        pack = _PACK.match(line.strip())
        if pack and not line.strip()[0].isalnum():
            self._flush()
            self._pack = pack["pack"]
        elif self._open:
            self._open[1].add(line.strip())

    def close(self) -> list[Found]:
        self._flush()
        found, self._found = self._found, []
        return found

    def _flush(self) -> None:
        if self._open is None:
            return
        match, message, line = self._open
        self._open = None
        violation = PolicyViolation(
            match["policy"],
            match["pack"] or self._pack,
            match["enforcement"],
            "\n".join(message.lines()),
        )
        # Analyzers of another kind name the resource before its type.
        turned = match["type"].count(":") < match["name"].count(":")
        type_, name = (match["name"], match["type"]) if turned else (match["type"], match["name"])
        resource = Named("", type_, name)
        self._found.append((violation, resource, line))
