"""Mode `powabase`, run as the runner would: what is asked, shown and written, and how it ends."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import EventPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

    from upshot_sandbox.runner import RunResult

WORKFLOW = "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
GRAPH = f"GET /api/workflows/{WORKFLOW}"
KEY = "k3y-of-the-agent-block"
FILE = {"workflow-file": "workflow.json"}
STREAM_BYTES = 2_000
"""About the length of the scenario's stream."""


def asked(start: Start, **changes: Any) -> Job:
    """The world of `powabase-diff`, with parts of `[powabase]` changed."""
    scenario = load_scenario("powabase-diff")
    assert scenario.powabase is not None
    turn = changes.pop("turn", None)
    plan = {**scenario.powabase, **changes}
    if turn is not None:
        plan["turns"] = [{**scenario.powabase["turns"][0], **turn}]
    return start(replace(scenario, powabase=plan))


def lines(job: Job, service: str = "powabase") -> list[str]:
    return [one.line for one in job.world.journal.requests if one.service == service]


def chats(job: Job) -> int:
    return sum(line.endswith("/chat") for line in lines(job))


def puts(job: Job) -> int:
    return sum(line.startswith("PUT ") and line.endswith("/graph") for line in lines(job))


def written(result: RunResult, output: str) -> Any:
    return json.loads((result.machine.temp / result.outputs[output]).read_text("utf-8"))


def test_a_change_is_shown_and_nothing_is_written(start: Start) -> None:
    job = asked(start)
    result = job.run()
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "not-asked")
    (comment,) = result.comments
    assert "Proposed change of the workflow `Support`" in comment
    assert "Answer politely and name your sources." in comment
    assert "```mermaid" in comment
    assert json.loads(result.outputs["workflow-changes"]) == {
        "blocks-added": 1,
        "blocks-updated": 1,
        "blocks-removed": 0,
        "edges-added": 2,
        "edges-removed": 1,
    }
    assert [line.split()[0] for line in lines(job)] == ["GET", "POST", "POST"]
    assert (result.outputs["ai-calls"], puts(job)) == ("1", 0)
    assert "Check" in str(written(result, "workflow-graph-file"))
    assert written(result, "workflow-diff-file")["version"] == [3, 3]
    assert result.outputs["session-id"]
    assert result.outputs["message-id"]


def test_t64_no_secret_of_a_block_leaves(start: Start) -> None:
    job = asked(start, secrets=[KEY])
    result = job.run(inputs={**FILE, "apply": "file"}, env={"RUNNER_DEBUG": "1"})
    assert result.outputs["apply-state"] == "applied"
    shown = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    shown += [result.summary, *result.comments, *result.outputs.values()]
    files = [*result.machine.temp.rglob("*"), *result.machine.workspace.rglob("*")]
    shown += [path.read_text("utf-8", "replace") for path in files if path.is_file()]
    assert not any(KEY in text for text in shown)
    assert "[upshot-secret-1]" in (result.machine.workspace / "workflow.json").read_text("utf-8")


def test_an_answer_without_a_change(start: Start) -> None:
    result = asked(start, turns=[{"answer": "It answers questions."}]).run()
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "no-change")
    assert result.outputs["answer"] == "It answers questions."
    assert "No change was proposed" in result.comments[0]


def test_a_diff_that_may_not_be_used_is_refused_with_its_findings(start: Start) -> None:
    tool = {
        "name": "modify_workflow",
        "arguments": {"add_edges": [{"source": "Answer", "target": "Nowhere"}]},
    }
    job = asked(start, turns=[{"answer": "Done.", "tools": [tool]}])
    result = job.run(inputs={**FILE, "apply": "file"})
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "refused")
    assert "Nowhere" in result.comments[0]
    assert not (result.machine.workspace / "workflow.json").exists()


