"""What the binding `plan` binds to, and which facts are good enough for it."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.gate.cases import HEAD, request

from upshot.evidence import accounts_from_events, facts_from_console, facts_from_events
from upshot.gate.plan import PlanUnknown, bound_to_plan, digest_plan
from upshot.gate.request import Binding
from upshot.model import Facts, Outcome, UpdateKind


def preview(
    op: str = "create", stack: str = "prod", *, size: int = 1, **summary: Any
) -> list[dict[str, Any]]:
    urn = f"urn:pulumi:{stack}::shop::aws:sqs/queue:Queue::orders"
    step = {
        "op": op, "urn": urn, "diffs": ["size"], "new": {"inputs": {"size": size}},
        "detailedDiff": {"size": {"diffKind": "update"}},
    }  # fmt: skip
    return [
        {"preludeEvent": {"config": {}}},
        {"resourcePreEvent": {"metadata": step, "planning": True}},
        {"resOutputsEvent": {"metadata": step, "planning": True}},
        {
            "summaryEvent": {
                "isPreview": True,
                "result": "succeeded",
                "durationSeconds": size,
                **summary,
            }
        },
    ]


def lines(events: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(event).encode() for event in events]


def read(events: list[dict[str, Any]]) -> Facts:
    return facts_from_events(lines(events))


class TestTheDigest:
    def test_is_that_of_a_second_run(self) -> None:
        assert digest_plan([read(preview())]) == digest_plan([read(preview(size=9))])

    def test_t61_differs_for_another_plan(self) -> None:
        found = {
            digest_plan([read(preview(op))]) for op in ("create", "update", "delete", "replace")
        }
        assert len(found) == 4

    def test_of_several_stacks_in_any_order(self) -> None:
        accounts = [read(preview(stack=name)) for name in ("dev", "test", "prod")]
        assert len({digest_plan(order) for order in permutations(accounts)}) == 1
        assert digest_plan(accounts) != digest_plan(accounts[:2])

    def test_of_one_log_with_several_stacks(self) -> None:
        log = preview(stack="dev") + preview(stack="prod")
        apart = [read(preview(stack="dev")), read(preview(stack="prod"))]
        assert digest_plan(accounts_from_events(lines(log))) == digest_plan(apart)
        assert digest_plan([read(log)]) == digest_plan(apart)

    def test_of_a_preview_without_changes(self) -> None:
        empty = read(preview("same"))
        assert digest_plan([empty]) != digest_plan([read(preview())])
        assert digest_plan([empty]) == digest_plan([read(preview("read"))])

    def test_fits_into_a_request(self) -> None:
        bound = bound_to_plan(HEAD, digest_plan([read(preview())]))
        assert request(binding=Binding.PLAN, bound=bound).bound == bound


GOOD = read(preview())


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "no preview"),
        ([replace(GOOD, is_incomplete=True)], "not complete"),
        ([replace(GOOD, is_running=True)], "not complete"),
        ([replace(GOOD, kind=UpdateKind.UPDATE)], "not those of a preview"),
        ([replace(GOOD, kind=UpdateKind.UNKNOWN)], "not those of a preview"),
        ([replace(GOOD, outcome=Outcome.FAILED)], "did not succeed"),
        ([replace(GOOD, outcome=Outcome.CANCELLED)], "did not succeed"),
        ([replace(GOOD, outcome=Outcome.UNKNOWN)], "did not succeed"),
        ([replace(GOOD, plans=())], "No engine events"),
        ([replace(GOOD, plans=(b"",))], "too many steps"),
        ([replace(GOOD, plans=(b"", *GOOD.plans))], "too many steps"),
        ([replace(GOOD, plans=(b"***",))], "too many steps"),
        ([GOOD, replace(GOOD, is_incomplete=True)], "not complete"),
        ([Facts()], "No engine events"),
        ([facts_from_console([b"Previewing update (dev):\n", b"Resources:\n", b"    + 1 to create\n"])], "No engine events"),
        ([read(preview()[:-1])], "not complete"),
        ([read(preview(result="failed"))], "did not succeed"),
    ],
)  # fmt: skip
def test_t57_facts_that_no_person_could_approve_give_no_digest(
    facts: list[Facts], words: str
) -> None:
    with pytest.raises(PlanUnknown, match=words) as raised:
        digest_plan(facts)
    assert raised.value.hint


def test_an_update_is_not_approved_after_it_ran() -> None:
    ran: list[dict[str, Any]] = [
        {"resOutputsEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:a::b::c:d:E::f"}}},
        {"summaryEvent": {"result": "succeeded", "resourceChanges": {"create": 1}}},
    ]
    with pytest.raises(PlanUnknown, match="not those of a preview"):
        digest_plan([read(ran)])
