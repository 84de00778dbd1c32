"""Reading what the Copilot proposes: model output that is unchecked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.powabase.test_graph import JSON

from upshot.powabase.diff import (
    BlockUpdate,
    Diff,
    EdgeRef,
    NewBlock,
    digest_diff,
    read_diff,
)
from upshot.powabase.findings import Code, InvalidWorkflow, errors_of

WHOLE = {
    "add_blocks": [
        {"id": "agent_1", "type": "agent", "name": " Ask ", "position": {"x": 1, "y": 2.5}, "config": {"a": 1}},
        {"id": "code_1", "type": "code"},
    ],
    "remove_blocks": ["Old"],
    "update_blocks": [{"id": "Input", "config": {"b": 2}}],
    "add_edges": [{"source": "Input", "target": "agent_1", "sourceHandle": "if"}],
    "remove_edges": [{"source": "Input", "target": "Old"}],
}  # fmt: skip


def codes(found: object) -> set[Code]:
    with pytest.raises(InvalidWorkflow) as refusal:
        read_diff(found)
    return {finding.code for finding in errors_of(refusal.value.findings)}


def test_every_kind_of_item() -> None:
    assert read_diff(WHOLE) == Diff(
        add_blocks=(
            NewBlock(
                temp_id="agent_1", type="agent", name="Ask", position=(1, 2.5), config={"a": 1}
            ),
            NewBlock(temp_id="code_1", type="code"),
        ),
        remove_blocks=("Old",),
        update_blocks=(BlockUpdate(ref="Input", config={"b": 2}),),
        add_edges=(EdgeRef(source="Input", target="agent_1", handle="if"),),
        remove_edges=(EdgeRef(source="Input", target="Old"),),
    )


@pytest.mark.parametrize("found", [None, {}, {"add_blocks": []}, {"add_blocks": None}])
def test_nothing_is_an_empty_change(found: Any) -> None:
    assert read_diff(found).is_empty


@pytest.mark.parametrize(
    "found",
    [
        {"added_blocks": WHOLE["add_blocks"], "modified_blocks": WHOLE["update_blocks"],
         "removed_blocks": WHOLE["remove_blocks"], "added_edges": WHOLE["add_edges"],
         "removed_edges": WHOLE["remove_edges"]},
        {"added": {"blocks": WHOLE["add_blocks"], "edges": WHOLE["add_edges"]},
         "removed": {"blocks": WHOLE["remove_blocks"], "edges": WHOLE["remove_edges"]},
         "modified": {"blocks": WHOLE["update_blocks"]}},
    ],
)  # fmt: skip
def test_the_words_of_the_documentation_mean_the_same(found: dict[str, Any]) -> None:
    assert read_diff(found) == read_diff(WHOLE)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], Code.BAD_SHAPE),
        ("add", Code.BAD_SHAPE),
        ({"add_blocks": {}}, Code.BAD_SHAPE),
        ({"add_blocks": ["x"]}, Code.MISSING_FIELD),
        ({"add_blocks": [{"id": "a"}]}, Code.MISSING_FIELD),
        ({"add_blocks": [{"type": "code"}]}, Code.MISSING_FIELD),
        ({"add_blocks": [{"id": "a", "type": "code", "config": "x"}]}, Code.BAD_SHAPE),
        ({"add_blocks": [{"id": "a", "type": "code", "name": 5}]}, Code.BAD_SHAPE),
        ({"remove_blocks": [7]}, Code.BAD_SHAPE),
        ({"update_blocks": [{"config": {}}]}, Code.MISSING_FIELD),
        ({"update_blocks": [{"id": "Input"}]}, Code.MISSING_FIELD),
        ({"update_blocks": [{"id": "Input", "config": None}]}, Code.MISSING_FIELD),
        ({"add_edges": [{"source": "a"}]}, Code.MISSING_FIELD),
        ({"add_edges": [{"target": "a"}]}, Code.MISSING_FIELD),
        ({"add_edges": [{"source": "a", "target": "b", "sourceHandle": []}]}, Code.BAD_SHAPE),
        ({"add_blocks": [{"id": "a", "type": "code", "config": {"x": "\0"}}]}, Code.BAD_TEXT),
        ({"remove_blocks": ["a"] * 2_001}, Code.TOO_BIG),
        ({"modified": {"edges": [{}]}}, Code.BAD_SHAPE),
        ({"added": [{}]}, Code.BAD_SHAPE),
    ],
)
def test_a_faulty_item_is_a_finding(found: object, code: Code) -> None:
    assert code in codes(found)


def test_a_change_of_which_nothing_is_understood_is_no_empty_one() -> None:
    assert codes({"create": [{"id": "a"}], "destroy": []}) == {Code.UNKNOWN_FIELD}


def test_an_unknown_part_beside_known_ones_is_reported() -> None:
    diff = read_diff({**WHOLE, "rename_blocks": []})
    assert [(one.code, one.is_error) for one in diff.findings] == [(Code.UNKNOWN_FIELD, False)]


def test_what_an_update_cannot_set_is_reported() -> None:
    diff = read_diff({"update_blocks": [{"id": "Input", "name": "Start", "config": {}}]})
    (finding,) = diff.findings
    assert finding.message == "an update sets only the config; 'name' is left out"
    assert read_diff({"update_blocks": [{"name": "Input", "config": {}}]}).findings == ()


def test_a_branch_of_a_split_may_be_a_number() -> None:
    diff = read_diff({"add_edges": [{"source": "S", "target": "a", "sourceHandle": 2}]})
    assert diff.add_edges[0].handle == "2"


def test_the_plain_handle_is_none() -> None:
    diff = read_diff({"add_edges": [{"source": "S", "target": "a", "sourceHandle": "output"}]})
    assert diff.add_edges[0].handle == ""


def test_its_digest_is_about_what_it_says() -> None:
    turned = {key: WHOLE[key] for key in reversed(WHOLE)}
    assert digest_diff(read_diff(turned)) == digest_diff(read_diff(WHOLE))
    assert digest_diff(read_diff({**WHOLE, "remove_blocks": []})) != digest_diff(read_diff(WHOLE))


@given(JSON | st.dictionaries(st.sampled_from(sorted(WHOLE)), JSON | st.lists(JSON, max_size=3)))
def test_whatever_a_model_says_is_read_or_refused(found: Any) -> None:
    try:
        diff = read_diff(found)
    except InvalidWorkflow as refusal:
        assert errors_of(refusal.findings)  # noqa: PT017 - either way is right
    else:
        assert not errors_of(diff.findings)
