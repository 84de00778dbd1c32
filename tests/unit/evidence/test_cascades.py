"""Which failures only followed from an earlier one: by evidence, never by guess."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.evidence import facts_from_console, facts_from_events
from upshot.evidence.failure.cascades import mark_cascades
from upshot.model import Failure

URN = "urn:pulumi:dev::shop::"
DENIED = (
    "creating IAM Role (shop-task): operation error IAM: CreateRole, api error AccessDenied: no"
)


def failure(name: str, message: str, **more: Any) -> Failure:
    fields: dict[str, Any] = {
        "headline": message.rpartition("\n")[2],
        "type": f"aws:iam/{name}:{name.title()}",
        "name": name,
        "operation": "create",
        "provider": "aws",
        "is_resource": True,
    }
    return Failure(message=message, **{**fields, **more})


def cascades(*failures: Failure, needs: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    relations = [(needs or {}).get(failure.name, ()) for failure in failures]
    return [found.name for found in mark_cascades(failures, relations) if found.is_cascade]


ROLE = failure("role", DENIED)


@pytest.mark.parametrize(
    "missing",
    [
        "attaching policy: NoSuchEntity: The role with name shop-task cannot be found.",
        "api error NotFoundException: Role 'shop-task' was not found",
        "the role arn:aws:iam::111122223333:role/shop-task does not exist",
    ],
)
def test_what_misses_an_object_that_was_not_created_followed(missing: str) -> None:
    assert cascades(ROLE, failure("attachment", missing)) == ["attachment"]


@pytest.mark.parametrize(
    "other",
    [
        "attaching policy: NoSuchEntity: The role with name billing-task cannot be found.",
        "attaching policy: NoSuchEntity: The role with name shop-task-2 cannot be found.",
        "attaching policy: NoSuchEntity: The role with name my-shop-task cannot be found.",
        "attaching IAM Policy to IAM Role (shop-task): NoSuchEntity: Policy shop-read was not found",
        "attaching policy to shop-task: api error AccessDenied: no",
        "the plan of shop-task is invalid",
    ],
)
def test_what_misses_something_else_is_a_cause_of_its_own(other: str) -> None:
    assert cascades(ROLE, failure("attachment", other)) == []


def test_the_first_failure_never_followed() -> None:
    missing = "NoSuchEntity: The role with name shop-task cannot be found."
    assert cascades(failure("attachment", missing), ROLE) == []


def test_an_object_that_could_not_be_updated_is_there_anyway() -> None:
    updated = failure("role", DENIED, operation="update")
    missing = "NoSuchEntity: The role with name shop-task cannot be found."
    assert cascades(updated, failure("attachment", missing)) == []


def test_an_everyday_name_counts_only_where_a_name_stands() -> None:
    network = failure("main", "googleapi: Error 403: no permission", type="gcp:compute:Network")
    assert cascades(network, failure("a", 'network "main" not found')) == ["a"]
    assert cascades(network, failure("a", "projects/acme/global/networks/main was not found")) == []
    assert cascades(network, failure("a", "'projects/x/networks/main' was not found")) == ["a"]
    assert cascades(network, failure("a", "the main table was not found")) == []


def test_an_automatic_name_is_the_resources_own_and_a_suffix() -> None:
    group = failure("web-group", "quota exceeded", type="azure-native:resources:ResourceGroup")
    gone = "ResourceGroupNotFound: Resource group 'web-group-1f3c' could not be found."
    assert cascades(group, failure("vm", gone)) == ["vm"]


def test_what_needs_a_failed_resource_followed() -> None:
    parent = failure("site", "boom", urn=f"{URN}acme:web:Site::site", type="acme:web:Site")
    child = failure("page", "bang")
    assert cascades(parent, child, needs={"page": (parent.urn,)}) == ["page"]
    assert cascades(parent, child, needs={"page": (f"{URN}acme:web:Site::other",)}) == []


def test_what_is_deleted_does_not_wait_for_what_it_needed() -> None:
    parent = failure("site", "boom", urn=f"{URN}acme:web:Site::site")
    child = failure("page", "bang", operation="delete")
    assert cascades(parent, child, needs={"page": (parent.urn,)}) == []


def test_resources_of_a_default_provider_that_did_not_start_followed() -> None:
    provider = failure("default_6_1_0", "no region", type="pulumi:providers:aws")
    named = failure("eu", "no region", type="pulumi:providers:aws")
    assert cascades(provider, failure("queue", "unknown provider")) == ["queue"]
    assert cascades(named, failure("queue", "unknown provider")) == []


def test_events_tell_by_the_parent_and_the_order() -> None:
    urns = [f"{URN}acme:web:Site::site", f"{URN}aws:s3/bucket:Bucket::logs", f"{URN}a:b:C::other"]
    events: list[dict[str, Any]] = []
    for urn, parent in zip(urns, ("", urns[0], ""), strict=True):
        step = {"op": "create", "urn": urn, "new": {"parent": parent, "provider": ""}}
        events.append({"resOpFailedEvent": {"metadata": step}})
        said = {"urn": urn, "message": f"{urn[-4:]} broke", "severity": "error"}
        events.append({"diagnosticEvent": said})
    facts = facts_from_events(json.dumps(event).encode() for event in events)
    assert [found.is_cascade for found in facts.failures] == [False, True, False]
    assert len(facts.failed_resources) == 3


def test_unknown_forms_of_relations_are_passed_over() -> None:
    state = {"parent": 7, "dependencies": "none", "propertyDependencies": {"a": None}}
    step = {"op": "create", "urn": f"{URN}a:b:C::x", "new": state}
    facts = facts_from_events([json.dumps({"resOpFailedEvent": {"metadata": step}}).encode()])
    assert [found.name for found in facts.failures] == ["x"]


def test_a_program_that_ended_with_the_resource_monitor_did_not_fail_itself() -> None:
    log = b"""
Diagnostics:
  aws:sns:Topic (alerts):
    error: Duplicate resource URN 'urn:pulumi:dev::shop::aws:sns/topic:Topic::alerts'
  pulumi:pulumi:Stack (shop-dev):
    error: an unhandled error occurred: program failed:
    waiting for RPCs: rpc error: code = Unknown desc = resource monitor shut down while waiting
"""
    facts = facts_from_console([log])
    assert [found.name for found in facts.failed_resources] == ["alerts"]
    assert [found.is_cascade for found in facts.failures] == [False, True]


def test_a_crash_that_was_printed_is_the_cause_of_lost_connections() -> None:
    log = b"""
Diagnostics:
  pulumi:pulumi:Stack (dwh-prod):
    panic: runtime error: invalid memory address or nil pointer dereference
    error: update failed
  snowflake:index:Warehouse (etl):
    error: error reading from server: EOF
"""
    facts = facts_from_console([log])
    assert facts.root_cause
    assert facts.root_cause.headline.startswith("panic: runtime error")
    assert [found.name for found in facts.failed_resources] == ["etl"]
