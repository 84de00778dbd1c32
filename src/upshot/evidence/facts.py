"""Collects what a reader finds into Facts, in bounded memory.

Must not know the form of the evidence: the event reader and the console reader do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from msgspec.structs import replace

from upshot.evidence.failure.cause import standing_of
from upshot.evidence.failure.failures import FailureDraft, Named, build_failures
from upshot.evidence.urn import STACK_TYPE, display_type, find_urn, provider_of
from upshot.model import (
    EngineWarning,
    Facts,
    Failure,
    Outcome,
    PolicyViolation,
    ResourceChange,
    StackOutput,
    StackRef,
    UpdateKind,
)
from upshot.model.limits import MESSAGE_KEPT
from upshot.model.operations import operation_of
from upshot.text import pattern

MAX_FAILURES: Final = 200
"""Failures that are kept whole, with their messages."""
MAX_NAMED: Final = 5_000
"""Failed resources beyond those that are kept by name alone."""
_MOST_OMITTED: Final = 100_000
MAX_CHANGES: Final = 500
"""Destructive changes that are kept; as many others."""
MAX_OUTPUTS: Final = 50
MAX_WARNINGS: Final = 60
MAX_POLICY_VIOLATIONS: Final = 100
MAX_LIST: Final = 50
_SHORT_CHARS: Final = 1_000
_TOTAL_CHARS: Final = 1_000_000
_VALUE_CHARS: Final = 1_500_000
"""Of all property values; the changes after that have the names of their properties alone."""

_PROTECTED = pattern(r"marked for protection|is protected|unprotect")
_INTERRUPTED = pattern(r"(?P<urn>urn:pulumi:\S{1,2000}?),? interrupted while (?P<verb>\w{2,30})")
_NAMES = pattern(r"urn:pulumi:\S+|'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|[\w.-]*-[0-9a-f]{7}\b")
_DEPRECATED = pattern(r"\bdeprecat", re.IGNORECASE)


class FactsBuilder:
    """Takes findings in the order in which they are read; `build`, called last, gives the facts."""

    def __init__(self) -> None:
        self._drafts: dict[str, FailureDraft] = {}
        self._chars_left = _TOTAL_CHARS
        self._value_chars_left = _VALUE_CHARS
        self._named: dict[str, Failure] = {}
        """Failed resources beyond `MAX_FAILURES`, by key, without a message."""
        self._omitted: set[int] = set()
        """Hashes of the keys of failures that there was no room for."""
        self._failures_omitted = 0
        self._destructive: dict[str, ResourceChange] = {}
        self._other_changes: dict[str, ResourceChange] = {}
        self._changes_omitted = 0
        self._warnings: dict[str, EngineWarning] = {}
        self._violations: list[PolicyViolation] = []
        self._lists: dict[str, dict[str, None]] = {"links": {}, "pending": {}, "protected": {}}
        self.diagnostics: dict[str, int] = {}

    def _draft(self, key: str, resource: Named, operation: str) -> FailureDraft | None:
        draft = self._drafts.get(key)
        if draft is None:
            if len(self._drafts) >= MAX_FAILURES:
                self._name(key, resource, operation)
                return None
            draft = self._drafts[key] = FailureDraft(resource)
        elif not draft.resource.urn and resource.urn:
            draft.resource = replace(draft.resource, urn=resource.urn)
        return draft

    def add_error(
        self, key: str, message: str, resource: Named, *, operation: str = "", is_row: bool = False
    ) -> None:
        """A message of severity error. Messages of one key are one failure.

        `is_row`: a row of the display holds only the beginning of a message, so the whole message
        replaces it when it comes.
        """
        message = message.strip("\n")
        self._note(message, resource)
        draft = self._draft(key, resource, operation)
        if draft is None:
            return
        draft.ended_well = False
        draft.operation = draft.operation or operation
        if is_row:
            draft.row = draft.row if standing_of(draft.row) > standing_of(message) else message
            return
        limit = min(MESSAGE_KEPT, max(self._chars_left, _SHORT_CHARS)) - draft.chars
        if limit > 0 and not any(message in text for text in draft.texts):
            kept = message[:limit]
            draft.texts.append(kept)
            draft.chars += len(kept)
            self._chars_left -= len(kept)

    def add_context(self, key: str, text: str) -> None:
        """Output of the program or provider before its failure, which may state the cause.

        The display shows it twice, and either may be cut: the fuller text is kept.
        """
        draft = self._drafts.get(key)
        text = text[:MESSAGE_KEPT].strip("\n")
        if draft is not None and text.strip() and len(text) > len(draft.context):
            draft.context = text

    def add_failed_step(
        self,
        key: str,
        resource: Named,
        *,
        operation: str,
        row: str = "",
        needs: tuple[str, ...] = (),
        ended_well: bool = False,
    ) -> None:
        """The engine reported a failed step; its reason may come before, later or never.

        `ended_well`: as `ends_well` says.
        """
        draft = self._draft(key, resource, operation)
        if draft is not None:
            draft.operation = operation or draft.operation
            draft.step = draft.step or row
            draft.needs = draft.needs or needs
            draft.has_failed, draft.ended_well = True, ended_well

    def ends_well(self, key: str) -> None:
        """The step ended well after its errors: they were logged, and fail nothing where another
        resource's step failed.
        """
        if draft := self._drafts.get(key):
            draft.ended_well = True

    def omits(self, key: str, resource: Callable[[str], Named] = Named.from_urn) -> bool:
        """Whether there is no room for the message of this key; if so, it is named or counted.

        `resource` makes the key's name, and is called for the first message of a key.
        """
        if key in self._drafts or len(self._drafts) < MAX_FAILURES:
            return False
        if key not in self._named:
            self._name(key, resource(key), "")
        return True

    def _name(self, key: str, resource: Named, operation: str) -> None:
        """Keeps the name of a failed resource, where there is room; else counts it."""
        known = self._named.get(key)
        if known is not None:
            if operation and not known.operation:
                self._named[key] = replace(known, operation=operation)
        elif len(self._named) < MAX_NAMED and resource.type not in {"", STACK_TYPE}:
            self._named[key] = Failure(
                "",
                "",
                resource.urn,
                resource.type,
                resource.name,
                operation,
                provider_of(resource.type),
                is_resource=True,
            )
        else:
            self._omit(key)

    def _omit(self, key: str) -> None:
        """Counts a failure once, however many messages and steps it has."""
        known = hash(key)
        if known not in self._omitted:
            self._failures_omitted += 1
            if len(self._omitted) < _MOST_OMITTED:
                self._omitted.add(known)

    def add_warning(self, message: str, urn: str = "") -> None:
        message = message.strip()[:2_000]
        if not message:
            return
        self._note_pending(message)
        deprecation = bool(_DEPRECATED.search(message))
        key = _NAMES.sub("", message) if deprecation else message
        known = self._warnings.get(key)
        if known:
            self._warnings[key] = replace(known, count=known.count + 1)
        elif len(self._warnings) < MAX_WARNINGS:
            self._warnings[key] = EngineWarning(message, urn, is_deprecation=deprecation)

    def forgive(self) -> None:
        """The engine says that the run succeeded: an error that was only logged is a warning."""
        self._forgive(self._drafts)
        self._named.clear()

    def _forgive(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            draft = self._drafts.pop(key)
            for text in draft.messages():
                self.add_warning(text, draft.resource.urn)

    def add_violation(self, violation: PolicyViolation) -> None:
        if len(self._violations) < MAX_POLICY_VIOLATIONS and violation not in self._violations:
            self._violations.append(violation)

    def has_room_for_change(self, operation: str) -> bool:
        """Whether there is room for one more change; cheaper than building the change first."""
        home = self._destructive if operation_of(operation).destroys else self._other_changes
        return len(home) < MAX_CHANGES

    def omit_change(self) -> None:
        self._changes_omitted += 1

    def add_change(self, key: str, change: ResourceChange) -> None:
        """A later change of the same key replaces the earlier one."""
        change = self._within_room(
            change, self._destructive.get(key) or self._other_changes.get(key)
        )
        destructive = change.destroys
        if destructive and is_stateful(change.type):
            change = replace(change, stateful=True)
        home = self._destructive if destructive else self._other_changes
        if not destructive and key in self._destructive:
            return
        if destructive:
            self._other_changes.pop(key, None)
        if key in home or len(home) < MAX_CHANGES:
            home[key] = change
        else:
            self._changes_omitted += 1

    def _within_room(self, change: ResourceChange, before: ResourceChange | None) -> ResourceChange:
        """The change with the properties that an earlier step of it named, or with its own while
        there is room for their values: after that, they have names alone.
        """
        if before is not None and before.properties and not change.properties:
            return replace(
                change,
                diffs=change.diffs or before.diffs,
                properties=before.properties,
                properties_omitted=before.properties_omitted,
            )
        self._value_chars_left += _value_chars(before) if before else 0
        needed = _value_chars(change)
        if needed <= self._value_chars_left:
            self._value_chars_left -= needed
            return change
        bare = tuple(replace(each, old="", new="") for each in change.properties)
        return replace(change, properties=bare)

    def amend_change(self, key: str, operation: str) -> None:
        """What really happened to a resource whose change failed half way; empty: nothing."""
        change = self._destructive.pop(key, None)
        if change is not None and operation:
            self._destructive[key] = replace(change, operation=operation)

    def add_link(self, url: str) -> None:
        self._remember("links", url)

    def count(self, severity: str) -> None:
        self.diagnostics[severity] = self.diagnostics.get(severity, 0) + 1

    def _remember(self, kind: str, text: str) -> None:
        known = self._lists[kind]
        if len(known) < MAX_LIST:
            known[text] = None

    def _note(self, message: str, resource: Named) -> None:
        self._note_pending(message)
        if _PROTECTED.search(message):
            urn = find_urn(message)
            named = (urn.text if urn else "") or resource.urn or resource.name
            if named:
                self._remember("protected", named)

    def _note_pending(self, message: str) -> None:
        for count, match in enumerate(_INTERRUPTED.finditer(message)):
            if count >= MAX_LIST:
                return
            self._remember("pending", f"{match['verb']} {match['urn']}")

    def build(
        self,
        *,
        outcome: Outcome,
        kind: UpdateKind,
        stack: StackRef | None = None,
        is_running: bool = False,
        is_incomplete: bool = False,
        duration_s: float | None = None,
        started_at: float | None = None,
        counts: dict[str, int] | None = None,
        plans: tuple[bytes, ...] = (),
        failed_afterwards: bool = False,
        outputs: tuple[StackOutput, ...] = (),
    ) -> Facts:
        if any(draft.has_failed and not draft.ended_well for draft in self._drafts.values()):
            self._forgive(key for key, draft in self._drafts.items() if draft.ended_well)
        return Facts(
            outcome=outcome,
            kind=kind,
            stack=stack,
            is_running=is_running,
            is_incomplete=is_incomplete,
            duration_s=duration_s,
            started_at=started_at,
            counts=counts,
            failures=(*build_failures(self._drafts.values()), *self._named.values()),
            failures_omitted=self._failures_omitted,
            changes=(*self._destructive.values(), *self._other_changes.values()),
            changes_omitted=self._changes_omitted,
            outputs=outputs[:MAX_OUTPUTS],
            outputs_omitted=max(0, len(outputs) - MAX_OUTPUTS),
            diagnostics=self.diagnostics,
            policy_violations=tuple(self._violations),
            warnings=tuple(self._warnings.values()),
            pending_operations=tuple(self._lists["pending"]),
            protected=tuple(self._lists["protected"]),
            links=tuple(self._lists["links"]),
            plans=plans,
            failed_afterwards=failed_afterwards,
        )


def _value_chars(change: ResourceChange) -> int:
    return sum(len(each.old) + len(each.new) for each in change.properties)


def is_stateful(type_token: str) -> bool:
    """Whether the type (`aws:rds/instance:Instance` or `aws:rds:Instance`) holds data that a delete
    or a replacement would lose.
    """
    return display_type(type_token).lower() in _stateful_types()


@cache
def _stateful_types() -> frozenset[str]:
    """The list is data: stateful.txt, one type a line. It is read for the first delete."""
    from pathlib import Path

    text = (Path(__file__).parent / "stateful.txt").read_text(encoding="utf-8")
    return frozenset(
        line.strip().lower() for line in text.splitlines() if line.strip() and line[0] != "#"
    )
