"""The digest of a plan: the same for the same plan, another one for any other plan (threat T61)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from upshot.evidence import facts_from_console, facts_from_events, merge_facts
from upshot.evidence.engine.plan import MAX_PLAN_STEPS
from upshot.http.client import ServiceClient
from upshot.model import Facts
from upshot.pulumi.events import EventLines
from upshot.pulumi.service import pulumi_cloud
from upshot.report.content import map_texts
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

CHANGING = (
    "create",
    "update",
    "delete",
    "replace",
    "create-replacement",
    "delete-replaced",
    "import",
)
UNCHANGING = ("same", "read", "refresh")
KINDS = ("add", "delete", "update", "add-replace", "delete-replace", "update-replace")
Payload = dict[str, Any]

names = st.text("abcdefgh-é/", min_size=1, max_size=8)
paths = st.text("abc.[]0\"'", min_size=1, max_size=8)
steps = st.fixed_dictionaries(
    {
        "op": st.sampled_from(CHANGING),
        "urn": names.map("urn:pulumi:prod::shop::aws:sqs/queue:Queue::{}".format),
        "keys": st.lists(paths, max_size=3, unique=True),
        "diffs": st.lists(paths, max_size=3, unique=True),
        "detailedDiff": st.dictionaries(
            paths, st.fixed_dictionaries({"diffKind": st.sampled_from(KINDS)}), max_size=3
        ),
    }
)
results = st.fixed_dictionaries(
    {
        "resourceUrn": names,
        "policyName": names,
        "policyPackName": names,
        "enforcementLevel": st.sampled_from(("mandatory", "advisory")),
    }
)
plans = st.tuples(
    st.lists(steps, max_size=5, unique_by=lambda step: (step["op"], step["urn"])),
    st.lists(results, max_size=3, unique_by=json.dumps),
)
chances = st.randoms(use_true_random=False)


def events(plan: tuple[list[Payload], list[Payload]], salt: int = 0) -> list[Payload]:
    """One run of the preview; `salt` changes what is no part of the plan: values, ids, messages."""
    steps, results = plan
    listed = []
    for step in steps:
        state = {"inputs": {"size": salt}, "outputs": {"arn": f"arn:{salt}"}, "id": f"id-{salt}"}
        detailed = {
            path: {**diff, "inputDiff": bool(salt % 2)}
            for path, diff in step["detailedDiff"].items()
        }
        data = {**step, "type": "aws:sqs/queue:Queue", "old": state, "new": state}
        data["detailedDiff"] = detailed
        listed.append({"resourcePreEvent": {"metadata": data, "planning": True}})
        listed.append({"resOutputsEvent": {"metadata": data, "planning": True}})
    listed += [{"policyEvent": {**result, "message": f"size is {salt}"}} for result in results]
    return listed


def framed(listed: Iterable[Payload], salt: int = 0) -> list[Payload]:
    summary = {"durationSeconds": 3 + salt, "isPreview": True, "result": "succeeded"}
    return [{"preludeEvent": {"config": {"n": str(salt)}}}, *listed, {"summaryEvent": summary}]


def read(listed: Iterable[Payload]) -> Facts:
    return facts_from_events(json.dumps(event).encode() for event in listed)


def digest(listed: Iterable[Payload]) -> bytes:
    [found] = read(framed(listed)).plans
    return found


def shuffled(listed: list[Payload], chance: random.Random) -> list[Payload]:
    return chance.sample(listed, len(listed))


def from_cloud(listed: list[Payload]) -> Facts:
    """Through the client that reads Pulumi Cloud's pages: two events a page."""
    pages = [listed[at : at + 2] for at in range(0, len(listed), 2)]

    def answer(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params.get("continuationToken", "0"))
        token = str(at + 1) if at + 1 < len(pages) else None
        return httpx.Response(200, json={"events": pages[at], "continuationToken": token})

    clock = SystemClock()
    with ServiceClient(
        "https://api.pulumi.com",
        Secret("pul-" + "0" * 40),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=httpx.MockTransport(answer),
    ) as client:
        lines = EventLines(client, "/api/stacks/acme/shop/prod/preview/1/events", wait_s=1)
        facts = facts_from_events(lines)
    assert lines.error is None
    return facts


