"""`/upshot why NAME-OR-URN`: why a resource is changed or failed, from the facts, without an AI.

Pure but for reading the evidence. Names and messages are the evidence's, and hostile.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from upshot.evidence.urn import parse_urn
from upshot.model import BackendName, Facts, Failure, NoAnswer, Outcome, ResourceChange, UpdateKind
from upshot.model.operations import operation_of
from upshot.modes.chat.chat import Answer, Chat, failed, open_world
from upshot.modes.shared.report import ReportMaker
from upshot.report.changes.diff import diff_lines
from upshot.report.chat.page import Block, Code, Items, Plain, Words
from upshot.report.markdown.text import clip_block, clip_line, wrap_block
from upshot.report.words import could_not

_MOST_SHOWN: Final = 4
_MOST_NEAR: Final = 5
_MOST_FORCING: Final = 10
_ERROR_CHARS: Final = 1_200
_WIDTH: Final = 92


class Resource(Struct, frozen=True):
    """One resource of the evidence."""

    urn: str
    type: str
    name: str
    change: ResourceChange | None = None
    failures: tuple[Failure, ...] = ()


def answer(chat: Chat) -> Answer:
    with open_world(chat.job) as world:
        cases = world.cases
    report = ReportMaker(chat.job).build(
        cases[0], NoAnswer(BackendName.LOCAL), chat.lookup.result()
    )
    if not any(case.facts.sources for case in cases):
        return failed(Words("There is no evidence of an update or preview to look into."))
    found = [
        (case.facts, resource)
        for case in cases
        for resource in find_resources(case.facts, chat.command.argument)
    ]
    if not found:
        names = [each.name for case in cases for each in resources_of(case.facts)]
        return failed(
            *unknown(chat.command.argument, names, is_partial=_is_partial(cases[0].facts))
        )
    blocks = [block for facts, each in found[:_MOST_SHOWN] for block in describe(facts, each)]
    if len(found) > _MOST_SHOWN:
        blocks.append(Words("{} more have this name: give the URN.", (len(found) - _MOST_SHOWN,)))
    return Answer(blocks=tuple(blocks), report=report)


def resources_of(facts: Facts) -> tuple[Resource, ...]:
    """Everything that the evidence says something of, each once."""
    found: dict[tuple[str, str, str], Resource] = {}
    for change in facts.changes:
        key = _key(change.urn, change.type, change.name)
        if key not in found or operation_of(change.operation).word == "replace":
            found[key] = Resource(change.urn, change.type, change.name, change)
    for failure in facts.failures:
        if not failure.name and not failure.urn:
            continue
        key = _key(failure.urn, failure.type, failure.name)
        known = found.get(key) or Resource(failure.urn, failure.type, failure.name)
        found[key] = Resource(
            known.urn or failure.urn,
            known.type or failure.type,
            known.name or failure.name,
            known.change,
            (*known.failures, failure),
        )
    return tuple(found.values())


def find_resources(facts: Facts, asked: str) -> tuple[Resource, ...]:
    """Those of this URN, else of this name, else of `type::name`, else of the name in another case."""
    known = resources_of(facts)
    lower = asked.lower()
    for matches in (
        [each for each in known if each.urn == asked],
        [each for each in known if each.name == asked],
        [each for each in known if f"{each.type}::{each.name}" == asked],
        [each for each in known if each.name.lower() == lower],
    ):
        if matches:
            return tuple(matches)
    return ()


def describe(facts: Facts, resource: Resource) -> tuple[Block, ...]:
    """What happens to it, because of what, and what failed first."""
    items = [
        *_reasons(facts, resource),
        *_policies(facts, resource),
        *_parent(resource),
        *_first_failure(facts, resource),
    ]
    errors = [
        Code(
            wrap_block(
                clip_block(failure.message.strip() or failure.headline, _ERROR_CHARS), _WIDTH
            )
        )
        for failure in resource.failures[:1]
    ]
    return (
        _title(facts, resource),
        *((Items(tuple(items)),) if items else ()),
        *_properties(resource),
        *errors,
    )


def _properties(resource: Resource) -> list[Code]:
    """Old and new values, as far as the evidence has them."""
    change = resource.change
    if change is None or change.means.value not in {"update", "replace"} or not change.properties:
        return []
    return [Code("\n".join(diff_lines(change.properties, change.properties_omitted)), "diff")]


def unknown(asked: str, names: Iterable[str], *, is_partial: bool) -> tuple[Block, ...]:
    """No such resource, and which ones may have been meant."""
    near = get_close_matches(asked[:200], list(dict.fromkeys(filter(None, names))), _MOST_NEAR, 0.5)
    nothing = Words(
        "The evidence says nothing of {}: nothing changes in it, or it has another name.", (asked,)
    )
    meant = Words(f"Perhaps you mean {', '.join(['{}'] * len(near))}.", tuple(near))
    partial = Words("The list of changes is not complete, so it may be missing for that reason.")
    return (nothing, *((meant,) if near else ()), *((partial,) if is_partial else ()))


def _key(urn: str, kind: str, name: str) -> tuple[str, str, str]:
    return (urn, "", "") if urn else ("", kind, name)


def _title(facts: Facts, resource: Resource) -> Words:
    what = f"{_tense(facts, resource)}"
    kind = resource.type
    if kind:
        return Words(f"**{{}}** ({{}}) {what}.", (resource.name or resource.urn, kind))
    return Words(f"**{{}}** {what}.", (resource.name or resource.urn,))


def _tense(facts: Facts, resource: Resource) -> str:
    broken = next((failure for failure in resource.failures), None)
    if broken is not None:
        return could_not(broken.operation)
    done = operation_of(resource.change.operation).could_not if resource.change else ""
    done = done or "looked at"
    if facts.kind is UpdateKind.PREVIEW:
        return f"would be {done}"
    return f"was {done}" if facts.outcome is Outcome.SUCCEEDED else f"was {done}, or was to be"


def _reasons(facts: Facts, resource: Resource) -> list[Words]:
    change = resource.change
    if change is None:
        return []
    items = []
    if change.diffs:
        names = ", ".join(["{}"] * len(change.diffs))
        verb = "differs" if len(change.diffs) == 1 else "differ"
        because = "Because" if change.means.value in {"update", "replace"} else "Here"
        items.append(Words(f"{because} {names} {verb} from what is deployed.", tuple(change.diffs)))
        forcing = tuple(each.path for each in change.properties if each.replaces)[:_MOST_FORCING]
        if forcing:
            names = ", ".join(["{}"] * len(forcing))
            verb = "cannot be changed in place, and forces" if len(forcing) == 1 else "force"
            items.append(Words(f"{names} {verb} the replacement.", forcing))
    elif change.means.value == "create":
        items.append(Words("Because the program has it, and the stack has not."))
    elif change.means.value == "delete":
        items.append(Words("Because the stack has it, and the program has it no longer."))
    elif change.means.value == "replace":
        items.append(Words("The evidence does not say which property forces the replacement."))
    if change.stateful and change.destroys:
        items.append(Words("**It holds data, which would be lost.**"))
    if change.protected or resource.urn in facts.protected:
        items.append(Words("It is protected: Pulumi refuses to delete it until that is lifted."))
    return items


def _policies(facts: Facts, resource: Resource) -> list[Words]:
    return [
        Words(
            "The policy {} ({}) says: {}",
            (found.policy, Plain(found.enforcement), Plain(found.message)),
        )
        for found in facts.policy_violations[:50]
        if resource.urn and found.urn == resource.urn
    ][:3]


def _parent(resource: Resource) -> list[Words]:
    """Its URN names the types of its parents; the evidence has no other dependency."""
    urn = parse_urn(resource.urn)
    kinds = resource.urn.split("::")[2].split("$")[:-1] if urn and "$" in resource.urn else []
    return [Words("It belongs to a {}.", (kinds[-1],))] if kinds else []


def _first_failure(facts: Facts, resource: Resource) -> list[Words]:
    """What failed before it, where it only followed, and where it never had its turn."""
    first = facts.root_cause
    if first is None or first in resource.failures:
        return []
    is_affected = not resource.failures or any(f.is_cascade for f in resource.failures)
    if facts.outcome is not Outcome.FAILED or not is_affected:
        return []
    name = first.name or first.type or "the program"
    return [Words("What failed first is {}: {}", (name, Plain(clip_line(first.headline, 300))))]


def _is_partial(facts: Facts) -> bool:
    return facts.is_incomplete or facts.changes_omitted > 0