def test_t63_dangerous_tools_are_announced_above_everything(start: Start) -> None:
    result = start("powabase-dangerous").run()
    (comment,) = result.comments
    assert "**The Copilot called `execute_public_sql`.**" in comment
    assert comment.index("[!CAUTION]") < comment.index("I removed the old orders")


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 0.99])
def test_t63_a_stream_that_breaks_loses_nothing_and_asks_once(start: Start, share: float) -> None:
    whole = asked(start).run()
    job = asked(start, turn={"cut_after": int(STREAM_BYTES * share)})
    result = job.run()
    assert (result.exit_code, chats(job)) == (0, 1)
    for name in ("answer", "apply-state", "workflow-changes"):
        assert result.outputs[name] == whole.outputs[name]


class TestFile:
    def test_the_change_is_written_with_a_small_difference(self, start: Start) -> None:
        job = asked(start, turns=[{"answer": "It is well."}])
        first = job.run()
        assert first.outputs["apply-state"] == "no-change"
        job = asked(start)
        result = job.run(inputs={**FILE, "apply": "file"})
        text = (result.machine.workspace / "workflow.json").read_text("utf-8")
        assert (result.exit_code, json.loads(text)["version"]) == (0, 3)
        assert "Commit `workflow.json` to keep it." in result.comments[0]
        by_hand = json.dumps(json.loads(text), indent=4).encode()
        again = job.run(inputs={**FILE, "apply": "file"}, files={"workflow.json": by_hand})
        text = (again.machine.workspace / "workflow.json").read_text("utf-8")
        assert text.startswith('{\n    "version": 3'), "the form of the file is kept"
        assert puts(job) == 0

    def test_a_file_that_is_ahead_is_the_working_copy(self, start: Start) -> None:
        ahead = asked(start).run(inputs={**FILE, "apply": "file"})
        text = (ahead.machine.workspace / "workflow.json").read_bytes()
        job = asked(start, turns=[{"answer": "Fine."}])
        result = job.run(inputs=FILE, files={"workflow.json": text})
        assert (result.exit_code, result.outputs["apply-state"]) == (0, "no-change")
        (sent,) = [one for one in job.world.journal.requests if one.line.endswith("/chat")]
        assert "name your sources" in sent.body.decode()

    def test_t64_t65_a_put_from_it_is_shown_whole_and_keeps_each_secret_in_its_place(
        self, start: Start
    ) -> None:
        scenario = load_scenario("powabase-apply")
        assert scenario.powabase is not None
        plan = copy.deepcopy(scenario.powabase)
        kept = {"X-First": "f1rst-Secret-of-it", "X-Key": "s3cond-Secret-of-it"}
        plan["workflows"][0]["blocks"][1]["config"]["headers"] = kept
        github = replace(scenario.github, collaborators={"sam-okafor": "write"})
        job = start(replace(scenario, powabase=plan, github=github))
        made = job.run(inputs={**FILE, "apply": "file"})
        ahead = json.loads((made.machine.workspace / "workflow.json").read_bytes())
        ahead["blocks"][1]["config"]["headers"].pop("X-First")
        given = {"files": {"workflow.json": json.dumps(ahead).encode()}, "inputs": FILE}
        project = job.world.extensions["powabase"]
        project.messages.clear()
        first = job.run(**given)
        assert first.outputs["apply-state"] == "waiting"
        assert "`headers`" in first.comments[0], "the approver sees what the file alone changes"
        state = job.world.github
        state.add(
            state.user("sam-okafor"), f"/upshot approve {first.outputs['approval-request-id']}"
        )
        assert job.run(**given).outputs["apply-state"] == "applied"
        (config,) = [
            one["config"]
            for one in project.workflows[WORKFLOW].blocks.values()
            if one["name"] == "Answer"
        ]
        assert config["headers"] == {"X-Key": "s3cond-Secret-of-it"}
        assert job.run(**given).outputs["apply-state"] == "stale", "the file is behind now"

    def test_a_server_that_has_moved_on_is_shown_and_nothing_is_asked(self, start: Start) -> None:
        job = start("powabase-stale")
        result = job.run()
        assert (result.exit_code, result.outputs["apply-state"]) == (1, "stale")
        assert chats(job) == 0
        assert "**Asked:**" not in result.comments[0]

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"blocks": []}', '{"version": 3, "blocks": 1}']
    )
    def test_a_file_that_is_none_is_an_error_and_stays(self, start: Start, text: str) -> None:
        job = asked(start)
        result = job.run(inputs={**FILE, "apply": "file"}, files={"workflow.json": text.encode()})
        assert (result.exit_code, chats(job)) == (1, 0)
        assert (result.machine.workspace / "workflow.json").read_text("utf-8") == text

    def test_t30_a_link_in_its_place_is_not_followed(self, start: Start) -> None:
        job = asked(start)
        first = job.run()
        outside = first.machine.temp.parent / "outside.json"
        link = first.machine.workspace / "workflow.json"
        link.symlink_to(outside)
        result = job.run(inputs={**FILE, "apply": "file"})
        assert not outside.exists()
        assert result.exit_code in {0, 1}