class TestTheSamePlan:
    @given(plans, chances)
    def test_in_any_order(self, plan: Any, chance: random.Random) -> None:
        assert digest(events(plan)) == digest(shuffled(events(plan), chance))

    @given(plans, chances)
    @settings(max_examples=40)
    def test_from_an_event_log_and_from_pulumi_cloud(
        self, plan: Any, chance: random.Random
    ) -> None:
        """Pulumi Cloud writes a type and no sequence, and may leave out what does not change."""
        log = framed(events(plan))
        log.insert(
            1, {"resOutputsEvent": {"metadata": {"op": "same", "urn": "urn:pulumi:a::b::c:d:E::f"}}}
        )
        numbered = [{"sequence": at, **event} for at, event in enumerate(log)]
        typed = [
            {"timestamp": 1_700_000_000 + at, "type": next(iter(event)), **event}
            for at, event in enumerate(framed(shuffled(events(plan), chance)))
        ]
        assert read(numbered).plans == from_cloud(typed).plans

    @given(plans, chances)
    def test_of_a_second_run_with_other_values_and_times(
        self, plan: Any, chance: random.Random
    ) -> None:
        second = framed(shuffled(events(plan, salt=7), chance), salt=7)
        assert read(framed(events(plan))).plans == read(second).plans

    @given(plans, chances)
    def test_with_its_lists_in_another_order(self, plan: Any, chance: random.Random) -> None:
        steps, results = plan
        turned = [
            {
                **step,
                "keys": step["keys"][::-1],
                "diffs": step["diffs"][::-1],
                "detailedDiff": dict(reversed(step["detailedDiff"].items())),
            }
            for step in steps
        ]
        assert digest(events((turned, results[::-1]))) == digest(events(plan))

    @given(plans)
    def test_with_events_that_came_twice_or_only_at_a_steps_end(self, plan: Any) -> None:
        listed = events(plan)
        ends = [event for event in listed if "resourcePreEvent" not in event]
        assert digest(listed) == digest(listed * 2) == digest(ends)

    @given(plans, names, st.sampled_from(UNCHANGING))
    def test_with_resources_that_are_only_looked_at(self, plan: Any, name: str, op: str) -> None:
        looked_at = {
            "resOutputsEvent": {"metadata": {"op": op, "urn": f"urn:pulumi:a::b::c:d:E::{name}"}}
        }
        assert digest([*events(plan), looked_at]) == digest(events(plan))

    @given(plans)
    def test_null_and_absent_lists_are_empty_ones(self, plan: Any) -> None:
        steps, _ = plan
        bare = [{"op": step["op"], "urn": step["urn"]} for step in steps]
        fields = ("keys", "diffs", "detailedDiff")
        nulls = [dict.fromkeys(fields) | step for step in bare]
        empty = [{"keys": [], "diffs": [], "detailedDiff": {}} | step for step in bare]

        def only_ends(listed: list[Payload]) -> list[Payload]:
            return [{"resOutputsEvent": {"metadata": step, "planning": True}} for step in listed]

        assert digest(only_ends(bare)) == digest(only_ends(nulls)) == digest(only_ends(empty))


def changed(draw: st.DrawFn, step: Payload) -> Payload:
    """The step with one thing of it changed."""
    name = draw(st.sampled_from(("op", "urn", "keys", "diffs", "path", "kind", "no path")))
    if name == "op":
        return step | {"op": draw(st.sampled_from([op for op in CHANGING if op != step["op"]]))}
    if name == "urn":
        return step | {"urn": step["urn"] + "x"}
    if name in {"keys", "diffs"}:
        return step | {name: [*step[name], "one-more"]}
    detailed = dict(step["detailedDiff"])
    if name == "kind" and detailed:
        path = draw(st.sampled_from(sorted(detailed)))
        kind = draw(st.sampled_from([kind for kind in KINDS if kind != detailed[path]["diffKind"]]))
        return step | {"detailedDiff": detailed | {path: {"diffKind": kind}}}
    if name == "no path" and detailed:
        detailed.pop(min(detailed))
        return step | {"detailedDiff": detailed}
    return step | {"detailedDiff": detailed | {"one.more": {"diffKind": "update"}}}


