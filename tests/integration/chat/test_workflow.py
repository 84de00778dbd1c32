"""`/upshot approve` of a workflow's change, and `/upshot undo`: put at once, put back, and guarded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.integration.chat.conftest import READER, WRITER

from upshot_sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tests.integration.chat.conftest import ChatWorld, Ended, Start

    from upshot_sandbox.powabase.project import Project, Workflow

WORKFLOW = "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
KEY = "k3y-of-the-agent-block"
GRAPH = f"GET /api/workflows/{WORKFLOW}"
PUT = f"PUT /api/workflows/{WORKFLOW}/graph"


class Builder:
    """A workflow whose change waits for an approval."""

    def __init__(self, start: Start, **plan: Any) -> None:
        self.chat: ChatWorld = start("powabase-apply", **plan)
        self.project: Project = self.chat.world.extensions["powabase"]
        self.first = self.chat.report(mode="powabase")
        self.id = self.first.outputs["approval-request-id"]

    @property
    def workflow(self) -> Workflow:
        return self.project.workflows[WORKFLOW]

    @property
    def graph(self) -> tuple[Any, ...]:
        edges = [
            {name: value for name, value in one.items() if name != "id"}
            for one in self.workflow.edges.values()
        ]
        return self.workflow.blocks, sorted(edges, key=str)

    def say(self, text: str, actor: str = WRITER, **inputs: str) -> Ended:
        return self.chat.say(text.replace("{id}", self.id), actor, inputs=inputs)


def puts(ended: Ended) -> int:
    return ended.lines.count(PUT)


def chats(ended: Ended) -> int:
    return sum(line.endswith("/chat") for line in ended.lines)


def test_t65_an_approval_puts_the_change_at_once_and_asks_nothing_again(start: Start) -> None:
    builder = Builder(start)
    ended = builder.say("/upshot approve {id}")
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "rocket"))
    assert ended.outputs["apply-state"] == "applied"
    assert ended.outputs["approval-request-id"] == builder.id
    assert (puts(ended), chats(ended), builder.workflow.version) == (1, 0, 4)
    assert "The change of the workflow `Support` is on the server" in ended.answer
    (report,) = (body for body in map(str, _bodies(builder)) if "powabase/" in body)
    assert "is on the server" in report, "the report of mode powabase is brought up to date"
    again = builder.say("/upshot approve {id}")
    assert (again.outputs["apply-state"], puts(again)) == ("applied", 0)
    rerun = builder.chat.report(mode="powabase")
    assert (rerun.outputs["apply-state"], puts(rerun), chats(rerun)) == ("applied", 0, 0)
    assert rerun.outputs["approval-request-id"] == builder.id
    assert not ended.violations


@pytest.mark.parametrize(
    ("text", "actor", "state"),
    [
        ("/upshot approve aaaa-bbbb-cccc-dddd", WRITER, ""),
        ("/upshot approve {id}", READER, ""),
        ("/upshot reject {id}", WRITER, "refused"),
    ],
)
def test_t65_nothing_else_puts_it(start: Start, text: str, actor: str, state: str) -> None:
    builder = Builder(start)
    ended = builder.say(text, actor)
    assert (ended.outputs["apply-state"], puts(ended)) == (state, 0)
    assert builder.workflow.version == 3


def test_t56_an_approval_that_is_not_enough_leaves_it_waiting(start: Start) -> None:
    builder = Builder(start)
    ended = builder.say("/upshot approve {id}", **{"required-approvals": "2"})
    assert (ended.outputs["apply-state"], puts(ended)) == ("waiting", 0)
    assert "waits" in ended.answer


def test_an_approval_needs_the_word_that_allows_a_put(start: Start) -> None:
    ended = Builder(start).say("/upshot approve {id}", apply="never")
    assert (ended.exit_code, puts(ended)) == (1, 0)
    assert "this workflow does not give `apply: server`" in ended.answer


def test_t65_an_approval_of_a_graph_that_has_moved_puts_nothing(start: Start) -> None:
    builder = Builder(start)
    builder.workflow.blocks["11111111-1111-4111-8111-111111111111"]["name"] = "By hand"
    builder.workflow.version += 1
    ended = builder.say("/upshot approve {id}")
    assert (puts(ended), ended.reactions[-1]) == (0, "confused")
    assert "Nothing waits for an answer with the id" in ended.answer


def test_undo_puts_the_state_before_back_with_its_secrets(start: Start) -> None:
    builder = Builder(start)
    before = json.loads(json.dumps(builder.graph))
    builder.say("/upshot approve {id}")
    assert json.loads(json.dumps(builder.graph)) != before
    ended = builder.say("/upshot undo")
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "rocket"))
    assert (ended.outputs["apply-state"], puts(ended), chats(ended)) == ("applied", 1, 0)
    assert json.loads(json.dumps(builder.graph)) == before
    assert KEY in json.dumps(builder.graph)
    assert "has the state before the newest change again" in ended.answer
    assert any("was undone" in body for body in _bodies(builder))
    again = builder.say("/upshot undo")
    assert (again.outputs["apply-state"], puts(again)) == ("no-change", 0)
    assert "nothing was done" in again.answer


def test_t65_an_undo_is_not_put_twice_and_its_approval_is_spent(start: Start) -> None:
    builder = Builder(start)
    builder.say("/upshot approve {id}")
    payload = builder.chat.payload("/upshot undo")
    first, second = builder.chat.deliver(payload), builder.chat.deliver(payload)
    assert (puts(first), puts(second)) == (1, 0)
    late = builder.say("/upshot approve {id}")
    assert (late.outputs["apply-state"], puts(late), builder.workflow.version) == ("", 0, 5)


@pytest.mark.parametrize("how", ["config", "edge", "block"])
def test_t65_an_undo_after_another_change_is_stale(start: Start, how: str) -> None:
    builder = Builder(start)
    builder.say("/upshot approve {id}")
    workflow = builder.workflow
    if how == "config":
        workflow.blocks["22222222-2222-4222-8222-222222222222"]["config"]["note"] = "by hand"
    elif how == "edge":
        workflow.edges.popitem()
    else:
        workflow.blocks["11111111-1111-4111-8111-111111111111"]["enabled"] = False
    workflow.version += 1
    seen = json.dumps(builder.graph)
    ended = builder.say("/upshot undo")
    assert (ended.exit_code, ended.outputs["apply-state"], puts(ended)) == (1, "stale", 0)
    assert json.dumps(builder.graph) == seen
    assert "an undo would drop what was changed since" in ended.answer


def test_undo_without_a_stored_state_or_a_workflow_says_so(start: Start) -> None:
    builder = Builder(start)
    ended = builder.say("/upshot undo")
    assert (ended.exit_code, puts(ended), ended.reactions[-1]) == (0, 0, "confused")
    assert "no state before a change is stored" in ended.answer
    other = start("ask").say("/upshot undo")
    assert "There is no workflow here" in other.answer
    assert other.exit_code == 0


def test_t25_undo_is_for_people_with_write_access(start: Start) -> None:
    builder = Builder(start)
    builder.say("/upshot approve {id}")
    ended = builder.say("/upshot undo", READER)
    assert (ended.exit_code, ended.reactions, ended.answers) == (0, ("-1",), ())
    assert ended.outputs["reason-code"] == "not-allowed"
    assert not any("/api/" in line for line in ended.lines)
    limited = builder.say("/upshot undo", commands="help, status")
    assert (limited.reactions, puts(limited)) == (("-1",), 0)


def test_t25_nothing_is_put_for_a_forks_pull_request(start: Start) -> None:
    builder = Builder(start)
    builder.say("/upshot approve {id}")
    state = builder.chat.world.github
    state.plan = replace(state.plan, fork=True)
    ended = builder.say("/upshot undo")
    assert (ended.exit_code, puts(ended)) == (1, 0)
    assert "does nothing for a fork's commit" in ended.answer


def test_a_deployed_workflow_is_undone_only_with_the_word(start: Start) -> None:
    builder = Builder(start)
    builder.say("/upshot approve {id}")
    builder.workflow.state = "deployed"
    ended = builder.say("/upshot undo")
    assert (ended.exit_code, ended.outputs["apply-state"], puts(ended)) == (1, "refused", 0)
    assert "`allow-deployed: true`" in ended.answer.replace("\\", "")
    assert puts(builder.say("/upshot undo", **{"allow-deployed": "true"})) == 1


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_service_that_refuses_or_fails_is_said_and_puts_nothing(
    start: Start, status: int
) -> None:
    builder = Builder(start)
    builder.chat.world.faults.add(Fault(GRAPH, FaultKind.STATUS, status=status))
    ended = builder.say("/upshot undo", timeout="20s")
    assert (ended.exit_code, puts(ended)) == (int(status < 500), 0)
    assert "The workflow could not be looked at" in ended.answer


def test_a_vote_at_the_gate_counts_while_the_workflow_cannot_be_looked_at(start: Start) -> None:
    builder = Builder(start)
    gate = builder.chat.report(mode="gate", **{"on-waiting": "report"})
    builder.chat.world.faults.add(Fault(GRAPH, FaultKind.STATUS, status=403))
    ended = builder.say(f"/upshot approve {gate.outputs['approval-request-id']}")
    assert (ended.exit_code, ended.outputs["approval-state"]) == (0, "approved")
    other = builder.say("/upshot approve {id}")
    assert (other.exit_code, puts(other)) == (1, 0)
    assert "The workflow could not be looked at" in other.answer


def test_dry_run_puts_nothing(start: Start) -> None:
    builder = Builder(start)
    for text in ("/upshot approve {id}", "/upshot undo"):
        assert puts(builder.say(text, **{"dry-run": "true"})) == 0
    assert builder.workflow.version == 3


def test_status_names_the_workflow_and_what_waits(start: Start) -> None:
    builder = Builder(start)
    ended = builder.say("/upshot status")
    assert "Support, version 3" in ended.answer
    assert builder.id in ended.answer


def test_t64_no_secret_of_a_block_is_in_what_is_sent_or_shown(start: Start) -> None:
    builder = Builder(start)
    runs = [builder.first, builder.say("/upshot approve {id}"), builder.say("/upshot undo")]
    for ended in runs:
        log = [line for line in ended.log.splitlines() if not line.startswith("::add-mask::")]
        assert KEY not in "\n".join([*log, *ended.answers, *ended.outputs.values()])
        sent = [one for one in ended.requests if one.line != PUT]
        assert not any(KEY.encode() in one.body for one in sent)
    assert all(KEY not in body for body in _bodies(builder))


def _bodies(builder: Builder) -> list[str]:
    return [comment.body for comment in builder.chat.world.github.by_bot()]
