"""The tree of components: what changes in each, and nothing that acts on the page."""

from __future__ import annotations

import json

import pytest
from tests.security.attacks import MARKDOWN
from tests.security.page import faults_of_report
from tests.unit.report.changes.test_changes import HOSTS, page

from upshot.evidence import facts_from_events
from upshot.model import Facts, Outcome, ResourceChange, UpdateKind
from upshot.report.changes.tree import tree_lines

WEB = "urn:pulumi:prod::shop::acme:app:Web::web"
CACHE = "urn:pulumi:prod::shop::acme:app:Web$acme:app:Cache::cache"


def change(urn: str, parent: str, operation: str = "update") -> ResourceChange:
    kind, _, name = urn.rpartition("::")
    return ResourceChange(
        urn, kind.rpartition("$")[2].rpartition("::")[2], name, operation, parent=parent
    )


TOPIC = change("urn:pulumi:prod::shop::acme:app:Web$aws:sns/topic:Topic::topic", WEB, "create")
QUEUE = change("urn:pulumi:prod::shop::acme:app:Web$aws:sqs/queue:Queue::queue", WEB)
NODE = change(
    "urn:pulumi:prod::shop::acme:app:Web$acme:app:Cache$aws:ec2:Node::node", CACHE, "delete"
)
ALONE = change("urn:pulumi:prod::shop::aws:s3/bucket:Bucket::alone", "")


def test_what_changes_stands_below_its_component() -> None:
    assert tree_lines([TOPIC, ALONE, QUEUE]) == [
        "web (acme:app:Web)",
        "├─ + topic (aws:sns/topic:Topic)",
        "└─ ~ queue (aws:sqs/queue:Queue)",
    ]


def test_components_stand_below_components_that_change_too() -> None:
    cache = change(CACHE, WEB, "create")
    assert tree_lines([TOPIC, cache, NODE]) == [
        "web (acme:app:Web)",
        "├─ + topic (aws:sns/topic:Topic)",
        "└─ + cache (acme:app:Cache)",
        "   └─ - node (aws:ec2:Node)",
    ]


def test_without_components_there_is_no_tree() -> None:
    assert tree_lines([ALONE]) == []
    assert "Components" not in page(Facts(Outcome.SUCCEEDED, UpdateKind.PREVIEW, changes=(ALONE,)))


def test_a_circle_of_parents_has_no_root_and_ends() -> None:
    one, other = (
        change("urn:a::a:b:C::x", "urn:a::a:b:C::y"),
        change("urn:a::a:b:C::y", "urn:a::a:b:C::x"),
    )
    assert tree_lines([one, other]) == []


def test_a_tree_is_bounded() -> None:
    many = [change(f"urn:pulumi:p::s::a:b:C$d:e:F::n{n}", WEB) for n in range(500)]
    lines = tree_lines(many)
    assert (len(lines), lines[-1]) == (101, "… 401 more lines")


def test_events_name_the_component_and_the_stack_is_none() -> None:
    def step(urn: str, parent: str) -> bytes:
        state = {"inputs": {"a": 1}, "parent": parent}
        data = {"op": "create", "urn": urn, "type": "aws:sns/topic:Topic", "new": state}
        return json.dumps({"resOutputsEvent": {"metadata": data}}).encode()

    stack = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
    facts = facts_from_events([step(TOPIC.urn, WEB), step(ALONE.urn, stack)])
    assert [each.parent for each in facts.changes] == [WEB, ""]


@pytest.mark.parametrize("name", MARKDOWN)
def test_t14_to_t22_no_component_acts_on_the_page(name: str) -> None:
    text = MARKDOWN[name]
    hostile = (ResourceChange(text, text, text, "create", parent=f"{text}2"),)
    shown = page(Facts(Outcome.SUCCEEDED, UpdateKind.PREVIEW, changes=hostile))
    assert faults_of_report(shown, hosts=HOSTS) == []