@st.composite
def two_plans(draw: st.DrawFn) -> tuple[Any, Any]:
    """A plan, and one that differs from it in one thing."""
    steps, results = draw(plans.filter(lambda plan: plan[0]))
    at = draw(st.integers(0, len(steps) - 1))
    what = draw(st.sampled_from(("change", "drop", "add", "policy")))
    if what == "drop":
        return (steps, results), (steps[:at] + steps[at + 1 :], results)
    if what == "add":
        return (steps, results), (
            [*steps, steps[at] | {"urn": "urn:pulumi:a::b::c:d:E::more"}],
            results,
        )
    if what == "policy":
        more = {"policyName": "no-public-queue", "enforcementLevel": "mandatory"}
        return (steps, results), (steps, [*results, more])
    return (steps, results), ([*steps[:at], changed(draw, steps[at]), *steps[at + 1 :]], results)


class TestAnotherPlan:
    @given(two_plans())
    def test_t61_each_difference_gives_another_digest(self, both: tuple[Any, Any]) -> None:
        one, other = both
        assert digest(events(one)) != digest(events(other))

    @given(two_plans())
    def test_t61_a_redactor_never_makes_two_plans_equal(self, both: tuple[Any, Any]) -> None:
        one, other = (read(framed(events(plan))) for plan in both)
        assert map_texts(one, lambda _: "***").plans != map_texts(other, lambda _: "***").plans

    def test_t61_what_the_facts_leave_out_for_their_size_is_part_of_the_plan(self) -> None:
        def many(last: str) -> list[Payload]:
            names = [*map(str, range(2_000)), last]
            step: Payload = {"keys": [], "diffs": [], "detailedDiff": {}, "op": "create"}
            return events(
                ([step | {"urn": f"urn:pulumi:a::b::c:d:E::{name}"} for name in names], [])
            )

        one, other = read(framed(many("x"))), read(framed(many("y")))
        assert one.changes == other.changes
        assert one.plans != other.plans

    def test_t61_the_twenty_first_property_counts(self) -> None:
        def wide(last: str) -> list[Payload]:
            diffs = [*map(str, range(20)), last]
            return events(
                (
                    [
                        {
                            "op": "update",
                            "urn": "urn:pulumi:a::b::c:d:E::f",
                            "keys": [],
                            "diffs": diffs,
                            "detailedDiff": {},
                        }
                    ],
                    [],
                )
            )

        assert digest(wide("x")) != digest(wide("y"))

    def test_t61_a_component_that_never_ends_is_part_of_the_plan(self) -> None:
        step = {"op": "create", "urn": "urn:pulumi:a::b::my:index:Component::f"}
        begun = {"resourcePreEvent": {"metadata": step, "planning": True}}
        assert digest([begun]) != digest([])

    def test_a_remediation_is_a_policy_result(self) -> None:
        said = {"policyName": "encrypt", "policyPackName": "cis", "resourceUrn": "urn:x"}
        assert digest([{"policyRemediationEvent": said}]) != digest([])
        assert digest([{"policyRemediationEvent": said}]) != digest([{"policyEvent": said}])

    def test_words_do_not_run_into_each_other(self) -> None:
        def step(keys: list[str], diffs: list[str]) -> Payload:
            return {
                "op": "update",
                "urn": "urn:x",
                "keys": keys,
                "diffs": diffs,
                "detailedDiff": {},
            }

        variants = [
            step(["a", "b"], []), step(["a"], ["b"]), step([], ["a", "b"]),
            step(["ab"], []), step(["a b"], []), step(['a","b'], []),
        ]  # fmt: skip
        digests = [digest(events(([variant], []))) for variant in variants]
        assert all(one != other for one, other in itertools.combinations(digests, 2))


