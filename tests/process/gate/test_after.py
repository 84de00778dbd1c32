"""What makes an approval necessary, and what follows one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.process.gate.gates import OPEN, WAITING, Gate, state_of

from upshot_sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tests.process.conftest import Start

    from upshot_sandbox.runner import RunResult

RERUN = "POST /repos/acme/shop/actions/runs/19283600001/rerun-failed-jobs"


def events(*operations: str) -> dict[str, bytes]:
    """An event log of a preview with these operations."""
    lines: list[dict[str, object]] = [{"sequence": 0, "preludeEvent": {"config": {}}}]
    for number, op in enumerate(operations, start=1):
        urn = f"urn:pulumi:prod::shop::aws:s3/bucket:Bucket::b{number}"
        step = {"op": op, "urn": urn, "type": "aws:s3/bucket:Bucket"}
        lines.append({"sequence": number, "resourcePreEvent": {"metadata": step, "planning": True}})
    counts: dict[str, int] = {}
    for op in operations:
        counts[op] = counts.get(op, 0) + 1
    end = {"summaryEvent": {"resourceChanges": counts, "isPreview": True, "durationSeconds": 1}}
    lines.append({"sequence": len(lines), **end})
    text = "".join(f"{json.dumps(line | {'timestamp': 1})}\n" for line in lines)
    return {"events.jsonl": text.encode()}


def run_with(gate: Gate, *operations: str) -> RunResult:
    return gate.run(files=events(*operations))


def test_a_plan_that_meets_no_word_needs_no_approval(start: Start) -> None:
    gate = Gate(start, approval_required_on="delete, replace", events_file="events.jsonl")
    result = run_with(gate, "create", "same")
    assert state_of(result) == ("not-needed", "true", 0)
    assert result.outputs["approved-sha"] == gate.world.github.head_sha
    assert result.comments == ()
    assert gate.status == (
        "success",
        "Not-needed: This run meets no word of approval-required-on.",
    )
    assert state_of(run_with(gate, "create", "delete")) == WAITING


def test_evidence_that_is_missing_spares_no_question(start: Start) -> None:
    gate = Gate(start, approval_required_on="delete", events_file="events.jsonl")
    assert state_of(gate.run()) == WAITING
    torn = {"events.jsonl": events("create")["events.jsonl"].splitlines()[0]}
    assert state_of(gate.run(files=torn)) == WAITING


def test_t60_the_failed_jobs_run_again_once(start: Start) -> None:
    gate = Gate(start, on_approve="rerun")
    assert RERUN not in gate.run().lines
    gate.approve()
    first = gate.run()
    assert state_of(first) == OPEN
    assert first.lines.count(RERUN) == 1
    assert RERUN not in gate.run().lines
    assert gate.history.runs[0].reruns == 1


def test_t60_a_workflow_is_started_once(start: Start) -> None:
    gate = Gate(start, on_approve="dispatch:up.yml")
    gate.approve()
    assert state_of(gate.run()) == state_of(gate.run()) == OPEN
    (made,) = gate.history.dispatches
    inputs = {"pr-number": "7", "sha": gate.world.github.head_sha, "request-id": gate.id}
    assert made == {"file": "up.yml", "ref": "main", "inputs": inputs}


def test_t60_a_workflow_is_started_once_for_a_review_too(start: Start) -> None:
    gate = Gate(start, on_approve="dispatch:up.yml", approval_from="review")
    gate.history.review("tomas-b", "APPROVED")
    assert state_of(gate.run()) == state_of(gate.run()) == OPEN
    assert len(gate.history.dispatches) == 1


def test_what_cannot_follow_leaves_the_approval_standing(start: Start) -> None:
    gate = Gate(start, on_approve="rerun")
    gate.approve()
    gate.world.faults.add(Fault(route=RERUN, kind=FaultKind.STATUS, status=403, body="{}"))
    result = gate.run()
    assert state_of(result) == OPEN
    assert any("'on-approve' was not carried out" in text for text in result.warnings)
    assert any("actions: write" in text for text in result.warnings)
