"""How a run ends: exit code, reason and outputs, as docs/outputs.md says."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from upshot.result import output_names
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.runner import SignalAt
from upshot_sandbox.scenario import EventPlan, GitHubPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start

ASKING = "POST /api/ai/chat/preview"
POST = "POST /repos/acme/shop/issues/7/comments"
COMMENTED = EventPlan(name="issue_comment", action="created", comment="/upshot explain")


def slow(route: str) -> Fault:
    return Fault(route=route, kind=FaultKind.DELAY, delay_s=30.0)


class TestTimeout:
    """`timeout: 4s`; the sandbox would answer after 30 s. The runner gives up long after that."""

    def test_an_ai_that_takes_too_long_is_left_and_reported(self, start: Start) -> None:
        result = start("failed-update", faults=(slow(ASKING),)).run(inputs={"timeout": "4s"})
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "timed-out")
        assert any("#timeout" in warning for warning in result.warnings)
        assert "iam:CreateRole" in result.comments[0]
        assert "'timeout'" in result.comments[0]
        assert result.duration_s < 15

    def test_a_pulumi_cloud_that_takes_too_long_leaves_the_log(self, start: Start) -> None:
        result = start("failed-update", faults=(slow("GET /api/stacks/*"),)).run(
            inputs={"timeout": "4s", "log-file": "pulumi.log"}
        )
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "timed-out")
        assert "iam:CreateRole" in result.comments[0]

    def test_a_github_that_takes_too_long_leaves_the_summary(self, start: Start) -> None:
        faults = (slow("POST /graphql"), slow("* /repos/*"))
        result = start("failed-update", faults=faults).run(inputs={"timeout": "4s"})
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "comment-failed")
        assert "iam:CreateRole" in result.summary
        assert result.duration_s < 15

    def test_t38_a_run_that_hangs_is_ended_and_its_facts_are_published(self, start: Start) -> None:
        """The process is stopped while it waits for the AI: no code of its own runs any more."""
        result = start("failed-update", faults=(slow(ASKING),)).run(
            inputs={"timeout": "4s", "log-file": "pulumi.log"},
            signal_at=SignalAt(ASKING, signal.SIGSTOP, to_run=True),
        )
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "timed-out")
        assert (result.outputs["verdict"], result.outputs["failed-count"]) == ("failed", "4")
        assert set(result.outputs) == set(output_names())
        assert "iam:CreateRole" in result.summary
        assert any("#timeout" in warning for warning in result.warnings)
        assert 4 + 2 < result.duration_s < 15

    def test_with_strict_it_counts(self, start: Start) -> None:
        result = start("failed-update", faults=(slow(ASKING),)).run(
            inputs={"timeout": "4s", "strict": "true"}
        )
        assert result.exit_code == 1
        assert len(result.comments) == 1


class TestSomebodyWhoMayNot:
    @pytest.mark.parametrize(
        ("actor", "permission"), [("jo-from-outside", "read"), ("renovate[bot]", "write")]
    )
    def test_t25_a_stranger_and_a_bot_spend_nothing(
        self, start: Start, actor: str, permission: str
    ) -> None:
        event = replace(COMMENTED, actor=actor)
        github = GitHubPlan(collaborators={actor: permission})
        result = start("failed-update", event=event, github=github).run(inputs={"strict": "true"})
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "not-allowed")
        assert result.to("cloud") == []
        assert result.comments == ()
        assert any("#not-allowed" in warning for warning in result.warnings)

    def test_a_writer_is_answered(self, start: Start) -> None:
        github = GitHubPlan(collaborators={"maria-lopez": "write"})
        result = start("failed-update", event=COMMENTED, github=github).run()
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "deployment-failed")
        assert len(result.comments) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_cancel_while_the_comment_is_posted_sets_all_outputs(
    start: Start, number: int, code: int
) -> None:
    result = start("failed-update", faults=(slow(POST),)).run(signal_at=SignalAt(POST, number))
    assert (result.exit_code, result.outputs["reason-code"]) == (code, "cancelled")
    assert "iam:CreateRole" in result.summary
    assert result.duration_s < 7.5, "the runner kills after 7.5 s"


class TestPolicy:
    @pytest.mark.parametrize(
        ("scenario", "inputs", "code"),
        [
            ("failed-update", {"fail-on": "failure"}, 1),
            ("replaces-database", {"fail-on": "failure, protect"}, 0),
            ("replaces-database", {"fail-on": "stateful-replace"}, 1),
            ("replaces-database", {"fail-on": "delete"}, 1),
            ("replaces-database", {"fail-on": "risk", "risk-threshold": "critical"}, 1),
            ("policy-violation", {"fail-on": "policy"}, 1),
            ("no-changes", {"fail-on": "changes, risk", "risk-threshold": "low"}, 0),
        ],
        ids=str,
    )
    def test_a_breach_is_exit_1_after_everything_is_published(
        self, start: Start, scenario: str, inputs: dict[str, str], code: int
    ) -> None:
        result = start(scenario).run(inputs=inputs)
        assert result.exit_code == code
        assert (result.outputs["reason-code"] == "forbidden-by-policy") is bool(code)
        assert result.outputs["comment-action"] == "created"

    def test_what_is_unknown_breaks_nothing_unless_strict(self, start: Start) -> None:
        inputs = {"fail-on": "failure, changes", "stack-name": "acme/shop/elsewhere", "outcome": ""}
        job = start("no-changes")
        assert job.run(inputs=inputs).exit_code == 0
        assert job.run(inputs={**inputs, "strict": "true"}).exit_code == 1


class TestWhenSomethingIsDown:
    def test_pulumi_cloud(self, start: Start) -> None:
        fault = Fault(route="* /api/*", kind=FaultKind.STATUS, status=503, body="{}")
        result = start("failed-update", faults=(fault,)).run(inputs={"log-file": "pulumi.log"})
        assert (result.exit_code, result.outputs["reason-code"]) == (0, "pulumi-unavailable")
        assert result.outputs["backend-used"] == "local"
        assert "iam:CreateRole" in result.comments[0]

    def test_everything(self, start: Start) -> None:
        fault = Fault(route="*", kind=FaultKind.DROP)
        result = start("failed-update", faults=(fault,)).run(inputs={"log-file": "pulumi.log"})
        assert result.exit_code == 0
        assert result.outputs["verdict"] == "failed"
        assert "iam:CreateRole" in result.summary


class TestFork:
    def test_it_is_green_with_a_summary_and_says_why_there_is_no_comment(
        self, start: Start
    ) -> None:
        result = start("fork").run()
        assert (result.exit_code, result.outputs["comment-action"]) == (0, "skipped")
        assert result.outputs["backend-used"] == "local"
        assert "BucketAlreadyExists" in result.summary
        (warning,) = result.warnings
        assert "#resource-not-accessible" in warning

    def test_dependabot_has_no_secrets_and_a_comment_where_permissions_grant_it(
        self, start: Start
    ) -> None:
        cloud = replace(load_scenario("failed-update").cloud, token="none")
        github = GitHubPlan(author="dependabot[bot]", branch="dependabot/npm_and_yarn/pulumi")
        event = EventPlan(actor="dependabot[bot]")
        inputs = {"log-file": "pulumi.log", "pulumi-access-token": ""}
        for token, action in (("write", "created"), ("read", "failed")):
            plan = replace(github, token=token)
            result = start("failed-update", cloud=cloud, github=plan, event=event).run(
                inputs=inputs
            )
            assert (result.exit_code, result.outputs["comment-action"]) == (0, action)
            assert "iam:CreateRole" in result.summary

    def test_t36_a_second_workflow_posts_nothing_when_the_head_has_moved_on(
        self, start: Start
    ) -> None:
        from upshot_sandbox.events import build_payload

        github = GitHubPlan(fork=True, author="jo-from-outside", branch="patch-1")
        job = start("failed-update", event=EventPlan(name="workflow_run"), github=github)
        payload = build_payload(job.world)
        payload["workflow_run"]["head_sha"] = "2" * 40
        for inputs in ({}, {"pr-number": "7"}):
            result = job.run(event=payload, inputs=inputs)
            assert (result.exit_code, result.outputs["comment-action"]) == (0, "skipped")
            assert result.comments == ()
            assert "comment skipped: there is no pull request" in result.log


class TestCancelled:
    """The workflow run is cancelled while an AI works: what was known by then is set."""

    def test_the_comment_says_so_and_no_longer_that_an_answer_follows(self, start: Start) -> None:
        at = SignalAt("GET /repos/acme/shop/issues/7/comments", signal.SIGINT)
        result = start("failed-update", faults=(slow(ASKING),)).run(signal_at=at)
        assert (result.exit_code, result.outputs["reason-code"]) == (130, "cancelled")
        [comment] = result.comments
        assert "was cancelled before the AI had answered" in comment
        assert "will be added here" not in comment
        assert result.outputs["comment-id"]
        assert (result.outputs["verdict"], result.outputs["failed-count"]) == ("failed", "4")
        assert result.duration_s < 7.5

    def test_the_task_and_the_facts_are_known(self, start: Start) -> None:
        stream = "GET /api/preview/agents/acme/tasks/task-0001/events/stream"
        result = start("neo-answer").run(signal_at=SignalAt(stream, signal.SIGINT))
        outputs = result.outputs
        assert (outputs["task-id"], outputs["task-status"]) == ("task-0001", "cancelled")
        assert (outputs["verdict"], outputs["reason-code"]) == ("failed", "cancelled")