class TestAnUnknownPlan:
    @pytest.mark.parametrize(
        "metadata",
        [
            {"keys": "bucket"}, {"keys": [1]}, {"keys": {"a": 1}}, {"detailedDiff": ["a"]},
            {"detailedDiff": {"a": 1}}, {"detailedDiff": {"a": {"diffKind": 4}}}, {"diffs": "bucket"},
            {"op": 3}, {"urn": ""}, {"urn": ["urn:x"]},
        ],
    )  # fmt: skip
    def test_t61_a_step_that_cannot_be_read_leaves_no_plan(self, metadata: Payload) -> None:
        step = {"op": "update", "urn": "urn:pulumi:a::b::c:d:E::f", **metadata}
        assert digest([{"resOutputsEvent": {"metadata": step}}]) == b""
        assert digest([{"resourcePreEvent": {"metadata": step}}]) == b""

    def test_t61_a_line_that_cannot_be_read_leaves_the_facts_incomplete(self) -> None:
        half = {"resOutputsEvent": {"metadata": {"op": "update", "urn": "\ud800"}}}
        assert read(framed([half])).is_incomplete

    def test_a_strange_plan_costs_no_change(self) -> None:
        step = {"op": "update", "urn": "urn:pulumi:a::b::c:d:E::f", "keys": 1, "detailedDiff": 2}
        assert len(read(framed([{"resOutputsEvent": {"metadata": step}}])).changes) == 1

    def test_a_strange_message_is_no_part_of_it(self) -> None:
        assert digest([{"diagnosticEvent": {"message": 1, "severity": "error"}}]) == digest([])

    def test_too_many_steps(self) -> None:
        def some(count: int) -> list[Payload]:
            return [
                {
                    "resOutputsEvent": {
                        "metadata": {"op": "create", "urn": f"urn:pulumi:a::b::c:d:E::{n}"}
                    }
                }
                for n in range(count)
            ]

        assert len(digest(some(MAX_PLAN_STEPS))) == 32
        assert digest(some(MAX_PLAN_STEPS + 1)) == b""

    def test_a_console_log_has_none(self) -> None:
        assert facts_from_console([b"Previewing update (dev):\n"]).plans == ()


class TestSeveralSourcesAndRuns:
    ONE = framed(
        [{"resOutputsEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:a::b::c:d:E::f"}}}]
    )
    OTHER = framed(
        [{"resOutputsEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:x::b::c:d:E::f"}}}]
    )

    def test_the_better_source_says_it(self) -> None:
        log, cloud = read(self.ONE), read(self.OTHER)
        assert merge_facts([log, cloud]).plans == log.plans
        assert merge_facts([replace(log, plans=()), cloud]).plans == cloud.plans
        assert (
            merge_facts([facts_from_console([b"Previewing update (dev):\n"]), cloud]).plans
            == cloud.plans
        )

    def test_two_stacks_in_one_log_have_two_plans_in_any_order(self) -> None:
        both = read(self.ONE + self.OTHER)
        assert both.plans == read(self.OTHER + self.ONE).plans
        assert set(both.plans) == {*read(self.ONE).plans, *read(self.OTHER).plans}

    def test_an_unknown_one_of_several_is_reported(self) -> None:
        strange = [
            {
                "resOutputsEvent": {
                    "metadata": {"op": "create", "urn": "urn:pulumi:x::b::c:d:E::f", "keys": 1}
                }
            }
        ]
        assert b"" in read(self.ONE + framed(strange)).plans

    def test_of_the_same_preview_twice_the_last_counts(self) -> None:
        again = framed(
            [
                {
                    "resOutputsEvent": {
                        "metadata": {"op": "delete", "urn": "urn:pulumi:a::b::c:d:E::f"}
                    }
                }
            ]
        )
        assert read(self.ONE + again).plans == read(again).plans
