"""The one concrete step for a failure: advice with the evidence's own values in it.

The rules are data, in the TOML files beside this module. A rule belongs to a class of the catalogue;
its pattern takes values out of the message, its step has them in slots. No value is made up: a rule
whose slots are not all filled is no advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Final

from msgspec import Meta, Struct, convert

from upshot.evidence.rules import read_folder
from upshot.model import Facts

_SLOT: Final = re.compile(r"\{(?P<text>text:)?(?P<name>[a-z_]+)\}")
_SAFE: Final = re.compile(r"[\w.:/@+=,*#%~\[\]() -]{1,300}", re.ASCII)
"""What may stand in a command that a person pastes; anything else only as `{text:…}`."""
_TEXT: Final = re.compile(r"[^`\n\r]{1,240}")
_TYPE: Final = re.compile(r"[\w-]{1,60}:[\w.-]{1,60}/[\w.-]{1,80}:\w{1,80}|kubernetes:[\w./-]{1,80}:\w{1,80}", re.ASCII)  # fmt: skip
_READ_CHARS: Final = 16_000
_MOST_PENDING: Final = 10
# Groups that take the place of another one in an alternative of the same pattern.
_SAME: Final = {
    "required": "permission",
    "same": "id",
    "same_command": "command",
    "absent": "profile",
}
_MAY_BE_EMPTY: Final = frozenset({"stack_option", "group"})
_OURS: Final = frozenset({"stack_option", "pending"})
"""Slots that hold more than a value of the evidence."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to advise about one class."""

    slug: str
    pattern: str
    """Searched in the message as one line; empty: the slots come from the facts alone."""
    step: Annotated[str, Meta(min_length=20)]
    """Markdown. `{name}` is a value of harmless characters, `{text:name}` any text of one line."""


class _Family(Struct, frozen=True, forbid_unknown_fields=True):
    advice: tuple[Rule, ...]


class Advised(Struct, frozen=True):
    """A step, and the values of the evidence that it names."""

    step: str
    values: dict[str, str]


@cache
def load_rules() -> tuple[Rule, ...]:
    """Every rule, files in the order of their names.

    Raises msgspec.ValidationError when a file does not keep to the schema; a test reads every file.
    """
    families = [convert(found, _Family) for found in read_folder(__name__)]
    return tuple(rule for family in families for rule in family.advice)


def advise(slug: str, facts: Facts, stack_option: str = "") -> Advised | None:
    """The step of the first rule of the class that the evidence fills; None when there is none.

    `stack_option` is ` --stack NAME`, or empty.
    """
    known = _known(facts, stack_option)
    for text in _texts(facts):
        for rule in load_rules():
            if rule.slug == slug and (found := _apply(rule, text, known)) is not None:
                return found
    return None


def _texts(facts: Facts) -> Iterator[str]:
    """The message of the root cause, then its statement alone; else what a policy says."""
    root = facts.root_cause
    if root is not None:
        yield " ".join(root.message[:_READ_CHARS].split())
        yield " ".join(root.headline[:_READ_CHARS].split())
    else:
        yield ""


def _known(facts: Facts, stack_option: str) -> dict[str, str]:
    """Slots that the facts fill, whatever the message says."""
    root = facts.root_cause
    known = {"stack_option": stack_option}
    if root is not None:
        known["name"] = root.name
        known["type"] = root.type if _TYPE.fullmatch(root.type) else ""
        known["headline"] = root.headline
        if root.location is not None:
            known["file"], known["line"] = root.location.file, str(root.location.line)
    policy = next((v for v in facts.policy_violations if v.enforcement == "mandatory"), None)
    if policy is not None:
        known["policy"], known["pack"] = policy.policy, policy.pack
        known["policy_resource"] = policy.urn.rpartition("::")[2]
    if facts.protected:
        known["protected"] = facts.protected[0]
    if facts.pending_operations:
        known["pending"] = _pending(facts.pending_operations, stack_option)
    return known


def _pending(operations: tuple[str, ...], stack_option: str) -> str:
    """A line for each operation, with the command that settles it."""
    lines = []
    for operation in operations[:_MOST_PENDING]:
        verb, _, urn = operation.partition(" ")
        if not _SAFE.fullmatch(urn.replace("$", ".")) or not verb.isalpha():
            continue
        if verb == "creating":
            how = (
                f"`pulumi refresh{stack_option} --clear-pending-creates` if it was not made, "
                f"`pulumi refresh{stack_option} --import-pending-creates '{urn}'` with its id if it was"
            )
        else:
            how = f"`pulumi refresh{stack_option}` finds out how it ended"
        lines.append(f"- {verb} `{urn}`: {how}")
    return "\n".join(lines)


def _apply(rule: Rule, text: str, known: Mapping[str, str]) -> Advised | None:
    match = re.search(rule.pattern, text)
    if match is None:
        return None
    found = {_SAME.get(name, name): value for name, value in match.groupdict().items() if value}
    if "group" in match.re.groupindex:
        found["group"] = match["group"] or ""
    slots = {**known, **found}
    used: dict[str, str] = {}
    for slot in _SLOT.finditer(rule.step):
        name = slot["name"]
        value = _cleaned(name, slots.get(name, ""), is_text=bool(slot["text"]))
        if value is None:
            return None
        used[name] = value
    step = _SLOT.sub(lambda slot: used[slot["name"]], rule.step.strip())
    named = {name: value for name, value in used.items() if value and name not in _OURS}
    return Advised(step, named)


def _cleaned(name: str, value: str, *, is_text: bool) -> str | None:
    """The value as it may stand in the step; None when it may not."""
    if name in _OURS:
        return value if value or name in _MAY_BE_EMPTY else None
    value = value.strip().rstrip(".,;:")
    if not value:
        return value if name in _MAY_BE_EMPTY else None
    if is_text:
        return value if _TEXT.fullmatch(value) else None
    return value if _SAFE.fullmatch(value) or _is_urn(value) else None


def _is_urn(value: str) -> bool:
    return value.startswith("urn:pulumi:") and _SAFE.fullmatch(value.replace("$", ".")) is not None
