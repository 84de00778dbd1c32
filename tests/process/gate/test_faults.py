"""A gate fails closed: whatever goes wrong at whichever request, nothing is approved (threat T57)."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.process.gate.gates import ERROR, OPEN, WAITING, Gate, state_of

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.github.people.history import EnvironmentReview
from upshot_sandbox.runner import SignalAt
from upshot_sandbox.scenario import EventPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start

    from upshot_sandbox.runner import RunResult

# `nth` counts the requests of one run.
READS: Final = {
    "pull": ("GET /repos/acme/shop/pulls/7", 1),
    "comments": ("GET /repos/acme/shop/issues/7/comments", 1),
    "reviews": ("GET /repos/acme/shop/pulls/7/reviews", 1),
    "environment": ("GET /repos/acme/shop/actions/runs/*/approvals", 1),
    "run": ("GET /repos/acme/shop/actions/runs/19283746501", 1),
    "permission": ("GET /repos/acme/shop/collaborators/tomas-b/permission", 1),
    "activity": ("GET /repos/acme/shop/activity", 1),
    # Last, and at every request: what it leaves out is asked for in another way.
    "last look": ("POST /graphql", 0),
}
LEFT_OUT: Final = Fault("POST /graphql", FaultKind.STATUS, nth=(1,), status=200, body="{}")
"""The last look comes back empty."""
INSTEAD: Final = {
    "edits": ("POST /graphql", 2),
    "commit": ("GET /repos/acme/shop/commits/*", 1),
    "authors": ("POST /graphql", 3),
    "pull again": ("GET /repos/acme/shop/pulls/7", 2),
}
"""What is then asked for, in this order."""
BROKEN: Final = {
    "forbidden": {"kind": FaultKind.STATUS, "status": 403, "body": '{"message": "No."}'},
    "gone": {"kind": FaultKind.STATUS, "status": 404, "body": '{"message": "Not Found"}'},
    "empty object": {"kind": FaultKind.STATUS, "status": 200, "body": "{}"},
}


def every_source(start: Start) -> Gate:
    """One approval by every way, so that every request is made."""
    gate = Gate(
        start,
        EventPlan(action="opened"),
        approval_from="comment,review,environment",
        approval_environment="production",
    )
    gate.history.push("maria-lopez", co_authors={"coco@home.example": "coco-c"})
    gate.run()
    gate.approve()
    reviewer = gate.world.github.user("tomas-b")
    gate.history.review("tomas-b", "APPROVED")
    gate.history.environment_reviews.append(EnvironmentReview(reviewer, "approved", "production"))
    return gate


def reads(result: RunResult) -> list[str]:
    return [line for line in result.lines if not line.startswith(("POST /repos", "PATCH"))]


def test_every_request_that_a_decision_needs_is_in_the_list(start: Start) -> None:
    gate = every_source(start)
    result = gate.run()
    assert state_of(result) == OPEN
    assert len(reads(result)) == len(READS)


def test_what_the_last_look_leaves_out_is_asked_for_in_another_way(start: Start) -> None:
    gate = every_source(start)
    whole = gate.run()
    gate.world.faults.add(LEFT_OUT)
    again = gate.run()
    assert state_of(again) == OPEN
    whose_the_token_is = 1
    assert len(reads(again)) == len(reads(whole)) + len(INSTEAD) + whose_the_token_is
    assert again.outputs["approved-sha"] == whole.outputs["approved-sha"]


@pytest.mark.parametrize("how", BROKEN)
def test_t57_a_fault_at_any_single_request_gives_no_approval(start: Start, how: str) -> None:
    gate = every_source(start)
    names = sorted({**READS, **INSTEAD}, key=lambda name: name == "last look")  # it goes on
    for name in names:
        route, nth = {**READS, **INSTEAD}[name]
        if name in INSTEAD:
            gate.world.faults.add(LEFT_OUT)
        fault = Fault(route=route, nth=(nth,) if nth else (), **BROKEN[how])  # type: ignore[arg-type]
        gate.world.faults.add(fault)
        result = gate.run()
        assert result.outputs["approved"] == "false", name
        assert result.outputs["approved-sha"] == "", name
        assert result.exit_code == 1, name
        assert gate.status[0] != "success", name


@pytest.mark.parametrize("name", ["pull", "permission", "last look"])
def test_t57_an_outage_that_lasts_gives_no_approval(start: Start, name: str) -> None:
    route, _ = READS[name]
    gate = Gate(start)
    gate.approve()
    gate.world.faults.add(Fault(route=route, kind=FaultKind.DROP))
    result = gate.run()
    assert state_of(result) == ERROR
    assert result.outputs["reason-code"] == "github-unavailable"
    assert gate.status[0] == "failure"


def test_t57_a_page_in_the_middle_that_cannot_be_read_closes_it(start: Start) -> None:
    gate = Gate(start, plan={"people_talk": 250})
    gate.approve()
    route = "GET /repos/acme/shop/issues/7/comments"
    gate.world.faults.add(Fault(route=route, kind=FaultKind.STATUS, status=404, nth=(2,)))
    assert state_of(gate.run()) == ERROR


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_t57_a_cancelled_run_gives_no_approval(start: Start, number: int) -> None:
    gate = Gate(start)
    gate.approve()
    route = "GET /repos/acme/shop/pulls/7/reviews"
    gate.world.faults.add(Fault(route=route, kind=FaultKind.DELAY, delay_s=5.0))
    result = gate.run(signal_at=SignalAt(route, number))
    assert result.exit_code == 128 + number
    assert result.outputs["approval-state"] == "error"
    assert result.outputs["approved"] == "false"


def test_t57_an_event_that_cannot_be_read_gives_no_approval(start: Start) -> None:
    gate = Gate(start)
    gate.approve()
    assert state_of(gate.run(event=b"not JSON")) == ERROR


def test_t58_an_approval_is_found_below_any_amount_of_chatter(start: Start) -> None:
    """100 comments: at most 8 requests, status and comment among them; each further 100 one more."""
    gate = Gate(start, EventPlan(action="opened"), plan={"people_talk": 98})
    gate.approve()
    few = gate.run()
    assert state_of(few) == OPEN
    assert len(gate.world.github.comments) == 100
    assert {line.split()[0] for line in few.lines} == {"GET", "POST", "PATCH"}
    assert len(few.lines) <= 8
    for _ in range(200):
        gate.say("stranger", "/upshot approve aaaa-bbbb-cccc-dddd")
    many = gate.run()
    assert state_of(many) == OPEN
    assert len(many.lines) == len(few.lines) + 2
    assert not any("stranger" in line for line in many.lines)


def test_t57_the_audit_file_follows_no_link(start: Start, tmp_path: Path) -> None:
    """A step before could have laid one."""
    gate = Gate(start)
    first = gate.run()
    target = tmp_path / "target"
    target.write_text("untouched", encoding="utf-8")
    path = first.machine.temp / "upshot/default/audit.json"
    path.unlink()
    path.symlink_to(target)
    gate.job._runs -= 1
    result = gate.run(fresh=False)
    assert target.read_text("utf-8") == "untouched"
    assert state_of(result) == WAITING
    assert result.outputs["audit-file"] == ""
    assert any("audit file was not written" in text for text in result.warnings)
