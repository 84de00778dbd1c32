"""A GitHub that others wrote takes our comments, as GITHUB_TOKEN may or may not write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.judges.conftest import find_program
from tests.judges.emulated import REPOSITORY, EmulatedGitHub

from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import CopilotPlan, GitHubPlan, ReplyPlan, load_scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

ANSWERS = CopilotPlan(replies=(ReplyPlan(text="First."), ReplyPlan(text="Second.")))
WRITE = {"pull_requests": "write", "contents": "read"}
READ = {"pull_requests": "read", "contents": "read"}


class Job:
    """The action's job: Pulumi Cloud is the sandbox's, GitHub the emulator's."""

    def __init__(self, sandbox: Sandbox, github: EmulatedGitHub, folder: Path) -> None:
        self.github = github
        self._sandbox = sandbox
        self._folder = folder

    def run(self, permissions: dict[str, str], **inputs: str) -> RunResult:
        token = self.github.mint(**permissions)
        result = run_action(
            self._sandbox,
            self._folder,
            inputs={"github-token": token, **inputs},
            env={
                "GITHUB_API_URL": self.github.url,
                "GITHUB_GRAPHQL_URL": f"{self.github.url}/graphql",
            },
            event=self.github.payload(),
        )
        assert token not in result.log.replace(f"::add-mask::{token}", "")
        assert result.violations == ()
        return result

    def ours(self) -> list[str]:
        """Bodies of the comments by the App."""
        made = [c for c in self.github.comments() if c["user"]["login"] == "github-actions[bot]"]
        return [comment["body"] for comment in made]


@pytest.fixture
def job(modules: Path, tmp_path: Path) -> Iterator[Job]:
    with EmulatedGitHub(find_program("node"), modules) as github:
        plan = GitHubPlan(repository=REPOSITORY, pull_request=github.pull["number"])
        scenario = replace(load_scenario("failed-update"), github=plan, copilot=ANSWERS)
        with Sandbox(scenario) as sandbox:
            yield Job(sandbox, github, tmp_path)


def test_a_comment_is_created_then_found_and_updated(job: Job) -> None:
    job.github.comment("Looks good to me.")
    first = job.run(WRITE)
    assert (first.exit_code, first.outputs["comment-action"]) == (0, "created")
    (body,) = job.ours()
    assert "First." in body
    assert "iam:CreateRole" in body

    job.github.comment("Please wait.")
    second = job.run(WRITE)
    assert (second.exit_code, second.outputs["comment-action"]) == (0, "updated")
    (body,) = job.ours()
    assert "Second." in body
    assert second.outputs["comment-id"] == first.outputs["comment-id"]


def test_an_unchanged_report_is_left_alone(job: Job) -> None:
    inputs = {"backend": "local"}
    actions = [job.run(WRITE, **inputs).outputs["comment-action"] for _ in range(2)]
    assert actions == ["created", "unchanged"]


def test_it_is_found_beyond_the_first_page(job: Job) -> None:
    job.run(WRITE)
    for number in range(105):
        job.github.comment(f"Remark {number}.")
    assert job.run(WRITE).outputs["comment-action"] == "updated"
    assert len(job.ours()) == 1


def test_another_ones_comment_with_our_marker_is_not_taken(job: Job) -> None:
    job.run(WRITE)
    job.github.comment(job.ours()[0])
    assert job.run(WRITE).outputs["comment-action"] == "updated"
    assert len(job.ours()) == 1


@pytest.mark.parametrize("mode", ["recreate", "new", "append"])
def test_the_other_ways_to_comment(job: Job, mode: str) -> None:
    actions = [job.run(WRITE, **{"comment-mode": mode}).outputs["comment-action"] for _ in range(2)]
    second = {"recreate": "recreated", "new": "created", "append": "updated"}[mode]
    assert actions == ["created", second]
    assert len(job.ours()) == (2 if mode == "new" else 1)


def test_without_write_permission_there_is_a_warning_and_a_green_step(job: Job) -> None:
    result = job.run(READ)
    assert result.exit_code == 0
    assert result.outputs["comment-action"] == "failed"
    assert any("pull-requests: write" in warning for warning in result.warnings)
    assert "iam:CreateRole" in result.summary
    assert job.ours() == []


def test_strict_makes_a_missing_permission_red(job: Job) -> None:
    assert job.run(READ, strict="true").exit_code == 1
