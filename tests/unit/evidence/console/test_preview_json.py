"""The values in the digest of `pulumi preview --json`, indented or in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from upshot.evidence import facts_from_console
from upshot.model import Outcome, ResourceChange

CLI: Final = Path(__file__).parents[3] / "corpus" / "cli"
URN: Final = "urn:pulumi:prod::shop::aws:sqs/queue:Queue::jobs"


def digest(*steps: Any) -> dict[str, Any]:
    return {"steps": [*steps], "changeSummary": {"replace": 1, "same": 2}}


def step(**more: Any) -> dict[str, Any]:
    return {
        "op": "replace",
        "urn": URN,
        "oldState": {"inputs": {"name": "a", "size": 2}, "outputs": {"name": "a", "size": 2}},
        "newState": {"inputs": {"name": "b", "size": 4, "key": "[secret]"}},
        "replaceReasons": ["name"],
        "detailedDiff": {
            "name": {"kind": 5, "inputDiff": False},
            "size": {"kind": 4, "inputDiff": True},
            "key": {"kind": "add", "inputDiff": True},
        },
        **more,
    }


def read(found: Any, *, indent: int | None) -> tuple[ResourceChange, ...]:
    text = json.dumps(found, indent=indent)
    return facts_from_console([f"{line}\n".encode() for line in text.split("\n")]).changes


@pytest.mark.parametrize("indent", [4, None])
def test_values_and_what_forces_a_replacement_are_read(indent: int | None) -> None:
    same = {"op": "same", "urn": URN.replace("jobs", "other"), "newState": {"inputs": {"a": 1}}}
    (change,) = read(digest(same, step()), indent=indent)
    assert [(p.path, p.old, p.new, p.replaces) for p in change.properties] == [
        ("name", '"a"', '"b"', True),
        ("size", "2", "4", False),
        ("key", "", "[secret]", False),
    ]


@pytest.mark.parametrize("indent", [4, None])
def test_a_step_of_another_form_keeps_its_name(indent: int | None) -> None:
    odd = step(detailedDiff="none", oldState=7)
    (change,) = read(digest(odd), indent=indent)
    assert (change.name, change.operation, change.properties) == ("jobs", "replace", ())


def test_a_step_that_is_too_large_keeps_its_name() -> None:
    (change,) = read(digest(step(newState={"inputs": {"a": ["x"] * 60_000}})), indent=4)
    assert (change.name, change.properties) == ("jobs", ())


def test_the_real_cli_s_digest_has_values() -> None:
    with (CLI / "fine-preview-json.log").open("rb") as lines:
        changes = facts_from_console(lines).changes
    assert {(c.name, p.path, p.new) for c in changes for p in c.properties} == {
        ("assets", "value", '"a"'),
        ("jobs", "value", '"b"'),
    }


ERRORS: Final = {
    "laid out by a tool": """\
{
  "steps": [
    {"op":"same","urn":"urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod",
     "oldState":{"type":"pulumi:pulumi:Stack"}},
    {"op":"delete","urn":"%(urn)s",
     "oldState":{"type":"aws:sqs/queue:Queue"}}
  ],
  "diagnostics": [
    {"urn":"%(urn)s",
     "message":"error: it is protected\\n","severity":"error"},
    {"message":"error: preview failed\\n","severity":"error"}
  ],
  "changeSummary": {"same": 1}
}
""",
    "of which no object can be read": """\
{
    "steps": [],
    "diagnostics": [
        {
            "message": 7,
            "severity": "error"
        }
    ],
    "changeSummary": {
        "same": 1
    }
}
""",
    "of a message without bounds": """\
{
    "steps": [],
    "diagnostics": [
        {
            "urn": "%(urn)s",
            "message": "%(long)s",
            "severity": "error"
        }
    ],
    "changeSummary": {
        "same": 1
    }
}
""",
}


@pytest.mark.parametrize("text", ERRORS.values(), ids=ERRORS.keys())
def test_a_digest_with_an_error_is_no_success(text: str) -> None:
    log = text % {"urn": URN, "long": "x" * 500_000}
    assert facts_from_console([log.encode()]).outcome is Outcome.FAILED


def test_a_digest_in_any_layout_names_what_failed_and_why() -> None:
    facts = facts_from_console([(ERRORS["laid out by a tool"] % {"urn": URN}).encode()])
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("jobs", "delete")]
    assert facts.root_cause
    assert facts.root_cause.headline == "it is protected"
