"""Engine events to facts: what each kind of event means, in both spellings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.evidence import facts_from_events
from upshot.model import Facts, Outcome, UpdateKind

STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
QUEUE = "urn:pulumi:prod::shop::aws:sqs/queue:Queue::orders"
DATABASE = "urn:pulumi:prod::shop::aws:rds/instance:Instance::main"


def read(*events: dict[str, Any]) -> Facts:
    return facts_from_events(json.dumps(event).encode() for event in events)


def diagnostic(urn: str, message: str, severity: str = "error", **more: Any) -> dict[str, Any]:
    return {"diagnosticEvent": {"urn": urn, "message": message, "severity": severity, **more}}


def done(urn: str, op: str, **more: Any) -> dict[str, Any]:
    return {"resOutputsEvent": {"metadata": {"op": op, "urn": urn, **more}}}


def summary(**more: Any) -> dict[str, Any]:
    return {"summaryEvent": {"durationSeconds": 7, "resourceChanges": {"same": 3}, **more}}


def test_a_failed_step_and_its_message_are_one_failure() -> None:
    facts = read(
        {"preludeEvent": {"config": {}}},
        {"resOpFailedEvent": {"metadata": {"op": "create", "urn": QUEUE}, "status": 2}},
        diagnostic(
            QUEUE, "1 error occurred:\n\t* creating SQS Queue: api error AccessDenied: no\n"
        ),
        diagnostic(STACK, "update failed"),
        summary(result="failed"),
    )
    queue, stack = facts.failures
    assert facts.outcome is Outcome.FAILED
    assert (queue.type, queue.name, queue.operation) == ("aws:sqs/queue:Queue", "orders", "create")
    assert queue.headline == "creating SQS Queue: api error AccessDenied: no"
    assert queue.error_code == "AccessDenied"
    assert queue.provider == "aws"
    assert not queue.is_cascade
    assert stack.is_cascade
    assert facts.failed_resources == (queue,)
    assert facts.duration_s == 7


def test_resources_that_a_program_could_not_register_have_failed_and_not_the_stack() -> None:
    said = "Error: failed to register new resource {} [aws:sqs/queue:Queue]: 2 UNKNOWN: no"
    facts = read(
        diagnostic(STACK, said.format("orders")),
        diagnostic(STACK, said.format("jobs")),
        diagnostic(STACK, "update failed"),
        summary(result="failed"),
    )
    assert [failure.name for failure in facts.failed_resources] == ["orders", "jobs"]


def test_an_assertion_under_the_stack_is_about_the_step_that_failed() -> None:
    facts = read(
        {"resOpFailedEvent": {"metadata": {"op": "update", "urn": QUEUE}, "status": 2}},
        diagnostic(STACK, f"panic: fatal: An assertion has failed: no during Update of {QUEUE}"),
        summary(result="failed"),
    )
    (queue,) = facts.failed_resources
    assert (queue.urn, queue.operation) == (QUEUE, "update")
    assert queue.headline.startswith("panic: ")


def test_both_spellings_say_the_same() -> None:
    written = {**diagnostic(QUEUE, "boom"), "sequence": 4, "timestamp": 1_700_000_000}
    as_read = {**diagnostic(QUEUE, "boom"), "type": "diagnosticEvent", "timestamp": 1_700_000_000}
    assert read(written) == read(as_read)


def test_a_program_error_arrives_as_printed_text() -> None:
    facts = read(
        diagnostic(STACK, "Traceback (most recent call last):\n", "info#err"),
        diagnostic(STACK, '  File "/srv/__main__.py", line 9, in <module>\n', "info#err"),
        diagnostic(STACK, "KeyError: 'size'\n", "info#err"),
        diagnostic(STACK, "an unhandled error occurred: Program exited with non-zero exit code: 1"),
        summary(result="failed", isPreview=True),
    )
    [failure] = facts.failures
    assert failure.headline == "KeyError: 'size'"
    assert failure.location
    assert (failure.location.file, failure.location.line) == ("/srv/__main__.py", 9)
    assert failure.is_resource
    assert facts.kind is UpdateKind.PREVIEW


def test_printed_text_is_no_failure_when_the_run_succeeded() -> None:
    facts = read(
        diagnostic(STACK, "error: only a message", "info#err"), summary(result="succeeded")
    )
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.failures == ()


def test_ephemeral_diagnostics_are_passed_over() -> None:
    assert read(diagnostic(QUEUE, "boom", ephemeral=True), summary()).failures == ()


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([summary()], Outcome.SUCCEEDED),
        ([summary(result="canceled")], Outcome.CANCELLED),
        ([diagnostic(QUEUE, "boom"), summary()], Outcome.FAILED),
        ([{"type": "cancelEvent"}], Outcome.UNKNOWN),
        ([done(QUEUE, "create")], Outcome.UNKNOWN),
        ([diagnostic("", "update canceled")], Outcome.CANCELLED),
        ([diagnostic("", "update canceled"), summary(result="failed")], Outcome.CANCELLED),
        ([summary(), {"cancelEvent": {}}], Outcome.SUCCEEDED),
        ([{"errorEvent": {"error": "the engine fell over"}}], Outcome.FAILED),
    ],
)
def test_outcome(events: list[dict[str, Any]], outcome: Outcome) -> None:
    assert read(*events).outcome is outcome


def test_a_log_without_an_end_is_still_running() -> None:
    facts = read(done(QUEUE, "create"))
    assert facts.is_running
    assert facts.counts == {"create": 1}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"create": 1, "same": 2}, UpdateKind.UPDATE),
        ({"delete": 4}, UpdateKind.DESTROY),
        ({"delete": 4, "refresh": 4}, UpdateKind.DESTROY),
        ({"delete": 1, "same": 9}, UpdateKind.UPDATE),
        ({"refresh": 4}, UpdateKind.REFRESH),
        ({"import": 1, "same": 1}, UpdateKind.IMPORT),
    ],
)
def test_kind_by_what_was_done(changes: dict[str, int], kind: UpdateKind) -> None:
    assert read(summary(resourceChanges=changes)).kind is kind


def test_destructive_changes_come_first_and_what_holds_data_is_marked() -> None:
    facts = read(
        done(QUEUE, "update", diffs=["tags"]),
        done(DATABASE, "replace", old={"protect": True, "inputs": {"password": "x"}}),
        done(STACK, "same"),
        summary(),
    )
    database, queue = facts.changes
    assert (database.operation, database.stateful, database.protected) == ("replace", True, True)
    assert (queue.operation, queue.stateful, queue.diffs) == ("update", False, ("tags",))


def test_policy_violations_by_enforcement() -> None:
    def violation(level: str) -> dict[str, Any]:
        return {
            "policyEvent": {
                "resourceUrn": DATABASE,
                "message": "<{%fg 1%}>Databases must be private.<{%reset%}>",
                "policyName": "private-databases",
                "policyPackName": "guardrails",
                "enforcementLevel": level,
            }
        }

    advised = read(violation("advisory"), summary())
    forbidden = read(violation("mandatory"), summary())
    assert advised.outcome is Outcome.SUCCEEDED
    assert forbidden.outcome is Outcome.FAILED
    assert forbidden.failures[0].headline == "Databases must be private."
    assert [v.enforcement for v in (*advised.policy_violations, *forbidden.policy_violations)] == [
        "advisory",
        "mandatory",
    ]


def test_deprecations_are_folded() -> None:
    facts = read(
        *(diagnostic(QUEUE, f"resource 'q{n}' is deprecated: use Q2", "warning") for n in range(9)),
        summary(),
    )
    [warning] = facts.warnings
    assert (warning.count, warning.is_deprecation) == (9, True)


def test_a_second_run_in_the_file_follows_its_preview() -> None:
    facts = read(
        {"preludeEvent": {}},
        summary(isPreview=True, resourceChanges={"create": 1}),
        {"preludeEvent": {}},
        diagnostic(QUEUE, "boom"),
        summary(result="failed", resourceChanges={"same": 1}),
    )
    assert (facts.kind, facts.outcome) == (UpdateKind.UPDATE, Outcome.FAILED)
    assert facts.counts == {"same": 1}


@pytest.mark.parametrize("line", [b'{"diagnosticEvent":{"me', b"\xff\xfe", b"[1]", b"nonsense"])
def test_a_line_that_is_no_event_marks_the_facts_as_incomplete(line: bytes) -> None:
    facts = facts_from_events([json.dumps(diagnostic(QUEUE, "boom")).encode(), line])
    assert facts.is_incomplete
    assert len(facts.failures) == 1


def test_an_unknown_form_of_one_field_costs_only_that_field() -> None:
    facts = read(diagnostic(QUEUE, "boom", ephemeral="who knows"), {"newEvent": {"x": [1]}})
    assert facts.failures[0].headline == "boom"


def test_pending_operations_and_protection_are_read_from_messages() -> None:
    facts = read(
        diagnostic(
            "",
            "the current deployment has 1 resource(s) with pending operations:\n"
            f"  * {QUEUE}, interrupted while creating\n",
        ),
        diagnostic(
            DATABASE,
            f'unable to delete resource "{DATABASE}"\nas it is currently marked for protection.',
        ),
    )
    assert facts.pending_operations == (f"creating {QUEUE}",)
    assert facts.protected == (DATABASE,)
    assert not facts.failures[0].is_resource


def test_failures_are_bounded_and_the_rest_is_counted() -> None:
    facts = read(*(diagnostic(f"{QUEUE}{n}", "boom") for n in range(6_000)))
    assert len(facts.failures) + facts.failures_omitted == 6_000
    assert sum(bool(failure.message) for failure in facts.failures) == 200
    assert {failure.name for failure in facts.failures} == {f"orders{n}" for n in range(5_200)}
