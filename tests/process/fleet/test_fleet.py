"""Mode `fleet`, run as the runner would: which stacks it takes, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

    from upshot_sandbox.runner import RunResult

LIST = "GET /api/user/stacks"
EMPTY = '{"include":[]}'


def fleet(start: Start, **plan: Any) -> Job:
    return start("fleet", fleet={"stacks": 40, **plan})


def taken(result: RunResult) -> list[str]:
    include = json.loads(result.outputs["matrix"])["include"]
    return sorted(name for leg in include for name in leg["stacks"].split())


def select(job: Job, words: str, **inputs: str) -> RunResult:
    return job.run(inputs={"fleet-select": words, **inputs})


def requests(job: Job, part: str) -> int:
    return sum(part in request.line for request in job.world.journal.requests)


def test_the_failed_stacks_become_a_matrix(start: Start) -> None:
    result = select(fleet(start, failed_every=10), "failed")
    assert taken(result) == [
        "acme/app-0002/stage",
        "acme/app-0004/eu",
        "acme/app-0007/stage",
        "acme/app-0009/eu",
    ]
    assert (result.exit_code, result.outputs["fleet-count"]) == (0, "4")
    assert (result.outputs["fleet-legs-used"], result.outputs["fleet-skipped"]) == ("4", "[]")
    listed = result.machine.temp / result.outputs["fleet-file"]
    assert listed.read_text("utf-8").split() == taken(result)
    assert "4 of 41 stacks in acme need a look" in result.summary


def test_words_of_the_state_are_or_and_another_kind_is_and(start: Start) -> None:
    job = fleet(start, failed_every=10, drifted_every=8)
    assert len(taken(select(job, "failed,drifted"))) == 8
    assert taken(select(job, "failed,drifted,stack:stage")) == [
        "acme/app-0002/stage",
        "acme/app-0007/stage",
    ]


def test_what_the_list_says_costs_no_request_more(start: Start) -> None:
    job = fleet(start, stale_every=8, never_every=9)
    result = select(job, "stale:30d,project:app-*")
    assert len(taken(result)) == 9
    assert len(job.world.journal.requests) == requests(job, "/api/user/stacks") == 1


def test_all_takes_every_stack_in_one_request_a_page(start: Start) -> None:
    job = start("fleet", fleet={"stacks": 250})
    assert len(taken(select(job, "all"))) == 251
    assert requests(job, "/api/user/stacks") == 3


def test_only_those_that_were_selected_are_asked_about(start: Start) -> None:
    job = fleet(start, failed_every=2)
    select(job, "failed,project:app-0001")
    assert requests(job, "/updates/latest") == 4


def test_a_tag_is_asked_of_the_service(start: Start) -> None:
    job = fleet(start, tags={"team=web": 20, "team=api": 30})
    assert len(taken(select(job, "tag:team=web"))) == 2
    assert len(taken(select(job, "tag:team=web,tag:team=api"))) == 3


def test_failed_deployments_are_read_from_their_list(start: Start) -> None:
    job = fleet(start, deployment_failed_every=20)
    assert len(taken(select(job, "deployment-failed"))) == 2
    assert requests(job, "/deployments") == 1


def test_a_selection_that_takes_nothing_is_no_fault(start: Start) -> None:
    result = select(fleet(start), "drifted")
    assert (result.exit_code, result.outputs["matrix"]) == (0, EMPTY)
    assert (result.outputs["fleet-count"], result.outputs["fleet-legs-used"]) == ("0", "0")
    assert "None of 41 stacks in acme needs a look" in result.summary


def test_t71_a_name_that_breaks_a_shell_goes_to_no_other_job(start: Start) -> None:
    names = ["$(id)/prod", "a;b/c", 'q"x/y', "shop/pr-7\u202e", "ok/prod"]
    result = select(fleet(start, names=names), "all,project:*")
    assert [name for name in taken(result) if "app-" not in name] == [
        "acme/ok/prod",
        "acme/shop/prod",
    ]
    skipped = json.loads(result.outputs["fleet-skipped"])
    assert len(skipped) == 4
    assert {one["why"] for one in skipped} == {"its name is none that Pulumi allows"}


def test_the_limit_is_kept_and_said(start: Start) -> None:
    result = select(fleet(start), "all", **{"fleet-limit": "10"})
    assert result.outputs["fleet-count"] == "10"
    assert "Only the first 10 stacks were read" in result.summary


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_list_that_cannot_be_read_is_not_taken_for_a_healthy_fleet(
    start: Start, status: int
) -> None:
    job = start("fleet", faults=(Fault(LIST, FaultKind.STATUS, status=status),))
    result = select(job, "failed")
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "not-done")
    assert (result.outputs["matrix"], result.outputs["fleet-count"]) == (EMPTY, "")
    assert "The stacks of acme could not be read" in result.summary


def test_without_a_token_the_author_learns_what_to_give(start: Start) -> None:
    result = fleet(start).run(inputs={"pulumi-access-token": ""})
    assert (result.exit_code, result.outputs["matrix"]) == (1, EMPTY)
    assert "give `pulumi-access-token`" in result.log


def test_a_stack_that_cannot_be_read_is_left_out_and_named(start: Start) -> None:
    line = "GET /api/stacks/acme/app-0002/stage/updates/latest"
    job = start(
        "fleet",
        fleet={"stacks": 40, "failed_every": 10},
        faults=(Fault(line, FaultKind.STATUS, status=403),),
    )
    result = select(job, "failed")
    assert (result.exit_code, len(taken(result))) == (0, 3)
    (skipped,) = json.loads(result.outputs["fleet-skipped"])
    assert skipped["stack"] == "acme/app-0002/stage"
    assert "HTTP 403" in skipped["why"]
    assert select(job, "failed", strict="true").exit_code == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("fleet-select", "failing"), ("fleet-legs", "257"), ("fleet-legs", "0"), ("fleet-limit", "x")],
)
def test_a_wrong_input_ends_the_run_before_anything_is_asked(
    start: Start, name: str, value: str
) -> None:
    job = fleet(start)
    result = job.run(inputs={name: value})
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
    assert not job.world.journal.requests
    assert f"input '{name}'" in result.log


def test_an_organization_must_be_named(start: Start) -> None:
    assert "input 'organization'" in fleet(start).run(inputs={"organization": ""}).log


class TestLeg:
    """`stacks` in mode `explain`."""

    def leg(self, start: Start, names: str, **more: str) -> tuple[Job, RunResult]:
        job = fleet(start, failed_every=10, never_every=7)
        inputs = {"mode": "explain", "stacks": names, "fleet-legs": "", "organization": "", **more}
        return job, job.run(inputs=inputs)

    def test_one_report_and_one_section_a_stack(self, start: Start) -> None:
        _, result = self.leg(start, "acme/app-0002/stage  acme/app-0000/dev\nacme/app-0004/eu")
        assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
        files = sorted((result.machine.temp / "upshot/default").glob("*/report.json"))
        assert len(files) == 3
        for name in ("acme/app-0002/stage", "acme/app-0000/dev", "acme/app-0004/eu"):
            assert name in result.summary
        assert "iam:CreateRole" in result.summary

    def test_the_worst_stacks_get_the_calls_that_are_allowed(self, start: Start) -> None:
        names = "acme/app-0000/dev acme/app-0002/stage acme/app-0004/eu"
        job, result = self.leg(start, names, **{"max-ai-calls": "1"})
        assert requests(job, "/api/ai/") == 1
        assert result.outputs["ai-calls"] == "1"
        assert "max-ai-calls" in result.summary

    def test_a_stack_that_cannot_be_read_never_stops_the_next(self, start: Start) -> None:
        _, result = self.leg(start, "acme/none/prod acme/app-0001/prod acme/app-0002/stage")
        assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
        assert "never updated, or the token may not see it" in result.summary

    def test_a_wrong_name_is_an_error_and_the_others_are_reported(self, start: Start) -> None:
        _, result = self.leg(start, "acme/app-0002/stage prod $(id)/a/b")
        assert result.exit_code == 1
        assert "acme/app-0002/stage" in result.summary
        assert "input 'stacks': got 'prod'" in result.log

    def test_stacks_and_one_update_do_not_go_together(self, start: Start) -> None:
        job, result = self.leg(start, "acme/app-0002/stage", **{"log-file": "pulumi.log"})
        assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
        assert not job.world.journal.requests

    def test_without_a_token_every_stack_says_so(self, start: Start) -> None:
        names = "acme/app-0002/stage acme/app-0004/eu"
        _, result = self.leg(start, names, **{"pulumi-access-token": ""})
        assert result.exit_code == 0
        assert result.summary.count("there is no access token") >= 2

    def test_a_stack_that_drifted_shows_what_was_changed_outside_of_pulumi(
        self, start: Start
    ) -> None:
        result = start("fleet-drift").run()
        assert result.exit_code == 0
        assert result.summary.count("drift run of 20") == 2
        assert "api-ingress" in result.summary
        reports = (result.machine.temp / "upshot/default").glob("*/report.json")
        found = [json.loads(path.read_text("utf-8"))["facts"] for path in reports]
        kinds = {one["stack"]["project"] + one["stack"]["stack"]: one["kind"] for one in found}
        assert kinds == {"app-0000eu": "refresh", "app-0001eu": "refresh", "app-0001dev": "update"}


def test_a_fleet_opens_the_issue_and_closes_it_on_a_day_without_any_stack(start: Start) -> None:
    job = start("fleet")
    elsewhere = {"issue": "on-failure", "slack-webhook-url": "${{ sandbox.slack }}"}
    first = job.run(inputs=elsewhere)
    (issue,) = first.issues
    assert issue.state == "open"
    assert "need a look" in issue.body
    (message,) = first.messages
    assert "need a look" in message.body["text"]
    again = job.run(inputs={**elsewhere, "fleet-select": "failed, stack:nowhere"})
    (issue,) = again.issues
    assert issue.state == "closed"
    assert len(again.messages) == 1
