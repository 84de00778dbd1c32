"""Records of updates, read whatever their form and age."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.model import Outcome, StackRef, UpdateKind
from upshot.pulumi.update_info import facts_from_update, parse_update_info, subject_from_update

STACK = StackRef("acme", "web", "prod")
RECORD: dict[str, Any] = {
    "info": {
        "kind": "update",
        "startTime": 1_763_719_200,
        "endTime": 1_763_719_260,
        "message": "Ship it",
        "environment": {"git.head": "abc", "ci.build.id": "77", "odd": 1},
        "config": {"db:password": {"string": "hunter2", "secret": True}},
        "result": "failed",
        "version": 41,
        "resourceChanges": {"create": 1, "same": 3},
    },
    "updateID": "0b4cf1a7-0000-4000-8000-000000000041",
    "version": 41,
}


def test_the_record_is_read() -> None:
    info = parse_update_info(RECORD)
    assert (info.kind, info.version, info.result) == (UpdateKind.UPDATE, 41, "failed")
    assert info.update_id.endswith("0041")
    assert info.environment == {"git.head": "abc", "ci.build.id": "77"}
    assert info.counts == {"create": 1, "same": 3}


def test_t50_the_configuration_is_not_kept() -> None:
    assert "hunter2" not in repr(parse_update_info(RECORD))


def test_a_flat_record_says_the_same() -> None:
    flat = RECORD["info"] | {"updateID": RECORD["updateID"]}
    assert parse_update_info(flat) == parse_update_info(RECORD)


def test_facts_of_a_failed_update() -> None:
    facts = facts_from_update(parse_update_info(RECORD), STACK)
    assert facts.outcome is Outcome.FAILED
    assert facts.duration_s == 60.0
    assert facts.counts == {"create": 1, "same": 3}
    assert facts.stack == STACK
    assert facts.sources == ("pulumi-cloud",)
    assert not facts.is_running


@pytest.mark.parametrize("result", ["in-progress", "not-started", "running", "requested"])
def test_an_update_that_runs_has_no_outcome_and_no_duration(result: str) -> None:
    record = {"info": RECORD["info"] | {"result": result, "endTime": 0}}
    facts = facts_from_update(parse_update_info(record), STACK)
    assert (facts.is_running, facts.outcome, facts.duration_s) == (True, Outcome.UNKNOWN, None)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("preview", UpdateKind.PREVIEW),
        ("Pupdate", UpdateKind.PREVIEW),
        ("Pdestroy", UpdateKind.PREVIEW),
        ("refresh", UpdateKind.REFRESH),
        ("destroy", UpdateKind.DESTROY),
        ("import", UpdateKind.IMPORT),
        ("resource-import", UpdateKind.IMPORT),
        ("rename", UpdateKind.UNKNOWN),
        ("novelty", UpdateKind.UNKNOWN),
    ],
)
def test_kinds_of_all_spellings(kind: str, known: UpdateKind) -> None:
    assert parse_update_info({"info": {"kind": kind}}).kind is known


def test_a_preview_has_an_id_and_no_version() -> None:
    info = parse_update_info(RECORD, is_preview=True)
    subject = subject_from_update(info, STACK, "https://app.pulumi.com")
    assert (subject.is_preview, subject.version) == (True, None)
    assert subject.update_id == RECORD["updateID"]


def test_counts_are_unknown_when_the_service_did_not_say() -> None:
    assert parse_update_info({"info": {"kind": "update"}}).counts is None
    assert parse_update_info({"info": {"resourceChanges": {}}}).counts == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
keys = st.sampled_from(["info", "kind", "version", "startTime", "endTime", "resourceChanges"])


@given(json_values | st.dictionaries(keys, json_values | st.dictionaries(keys, json_values)))
def test_no_record_breaks_it(record: object) -> None:
    facts = facts_from_update(parse_update_info(record), STACK)
    assert facts.duration_s is None or facts.duration_s >= 0
