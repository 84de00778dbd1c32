"""`upshot why NAME LOG`: what happened to one resource, or to the stack, and why; no AI is asked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from upshot.cli.desk import Desk, Refused
from upshot.cli.explain import read_reports
from upshot.cli.terminal.screen import Screen
from upshot.evidence.diagnosis import diagnose
from upshot.evidence.urn import STACK_TYPE
from upshot.model import Diagnosis, Facts, Outcome, StackRef
from upshot.modes.chat.ask import offline
from upshot.modes.chat.why import Resource, describe, find_resources, resources_of
from upshot.report.chat.page import Block, Words
from upshot.result.build import redacted

VERSION: Final = 1
"""Of the JSON; it grows when a field changes its meaning or goes away."""
_MOST_SHOWN: Final = 8
_MOST_NEAR: Final = 5
_NEAR: Final = 0.5
_LONGEST: Final = 300


class Found(Struct, frozen=True):
    """One resource that has the name, with what the evidence says around it."""

    facts: Facts
    resource: Resource
    diagnosis: Diagnosis
    """Of its own failure; without a class where it did not fail."""


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Raises Refused for a name that the evidence does not have, naming those that are near."""
    from upshot.report.chat.render import render_blocks
    from upshot.report.view import allowed_hosts

    told = read_reports(options, desk)
    job = told.job
    if not told.is_known:
        raise Refused("the evidence holds nothing of Pulumi's: there is no run to look into")
    facts = [report.facts for report in told.reports if report.facts.sources]
    found = [each for said in facts for each in find(said, options.name)]
    if not found:
        message, hint = _unknown(options.name, facts)
        raise Refused(message, hint=hint)
    if options.json:
        screen.data(redacted(_document(options.name, found), job.redactor.redact))
        return 0
    blocks = [block for each in found[:_MOST_SHOWN] for block in _blocks(each)]
    if len(found) > _MOST_SHOWN:
        more = len(found) - _MOST_SHOWN
        blocks.append(Words("{} more have this name: give the URN.", (more,)))
    hosts = {host for report in told.reports for host in allowed_hosts(report)}
    screen.pages([render_blocks(blocks, hosts=hosts, redactor=job.redactor)])
    return 0


def find(facts: Facts, asked: str) -> list[Found]:
    """The resources of this name, URN or `type::name`; of a stack's name, what failed or changed in it."""
    resources = find_resources(facts, asked)
    if not resources and facts.stack and _is_stack(facts.stack, asked):
        resources = _of_stack(facts, facts.stack)
    return [Found(facts, each, _diagnose(facts, each)) for each in resources]


def _of_stack(facts: Facts, stack: StackRef) -> tuple[Resource, ...]:
    """What failed, the program itself first; where nothing did, everything that is named."""
    own = tuple(failure for failure in facts.failures if not (failure.name or failure.urn))
    program = (Resource("", STACK_TYPE, stack.stack, None, own),) if own else ()
    known = resources_of(facts)
    return (*program, *(each for each in known if each.failures)) or known


def _is_stack(stack: StackRef, asked: str) -> bool:
    return asked in {str(stack), stack.stack, f"{stack.project}/{stack.stack}"}


def _diagnose(facts: Facts, resource: Resource) -> Diagnosis:
    """By its own errors alone; a resource that only followed gets the class of what failed first."""
    if not resource.failures or facts.outcome is Outcome.SUCCEEDED:
        return Diagnosis(failure_class="")
    if all(failure.is_cascade for failure in resource.failures):
        return diagnose(facts)
    return diagnose(replace(facts, failures=resource.failures, policy_violations=()))


def _blocks(found: Found) -> tuple[Block, ...]:
    said = describe(found.facts, found.resource)
    return (*said, *offline(found.diagnosis)) if found.diagnosis.explanation else said


def _unknown(asked: str, facts: Iterable[Facts]) -> tuple[str, str]:
    """What was found instead. Names are the evidence's: they are cleaned where they are shown."""
    resources = [each for said in facts for each in resources_of(said)]
    names = {_name_like(asked, each): None for each in resources}
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(asked[:_LONGEST].lower(), list(by_lower), _MOST_NEAR, _NEAR)
    message = f"the evidence says nothing of {asked[:_LONGEST]}"
    if near:
        return message, f"perhaps you mean {', '.join(by_lower[name][:_LONGEST] for name in near)}"
    some = ", ".join(name[:_LONGEST] for name in list(names)[:_MOST_NEAR])
    return message, f"it names {some}" if some else "it names no resource at all"


def _name_like(asked: str, resource: Resource) -> str:
    """The resource's name in the form in which was asked."""
    if asked.startswith("urn:"):
        return resource.urn
    return f"{resource.type}::{resource.name}" if "::" in asked else resource.name


def _document(asked: str, found: Sequence[Found]) -> dict[str, Any]:
    """What the evidence says and nothing else: what it does not say is null or empty."""
    return {
        "version": VERSION,
        "asked": asked,
        "matches": [
            {
                "stack": to_builtins(each.facts.stack),
                "urn": each.resource.urn,
                "type": each.resource.type,
                "name": each.resource.name,
                "change": to_builtins(each.resource.change),
                "failures": to_builtins(each.resource.failures),
                "diagnosis": to_builtins(each.diagnosis),
            }
            for each in found
        ],
    }