@pytest.mark.parametrize("status", [402, 409, 429, 500, 503])
def test_a_service_that_cannot_answer_now_is_a_warning(start: Start, status: int) -> None:
    job = asked(start, turns=[{"status": status}])
    result = job.run(inputs={"max-wait": "5s"})
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "no-change")
    assert result.outputs["reason-code"] not in {"ok", "internal-error"}
    assert "::warning" in result.log
    assert chats(job) == 1
    assert job.run(inputs={"max-wait": "5s", "strict": "true"}).exit_code == 1


@pytest.mark.parametrize("key", ["user", "expired"])
def test_a_key_that_may_not_is_an_error_for_its_owner(start: Start, key: str) -> None:
    job = asked(start, key=key)
    result = job.run()
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "not-done")
    assert "The owner of the project must act" in result.log
    assert chats(job) == 0


def test_an_unknown_workflow_is_an_error_for_the_author(start: Start) -> None:
    result = asked(start).run(inputs={"workflow-id": "9" * 8 + "-0000-4000-8000-" + "0" * 12})
    assert result.exit_code == 1
    assert "check `workflow-id`" in result.log


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("powabase-url", ""),
        ("powabase-url", "ftp://x"),
        ("powabase-key", ""),
        ("workflow-id", "support"),
        ("workflow-file", "../outside.json"),
        ("powabase-session", "a b"),
        ("powabase-dialect", "v2"),
        ("apply", "always"),
        ("allow-deployed", "perhaps"),
        ("prompt", ""),
    ],
)
def test_a_wrong_input_ends_the_run_before_anything_is_asked(
    start: Start, name: str, value: str
) -> None:
    job = asked(start)
    result = job.run(inputs={name: value})
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
    assert f"input '{name}'" in result.log
    assert lines(job) == []


def test_a_file_is_needed_to_write_one(start: Start) -> None:
    assert "input 'workflow-file'" in asked(start).run(inputs={"apply": "file"}).log


def test_a_model_is_set_for_the_turn_and_set_back(start: Start) -> None:
    job = asked(start)
    before = job.world.extensions["powabase"].model
    job.run(inputs={"powabase-model": "claude-sonnet-4-6"})
    settings = [line for line in lines(job) if line.startswith("PUT /api/copilot/settings")]
    assert (len(settings), job.world.extensions["powabase"].model) == (2, before)


def test_a_model_that_is_not_offered_is_a_bad_input(start: Start) -> None:
    job = asked(start)
    result = job.run(inputs={"powabase-model": "none"})
    assert (result.exit_code, chats(job)) == (1, 0)
    assert "input 'powabase-model'" in result.log


def test_a_conversation_goes_on(start: Start) -> None:
    job = asked(start)
    first = job.run()
    second = job.run(inputs={"powabase-session": "continue", "prompt": "And now?"})
    assert first.outputs["session-id"] == second.outputs["session-id"]
    third = job.run(inputs={"prompt": "From the start."})
    assert third.outputs["session-id"] != first.outputs["session-id"]


