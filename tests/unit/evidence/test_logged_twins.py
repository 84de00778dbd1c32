"""What bridged providers log before they return it, what programs print, and replacements."""

from __future__ import annotations

import json
from typing import Any

from upshot.evidence import diagnose, facts_from_console, facts_from_events
from upshot.model import Outcome

STACK = "urn:pulumi:dev::web::pulumi:pulumi:Stack::web-dev"
TABLE = "urn:pulumi:dev::web::aws:dynamodb/table:Table::orders"


def events(*found: dict[str, Any]) -> list[bytes]:
    return [json.dumps(event).encode() + b"\n" for event in found]


def failed_summary() -> dict[str, Any]:
    return {"summaryEvent": {"resourceChanges": {}, "isPreview": True, "result": "failed"}}


def test_an_error_that_was_logged_and_returned_is_reported_once_without_its_place_in_the_code() -> (
    None
):
    log = b"""Updating (dev)
Diagnostics:
  aws:s3:Bucket (assets):
    error:   sdk-v2/provider2.go:520: sdk.helper_schema: creating S3 Bucket (assets): denied: provider=aws@6.66.2
    error: 1 error occurred:
    \t* creating S3 Bucket (assets): denied

Resources:
    1 unchanged
"""
    [failure] = facts_from_console([log]).failed_resources
    assert failure.headline == "creating S3 Bucket (assets): denied"
    assert "provider2.go" not in failure.message


def test_an_error_that_was_only_logged_keeps_its_message_and_loses_its_place() -> None:
    log = b"""Updating (dev)
Diagnostics:
  aws:s3:Bucket (assets):
    error: sdk-v2/provider2.go:520: sdk.helper_schema: creating S3 Bucket (assets): denied: provider=aws@6.66.2

Resources:
    1 unchanged
"""
    [failure] = facts_from_console([log]).failed_resources
    assert failure.headline == "creating S3 Bucket (assets): denied"
    assert "provider2.go:520" in failure.message


def test_a_program_error_that_was_only_printed_is_the_cause() -> None:
    printed = 'Traceback (most recent call last):\n  File "/w/__main__.py", line 9, in <module>\n'
    facts = facts_from_events(
        events(
            {
                "diagnosticEvent": {
                    "urn": STACK,
                    "severity": "info#err",
                    "message": printed.replace("\\\n", "\n")
                    + "TypeError: unexpected keyword 'tag'\n",
                }
            },
            {"diagnosticEvent": {"urn": STACK, "severity": "error", "message": "preview failed\n"}},
            failed_summary(),
        )
    )
    cause = facts.root_cause
    assert cause is not None
    assert cause.headline == "TypeError: unexpected keyword 'tag'"
    assert diagnose(facts).failure_class == "program-exception"


def test_what_a_program_prints_is_no_cause_beside_a_resource_that_failed() -> None:
    facts = facts_from_events(
        events(
            {
                "diagnosticEvent": {
                    "urn": STACK,
                    "severity": "info#err",
                    "message": "Error: noise\n",
                }
            },
            {"diagnosticEvent": {"urn": TABLE, "severity": "error", "message": "quota exceeded\n"}},
            {"diagnosticEvent": {"urn": STACK, "severity": "error", "message": "update failed\n"}},
            failed_summary(),
        )
    )
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause is not None
    assert facts.root_cause.headline == "quota exceeded"
    assert not any("noise" in failure.headline for failure in facts.failures)


def test_a_replacement_of_three_steps_is_one_change() -> None:
    steps = [
        {
            "resOutputsEvent": {
                "metadata": {"op": op, "urn": TABLE, "type": "aws:dynamodb/table:Table"}
            }
        }
        for op in ("create-replacement", "replace", "delete-replaced")
    ]
    [change] = facts_from_events(events(*steps)).changes
    assert (change.operation, change.name, change.stateful) == ("replace", "orders", True)


def test_a_step_that_failed_is_no_change() -> None:
    log = b"""Updating (dev)
 +  aws:s3:Bucket assets creating (0s)
 +  aws:s3:Bucket assets **creating failed** error: creating S3 Bucket (assets): denied
 +  aws:sns:Topic news creating (0s)
 +  aws:sns:Topic news created (1s)
Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): denied

Resources:
    + 1 created
"""
    facts = facts_from_console([log])
    assert [change.name for change in facts.changes] == ["news"]
    assert [failure.name for failure in facts.failed_resources] == ["assets"]
