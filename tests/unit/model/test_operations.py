"""The table of the engine's steps, and that everybody who counts by it says the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.golden.report.scenarios import RUN, succeeded

from upshot.inputs.choices import FailOn
from upshot.inputs.values import PolicyInputs
from upshot.model import (
    Facts,
    Meaning,
    Outcome,
    ReasonCode,
    ResourceChange,
)
from upshot.model.operations import OPERATIONS, count, fold_replacements, operation_of
from upshot.modes.joined.join import join_reports
from upshot.report.cells import build_cells
from upshot.report.words import counted
from upshot.result import output_values
from upshot.result.run_result import RunResult
from upshot.verdict.decide import decide

# Pulumi's `StepOp`, as the shipped engine writes its words.
STEPS = [
    "same", "create", "update", "delete", "replace", "create-replacement", "delete-replaced",
    "read", "read-replacement", "refresh", "discard", "discard-replaced", "remove-pending-replace",
    "import", "import-replacement",
]  # fmt: skip


def test_every_step_of_the_engine_is_known() -> None:
    assert set(OPERATIONS) == {*STEPS, "errored", "retain"}


@pytest.mark.parametrize("word", STEPS)
def test_what_has_a_meaning_changes_something(word: str) -> None:
    step = operation_of(word)
    is_change = step.means not in {Meaning.SAME, Meaning.OTHER}
    assert step.changes or not is_change
    assert step.destroys <= (step.means in {Meaning.DELETE, Meaning.REPLACE})


def test_the_engine_sees_no_change_in_these() -> None:
    quiet = {word for word in STEPS if not operation_of(word).changes}
    assert quiet == {"same", "read", "refresh", "discard"}


@pytest.mark.parametrize(
    ("counts", "replaced"),
    [
        ({"replace": 1, "create-replacement": 1, "delete-replaced": 1}, 1),
        ({"create-replacement": 2}, 2),
        ({"create-replacement": 2, "import-replacement": 1}, 3),
        ({"import-replacement": 2}, 2),
        ({"delete-replaced": 2, "replace": 1}, 2),
        ({"delete": 3}, 0),
        ({}, 0),
        ({"replace": -4}, 0),
    ],
)
def test_a_replacement_is_counted_once_whatever_steps_say_it(
    counts: dict[str, int], replaced: int
) -> None:
    assert count(counts, Meaning.REPLACE) == replaced
    assert fold_replacements(counts).get("replace", 0) == replaced


def test_an_unknown_word_changes_something_and_is_said_as_it_is() -> None:
    assert Facts(counts={"same": 2, "transmute": 1}).has_changes
    assert counted({"transmute": 1, "create": 1}, planned=False) == ["1 created", "1 transmute"]
    assert not operation_of("").changes


def test_facts_count_a_listed_resource_that_the_counts_leave_out() -> None:
    changes = (
        ResourceChange("", "aws:s3:Bucket", "assets", "delete"),
        ResourceChange("", "aws:sqs:Queue", "assets", "delete"),
    )
    assert Facts(changes=changes).count(Meaning.DELETE) == 2
    assert Facts(changes=changes, counts={"delete": 1}).count(Meaning.DELETE) == 2
    assert Facts(changes=changes, counts={"delete": 7}).count(Meaning.DELETE) == 7
    assert Facts(changes=changes).count(Meaning.CREATE) is None
    assert Facts(counts={}).count(Meaning.CREATE) == 0


def output(facts: Facts, name: str) -> str:
    report = replace(succeeded(), facts=facts)
    result = RunResult(reason_code=ReasonCode.OK, report=report)
    return output_values(result, redact=str)[name]


def breaches(facts: Facts, *items: FailOn) -> tuple[str, ...]:
    found = decide(facts, policy=PolicyInputs(fail_on=items)).breaches
    return tuple(map(str, found))


def test_a_replacement_by_import_is_one_for_policy_outputs_and_report() -> None:
    facts = Facts(outcome=Outcome.SUCCEEDED, counts={"import-replacement": 2})
    assert breaches(facts, FailOn.REPLACE) == ("fail-on: replace: replaces 2 resources",)
    assert output(facts, "to-replace") == "2"
    assert counted(facts.counts or {}, planned=True) == ["2 to replace"]
    assert build_cells(replace(succeeded(), facts=facts))["replace"] == "2"


words = st.sampled_from([*STEPS, "errored", "transmute"])
any_counts = st.dictionaries(words, st.integers(0, 50))
any_changes = st.lists(
    st.builds(
        ResourceChange,
        urn=st.sampled_from(["", "urn:a", "urn:b"]),
        type=st.sampled_from(["aws:s3:Bucket", "aws:sqs:Queue"]),
        name=st.sampled_from(["one", "two"]),
        operation=words,
    ),
    max_size=6,
).map(tuple)


@given(any_counts, any_changes)
def test_outputs_policy_and_report_agree(
    counts: dict[str, int], changes: tuple[ResourceChange, ...]
) -> None:
    facts = Facts(outcome=Outcome.SUCCEEDED, counts=counts, changes=changes)
    cells: dict[str, Any] = build_cells(replace(succeeded(), facts=facts))
    for item in (FailOn.DELETE, FailOn.REPLACE):
        number = int(output(facts, f"to-{item}"))
        said = "".join(breaches(facts, item))
        assert bool(said) is (number > 0)
        assert str(number or "") in said
    for name in ("create", "update", "delete", "replace"):
        assert output(facts, f"to-{name}") == cells.get(name, "0")
        assert facts.has_changes or output(facts, f"to-{name}") == "0"
    assert bool(breaches(facts, FailOn.CHANGES)) is facts.has_changes


@given(any_counts)
def test_a_report_says_as_many_as_the_outputs(counts: dict[str, int]) -> None:
    facts = Facts(outcome=Outcome.SUCCEEDED, counts=counts)
    parts = [text.partition(" ") for text in counted(counts, planned=False)]
    said = {word: int(number) for number, _, word in parts}
    for name, shown in (("to-replace", ["replaced"]), ("to-create", ["created", "imported"])):
        assert sum(said.get(word, 0) for word in shown) == int(output(facts, name))


@given(st.lists(any_counts, min_size=1, max_size=4))
def test_joined_counts_are_the_sum_of_what_each_stack_says(stacks: list[dict[str, int]]) -> None:
    reports = [replace(succeeded(), facts=Facts(counts=counts)) for counts in stacks]
    joined = join_reports(reports, run=RUN, now=5.0).facts
    for meaning in Meaning:
        if meaning is not Meaning.OTHER:
            assert joined.count(meaning) == sum(count(counts, meaning) for counts in stacks)