def test_the_documented_dialect_is_spoken_too(start: Start) -> None:
    result = asked(start, dialect="documented").run(inputs={"powabase-dialect": "documented"})
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "not-asked")


def test_t25_nothing_runs_for_a_forks_head(start: Start) -> None:
    scenario = load_scenario("powabase-diff")
    github = replace(scenario.github, fork=True)
    job = start(replace(scenario, github=github))
    result = job.run()
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "not-allowed")
    assert lines(job) == []


def test_a_nightly_question_needs_no_pull_request(start: Start) -> None:
    scenario = load_scenario("powabase-diff")
    github = replace(scenario.github, pull_request=0)
    job = start(replace(scenario, github=github, event=EventPlan(name="schedule")))
    result = job.run()
    assert (result.exit_code, result.comments) == (0, ())
    assert "Proposed change" in result.summary


def test_dry_run_asks_nothing(start: Start) -> None:
    job = asked(start)
    result = job.run(inputs={"dry-run": "true"})
    assert (result.exit_code, chats(job), result.comments) == (0, 0, ())


def test_a_service_that_is_not_there_is_a_warning(start: Start) -> None:
    result = asked(start).run(inputs={"powabase-url": "http://127.0.0.1:9", "timeout": "8s"})
    assert result.exit_code == 0
    assert "::warning" in result.log


def test_t65_a_change_is_put_once_it_is_approved_and_not_asked_for_again(start: Start) -> None:
    scenario = load_scenario("powabase-apply")
    github = replace(scenario.github, collaborators={"sam-okafor": "write"})
    job = start(replace(scenario, github=github))
    first = job.run()
    assert (first.exit_code, first.outputs["apply-state"]) == (0, "waiting")
    assert puts(job) == 0
    (command,) = [line for line in first.comments[0].split("\n") if "/upshot approve" in line]
    assert command == f"/upshot approve {first.outputs['approval-request-id']}"
    state = job.world.github
    state.add(state.user("sam-okafor"), command)
    second = job.run()
    assert (second.exit_code, second.outputs["apply-state"]) == (0, "applied")
    assert (chats(job), puts(job)) == (1, 1)
    assert second.outputs["approval-request-id"] == first.outputs["approval-request-id"]


@pytest.mark.parametrize(
    ("approvers", "state"), [("sam-okafor", "applied"), ("lea-roth", "waiting")]
)
def test_t56_only_who_the_workflow_names_may_approve(
    start: Start, approvers: str, state: str
) -> None:
    scenario = load_scenario("powabase-apply")
    github = replace(scenario.github, collaborators={"sam-okafor": "write", "lea-roth": "write"})
    job = start(replace(scenario, github=github))
    given = {"approvers": approvers}
    first = job.run(inputs=given)
    github_state = job.world.github
    command = f"/upshot approve {first.outputs['approval-request-id']}"
    github_state.add(github_state.user("sam-okafor"), command)
    assert job.run(inputs=given).outputs["apply-state"] == state


def test_t57_an_approval_that_cannot_be_read_puts_nothing(start: Start) -> None:
    scenario = load_scenario("powabase-apply")
    fault = Fault("GET /repos/acme/shop/issues/7/comments", FaultKind.STATUS, status=500)
    job = start(replace(scenario, faults=(fault,)))
    result = job.run()
    assert (result.exit_code, result.outputs["apply-state"], puts(job)) == (1, "failed", 0)


def test_a_change_of_the_server_needs_a_pull_request(start: Start) -> None:
    scenario = load_scenario("powabase-apply")
    github = replace(scenario.github, pull_request=0)
    job = start(replace(scenario, github=github, event=EventPlan(name="schedule")))
    result = job.run()
    assert (result.exit_code, result.outputs["apply-state"], puts(job)) == (1, "failed", 0)
    assert "There is no pull request" in result.log
