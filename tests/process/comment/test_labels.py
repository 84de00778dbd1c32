"""The labels of the pull request, by the action as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from upshot_sandbox.scenario import GitHubPlan

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

LABELS = {"labels": "true"}


def on_pull(job: Job) -> set[str]:
    return {name.removeprefix("upshot:") for name in job.world.github.pull_labels}


def test_labels_are_off_unless_they_are_asked_for(start: Start) -> None:
    job = start("failed-update")
    result = job.run()
    assert on_pull(job) == set()
    assert not any("label" in line for line in result.lines)
    assert '"labels"' not in result.comments[0]


def test_a_failure_is_labelled_until_a_run_succeeds(start: Start) -> None:
    job = start("failed-update")
    first = job.run(inputs=LABELS)
    assert on_pull(job) == {"failed"}
    assert "labels +upshot:failed" in first.log
    well = {"pulumi.log": b"Updating (prod):\n\nResources:\n    ~ 1 updated\n    13 unchanged\n"}
    later = {"GITHUB_RUN_ID": "19283746999"}
    inputs = {**LABELS, "outcome": "success", "log-file": "pulumi.log", "pulumi-access-token": ""}
    second = job.run(inputs={**inputs, "backend": "local"}, files=well, env=later)
    assert second.outputs["verdict"] == "succeeded"
    assert on_pull(job) == set()


def test_a_preview_that_loses_data_says_so(start: Start) -> None:
    job = start("replaces-database")
    job.run(inputs=LABELS)
    assert on_pull(job) == {"data-loss-risk", "deletes", "replaces"}


def test_a_label_stays_while_another_stack_of_the_matrix_says_so(start: Start) -> None:
    job = start("matrix")
    job.run(inputs=LABELS)
    assert on_pull(job) == {"failed"}
    job.run(inputs={**job.world.scenario.earlier[0], **LABELS})
    assert on_pull(job) == {"failed"}, "this stack is well, the other one is not"


def test_collect_labels_what_any_of_its_reports_says(start: Start) -> None:
    job = start("collect")
    job.run(inputs=LABELS)
    assert on_pull(job) == {"data-loss-risk", "failed", "replaces"}


@pytest.mark.parametrize("mode", ["new", "append", "recreate", "hide-and-new", "off"])
def test_labels_follow_the_report_in_every_mode_of_the_comment(start: Start, mode: str) -> None:
    job = start("failed-update")
    job.run(inputs={**LABELS, "comment-mode": mode})
    assert on_pull(job) == {"failed"}


def test_a_task_that_waits_for_a_person(start: Start) -> None:
    job = start("neo-approval")
    job.run(inputs=LABELS)
    assert "waits-for-person" in on_pull(job)


def test_t44_a_token_that_may_only_read_is_one_warning(start: Start) -> None:
    plan = replace(start("failed-update").world.github.plan, token="read")
    for mode in ("update", "off"):
        job = start("failed-update", github=plan)
        result = job.run(inputs={**LABELS, "comment-mode": mode})
        refused = [line for line in result.warnings if "Resource not accessible" in line]
        assert len(refused) == 1
        assert (result.exit_code, on_pull(job)) == (0, set())


def test_a_dry_run_labels_nothing(start: Start) -> None:
    job = start("failed-update", github=GitHubPlan())
    result = job.run(inputs={**LABELS, "dry-run": "true"})
    assert on_pull(job) == set()
    assert "labels skipped: 'dry-run' is on" in result.log
