"""Applying a proposed change to a copy of a graph: what the Studio does, and what it passes over."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.powabase.workflows import (
    ANSWER,
    INPUT,
    OTHER,
    REPLY,
    apply,
    block,
    edge,
    named,
    refused,
    support,
)

from upshot.powabase.apply import apply_diff, bind, undo
from upshot.powabase.canonical import is_uuid
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import Code, InvalidWorkflow
from upshot.powabase.graph import build_graph, digest_graph, to_wire
from upshot.powabase.state import CUT, build_state

NOTIFY: dict[str, Any] = {
    "add_blocks": [
        {
            "id": "general_api_1",
            "type": "general_api",
            "name": "Notify",
            "position": {"x": 600, "y": 400},
            "config": {"url": "https://hooks.example", "method": "POST", "body": "<Answer.output>"},
        }
    ],
    "add_edges": [{"source": "Answer", "target": "general_api_1"}],
}


def test_a_new_block_is_put_beside_the_others() -> None:
    applied = apply(NOTIFY)
    new = named(applied.after, "Notify")
    assert is_uuid(new.id)
    assert (new.type, new.x, new.y, new.enabled) == ("general_api", 600, 400, True)
    assert new.config["method"] == "POST"
    assert [e.ends for e in applied.change.edges_added] == [(ANSWER, new.id, "")]
    assert applied.change.counts == {
        "blocks-added": 1,
        "blocks-updated": 0,
        "blocks-removed": 0,
        "edges-added": 1,
        "edges-removed": 0,
    }


def test_the_graph_before_is_not_touched() -> None:
    before = support()
    apply({**NOTIFY, "update_blocks": [{"id": "Answer", "config": {"input": "x"}}]}, before)
    assert to_wire(before) == to_wire(support())


def test_a_new_block_begins_with_the_defaults_of_its_kind() -> None:
    new = named(apply({"add_blocks": [{"id": "a", "type": "agent", "name": "New"}]}).after, "New")
    assert new.config == {"model": "gpt-5.4-mini", "knowledge_bases": [], "temperature": 0.7}


def test_a_block_without_a_name_gets_that_of_its_kind() -> None:
    assert named(apply({"add_blocks": [{"id": "c", "type": "code"}]}).after, "Code").type == "code"


def test_a_name_that_is_taken_gets_a_number() -> None:
    after = apply({"add_blocks": [{"id": "a", "type": "agent", "name": "Answer"}]}).after
    assert named(after, "Answer 2").type == "agent"


def test_the_name_of_a_block_that_goes_is_free() -> None:
    after = apply(
        {
            "remove_blocks": ["Answer"],
            "add_blocks": [{"id": "a", "type": "code", "name": "Answer", "config": {"code": "1"}}],
            "add_edges": [
                {"source": "Input", "target": "a"},
                {"source": "Answer", "target": "Reply"},
            ],
        }
    ).after
    new = named(after, "Answer")
    assert new.id != ANSWER
    assert {e.ends for e in after.edges} == {(INPUT, new.id, ""), (new.id, REPLY, "")}


def test_replacing_a_block_may_name_the_edges_that_go_with_it() -> None:
    after = apply(
        {
            "remove_blocks": ["Answer"],
            "remove_edges": [{"source": "Answer", "target": "Reply"}],
            "add_blocks": [{"id": "a", "type": "code", "name": "Answer"}],
            "add_edges": [{"source": "a", "target": "Reply"}],
        }
    ).after
    assert [e.target for e in after.edges] == [REPLY]


def test_references_to_temporary_ids_become_names() -> None:
    after = apply(
        {
            "add_blocks": [
                {"id": "agent_1", "type": "agent", "name": "Answer", "config": {"input": "<code_1.output.x>"}},
                {"id": "code_1", "type": "code", "name": "Clean"},
            ],
            "update_blocks": [{"id": "Reply", "config": {"output": "<agent_1.output> <Answer.output>"}}],
        }
    ).after  # fmt: skip
    assert named(after, "Answer 2").config["input"] == "<Clean.output.x>"
    assert named(after, "Reply").config["output"] == "<Answer 2.output> <Answer.output>"


def test_references_by_a_shown_name_become_ids_where_the_name_is_not_alone() -> None:
    before = build_graph(
        [
            block(INPUT, "starter", "Input", input={}),
            block(ANSWER, "agent", "Ask"),
            block(OTHER, "agent", "Ask"),
            block(REPLY, "response", "Reply", output=""),
        ],
        [edge(INPUT, ANSWER), edge(INPUT, OTHER), edge(ANSWER, REPLY), edge(OTHER, REPLY)],
    )
    after = apply(
        {"update_blocks": [{"id": "Reply", "config": {"output": "<Ask #2.output>"}}]}, before
    ).after
    assert named(after, "Reply").config["output"] == f"<{OTHER}.output>"


def test_an_update_sets_its_fields_and_leaves_the_others() -> None:
    applied = apply(
        {"update_blocks": [{"id": "Answer", "config": {"model": "o3", "temperature": 1}}]}
    )
    assert named(applied.after, "Answer").config == {
        "input": "<Input.output.question>",
        "model": "o3",
        "temperature": 1,
    }
    (change,) = applied.change.updated
    assert [(p.path, p.before, p.after, p.was_there) for p in change.properties] == [
        ("config.model", "gpt-5.2", "o3", True),
        ("config.temperature", None, 1, False),
    ]


def test_several_updates_of_a_block_are_merged_in_their_order() -> None:
    updates = [
        {"id": "Answer", "config": {"model": "a", "x": 1}},
        {"id": "Answer", "config": {"model": "b"}},
    ]
    config = named(apply({"update_blocks": updates}).after, "Answer").config
    assert (config["model"], config["x"]) == ("b", 1)


def test_an_update_may_complete_a_block_that_is_new() -> None:
    diff = {**NOTIFY, "update_blocks": [{"id": "general_api_1", "config": {"timeout": "100"}}]}
    assert named(apply(diff).after, "Notify").config["timeout"] == "100"


def test_a_removed_block_takes_its_edges_along() -> None:
    after = apply({"remove_blocks": ["Reply"]}).after
    assert [e.ends for e in after.edges] == [(INPUT, ANSWER, "")]


def test_removing_an_edge_without_a_handle_removes_all_between_two_blocks() -> None:
    before = build_graph(
        [
            block(INPUT, "starter", "Input", input={}),
            block(ANSWER, "condition", "Route", branches=[{}]),
            block(REPLY, "code", "Do"),
        ],
        [edge(INPUT, ANSWER), edge(ANSWER, REPLY, "if"), edge(ANSWER, REPLY, "else")],
    )
    one = {"remove_edges": [{"source": "Route", "target": "Do", "sourceHandle": "if"}]}
    both = {"remove_edges": [{"source": "Route", "target": "Do"}]}
    assert len(apply(one, before).after.edges) == 2
    assert len(apply(both, before).after.edges) == 1


@pytest.mark.parametrize(
    ("kind", "config", "handle", "condition"),
    [
        ("condition", {"branches": [{}]}, "if", "if"),
        ("split", {"branches": 2}, "2", None),
        ("agent", {}, "", None),
    ],
)
def test_a_branch_is_followed_only_by_its_condition(
    kind: str, config: dict[str, Any], handle: str, condition: str | None
) -> None:
    before = build_graph(
        [block(INPUT, "starter", "I", input={}), block(ANSWER, kind, "Route", **config), block(REPLY, "code", "Do")],
        [edge(INPUT, ANSWER)],
    )  # fmt: skip
    named_handle = {"sourceHandle": handle} if handle else {}
    diff = {"add_edges": [{"source": "Route", "target": "Do", **named_handle}]}
    (added,) = apply(diff, before).change.edges_added
    assert (added.source_handle, added.condition) == (handle or "output", condition)
    assert added.id == ""


def test_a_new_webhook_gets_an_id_of_its_own_and_a_secret_that_is_made_later() -> None:
    hook = {
        "id": "w",
        "type": "webhook",
        "name": "Hook",
        "config": {"webhook_secret": "guess", "webhook_id": "1"},
    }
    new = named(apply({"add_blocks": [hook]}).after, "Hook")
    assert is_uuid(new.config["webhook_id"])
    assert new.config["webhook_secret"] == "[upshot-secret-new]"


def test_blocks_without_a_position_come_below_each_other() -> None:
    blocks = [{"id": "b", "type": "code", "name": "B"}, {"id": "a", "type": "code", "name": "A"}]
    after = apply({"add_blocks": blocks}).after
    assert [named(after, name).y for name in ("A", "B")] == [200, 400]


def test_knowledge_bases_have_the_one_form_that_the_engine_reads() -> None:
    config = {"knowledge_bases": ["kb-1", {"id": "kb-2"}, {"name": "lost"}, 7]}
    after = apply({"update_blocks": [{"id": "Answer", "config": config}]}).after
    assert named(after, "Answer").config["knowledge_bases"] == [{"id": "kb-1"}, {"id": "kb-2"}]


@pytest.mark.parametrize(
    ("diff", "code"),
    [
        ({"add_blocks": [{"id": "a", "type": "llm"}]}, Code.UNKNOWN_TYPE),
        ({"add_blocks": [{"id": "a", "type": "code"}] * 2}, Code.DUPLICATE),
        ({"add_blocks": [{"id": "Answer", "type": "code"}], "add_edges": [{"source": "Input", "target": "Answer"}]},
         Code.AMBIGUOUS_NAME),
        ({"add_blocks": [{"id": "a", "type": "code", "name": "n" * 256}]}, Code.TOO_BIG),
        ({"remove_blocks": ["Missing"]}, Code.UNKNOWN_BLOCK),
        ({"remove_blocks": ["Reply", "Reply"]}, Code.DUPLICATE),
        ({"remove_blocks": ["a"], "add_blocks": [{"id": "a", "type": "code"}]}, Code.CONTRADICTION),
        ({"remove_blocks": ["Input"]}, Code.UNKNOWN_REFERENCE),
        ({"update_blocks": [{"id": "Missing", "config": {}}]}, Code.UNKNOWN_BLOCK),
        ({"remove_blocks": ["Reply"], "update_blocks": [{"id": "Reply", "config": {}}]}, Code.CONTRADICTION),
        ({"update_blocks": [{"id": "Answer", "config": {"input": "<Missing.output>"}}]}, Code.UNKNOWN_REFERENCE),
        ({"add_edges": [{"source": "Input", "target": "Missing"}]}, Code.DANGLING_EDGE),
        ({"add_edges": [{"source": "Input", "target": "Reply"}], "remove_blocks": ["Reply"]}, Code.DANGLING_EDGE),
        ({"add_edges": [{"source": "Input", "target": "Answer"}]}, Code.DUPLICATE),
        ({"add_edges": [{"source": "Input", "target": "Reply"}] * 2}, Code.DUPLICATE),
        ({"add_edges": [{"source": "Reply", "target": "Input"}]}, Code.CYCLE),
        ({"add_edges": [{"source": "Answer", "target": "Answer"}]}, Code.CYCLE),
        ({"remove_edges": [{"source": "Missing", "target": "Input"}]}, Code.DANGLING_EDGE),
        ({"add_edges": [{"source": "Input", "target": "Reply"}],
          "remove_edges": [{"source": "Input", "target": "Reply"}]}, Code.CONTRADICTION),
        ({"add_edges": [{"source": "Input", "target": "Answer"}],
          "remove_edges": [{"source": "Input", "target": "Answer"}]}, Code.CONTRADICTION),
        ({"update_blocks": [{"id": "Answer", "config": {"code": f"head{CUT}"}}]}, Code.CUT_TEXT),
        ({"update_blocks": [{"id": "Answer", "config": {"_truncated": True}}]}, Code.CUT_TEXT),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(diff: dict[str, Any], code: Code) -> None:
    assert code in refused(diff)


def test_every_problem_of_a_change_is_reported_at_once() -> None:
    diff = {
        "add_blocks": [{"id": "a", "type": "llm"}],
        "remove_blocks": ["Missing"],
        "add_edges": [{"source": "Reply", "target": "Input"}, {"source": "x", "target": "y"}],
    }
    assert refused(diff) == {Code.UNKNOWN_TYPE, Code.UNKNOWN_BLOCK, Code.CYCLE, Code.DANGLING_EDGE}


def test_a_name_that_several_blocks_have_must_be_reported_with_its_number() -> None:
    twins = [
        block(INPUT, "starter", "Input"),
        block(ANSWER, "code", "Do"),
        block(REPLY, "code", "Do"),
    ]
    before = build_graph(twins, [])
    assert refused({"update_blocks": [{"id": "Do", "config": {}}]}, before) == {Code.AMBIGUOUS_NAME}
    assert refused({"remove_blocks": ["Do"]}, before) == {Code.AMBIGUOUS_NAME}
    assert refused({"remove_blocks": ["Do #2"]}, before) == set()


def test_an_id_is_as_good_as_a_name() -> None:
    assert apply({"remove_blocks": [REPLY]}).after == apply({"remove_blocks": ["Reply"]}).after


def test_removing_an_edge_that_is_not_there_is_reported() -> None:
    applied = apply({"remove_edges": [{"source": "Reply", "target": "Input"}]})
    assert [one.code for one in applied.findings] == [Code.NO_SUCH_EDGE]
    assert applied.change.is_empty


def test_what_a_new_block_lacks_is_reported() -> None:
    applied = apply({"add_blocks": [{"id": "a", "type": "general_api", "name": "Call"}]})
    assert [one.message for one in applied.findings] == ["the new block 'Call' has no url"]


def test_what_was_wrong_before_does_not_stand_in_the_way() -> None:
    before = build_graph([block(INPUT, "starter", "Input", input="<Gone.output>")], [])
    applied = apply({"add_blocks": [{"id": "c", "type": "code", "config": {"code": "1"}}]}, before)
    assert [(one.code, one.is_error) for one in applied.findings] == [
        (Code.UNKNOWN_REFERENCE, False)
    ]
    more = {"update_blocks": [{"id": "Input", "config": {"note": "<Lost.output>"}}]}
    assert refused(more, before) == {Code.UNKNOWN_REFERENCE}


def test_a_graph_that_could_not_be_put_is_not_changed_either() -> None:
    before = build_graph([block("start", "starter", "Input")], [])
    assert refused({"update_blocks": [{"id": "Input", "config": {"a": 1}}]}, before) == {
        Code.BAD_ID
    }


def test_rewriting_a_text_that_was_cut_is_reported() -> None:
    before = build_graph([block(INPUT, "starter", "Input", note="x" * 3_000)], [])
    diff = read_diff({"update_blocks": [{"id": "Input", "config": {"note": "short", "more": 1}}]})
    applied = apply_diff(before, diff, cut=build_state(before).cut)
    assert [(one.code, one.is_error) for one in applied.findings] == [(Code.CUT_TEXT, False)]


def test_a_webhooks_id_and_secret_are_not_for_the_copilot() -> None:
    before = build_graph(
        [block(INPUT, "webhook", "Hook", webhook_id="1", webhook_secret="[upshot-secret-1]")], []
    )
    same = {"update_blocks": [{"id": "Hook", "config": {"webhook_id": "1", "path": "/a"}}]}
    other = {"update_blocks": [{"id": "Hook", "config": {"webhook_secret": "mine"}}]}
    assert refused(same, before) == set()
    assert refused(other, before) == {Code.RESERVED_FIELD}


def test_an_empty_change_changes_nothing() -> None:
    applied = apply({})
    assert applied.after == support()
    assert applied.change.is_empty
    assert applied.findings == ()


def test_undoing_gives_the_graph_before() -> None:
    diff = {
        **NOTIFY,
        "remove_blocks": ["Reply"],
        "update_blocks": [{"id": "Answer", "config": {"model": "o3", "new": None}}],
    }
    applied = apply(diff)
    assert undo(applied.after, applied) == support()


def test_undoing_refuses_a_graph_that_was_changed_since() -> None:
    applied = apply({"update_blocks": [{"id": "Answer", "config": {"model": "o3"}}]})
    moved = apply(
        {"update_blocks": [{"id": "Answer", "config": {"model": "o4"}}]}, applied.after
    ).after
    with pytest.raises(InvalidWorkflow, match="'Answer' is no longer as it was"):
        undo(moved, applied)


def test_the_same_change_gives_the_same_ids_and_another_graph_others() -> None:
    assert apply(NOTIFY).after == apply(NOTIFY).after
    other = apply({"update_blocks": [{"id": "Answer", "config": {"model": "o3"}}]}).after
    assert named(apply(NOTIFY, other).after, "Notify").id != named(apply(NOTIFY).after, "Notify").id


def test_two_workflows_that_begin_alike_get_ids_of_their_own() -> None:
    hook = read_diff({"add_blocks": [{"id": "w", "type": "webhook", "name": "Hook"}]})
    hooks = [
        named(apply_diff(support(), hook, workflow_id=one).after, "Hook") for one in ("a", "b")
    ]
    assert hooks[0].id != hooks[1].id
    assert hooks[0].config["webhook_id"] != hooks[1].config["webhook_id"]


def test_an_approval_is_bound_to_version_graphs_and_change() -> None:
    before, diff, after = support(), read_diff(NOTIFY), apply(NOTIFY).after
    bound = bind(before, diff, after)
    assert bound == bind(support(), read_diff(dict(reversed(NOTIFY.items()))), apply(NOTIFY).after)
    others = [
        bind(build_graph(before.blocks, before.edges, 4), diff, after),
        bind(build_graph(before.blocks, (), 3), diff, after),
        bind(before, read_diff({}), after),
        bind(before, diff, before),
    ]
    assert len({bound, *others}) == 5
    assert len(bound) == 64


def test_the_version_stays_the_one_that_it_was_made_for() -> None:
    assert apply(NOTIFY).after.version == 3
    assert digest_graph(apply(NOTIFY).after) != digest_graph(support())
