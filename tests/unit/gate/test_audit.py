"""The audit record and its one line: whole, bounded, without a secret, as the schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from tests.unit.gate.cases import (
    BOB,
    CAROL,
    ENVIRONMENT,
    HEAD,
    HOUR,
    ID,
    MALLORY,
    NOW,
    REQUEST,
    TWO,
    approve,
    comment,
    environment,
    facts,
    reject,
    review,
)
from tests.unit.gate.strange import policies, requests, strange_facts
from tests.unit.gate.test_table import CASES

from upshot.gate.audit import MAX_VOTES, audit_line, build_audit, encode_audit
from upshot.gate.decision import GateDecision
from upshot.gate.policy import Policy
from upshot.gate.verify import verify
from upshot.model import Run

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "audit.schema.json").read_text("utf-8"))
RUN = Run(
    repository="acme/shop", server_url="https://github.com", run_id="41", run_attempt="2", workflow="Deploy",
    job="gate", sha=HEAD, actor="bob",
)  # fmt: skip


def check(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it comes out of the file; fails where the schema does not fit."""
    read: dict[str, Any] = json.loads(encode_audit(record))
    Draft202012Validator(SCHEMA).validate(read)
    return read


def audit(decision: GateDecision) -> dict[str, Any]:
    return check(build_audit(decision, RUN, redact=str))


def test_the_schema_is_one_and_allows_nothing_else() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    def objects(part: Any) -> list[Any]:
        if isinstance(part, list):
            return [each for item in part for each in objects(item)]
        if not isinstance(part, dict):
            return []
        found = [part] if "properties" in part else []
        return found + [each for item in part.values() for each in objects(item)]

    for part in objects(SCHEMA):
        assert part["additionalProperties"] is False
        assert set(part["required"]) == set(part["properties"])


def test_everything_of_a_decision_is_in_it() -> None:
    said = comment(f"/upshot approve {ID} --reason looks good", at=-HOUR)
    record = audit(verify(facts(said, approve(MALLORY, id=101, at=-60)), Policy(), REQUEST))
    assert record == {
        "version": 1,
        "at": "2027-01-15T08:00:00Z",
        "state": "approved",
        "approved": True,
        "why": "Approved by bob.",
        "reason": "looks good",
        "request": {
            "id": ID,
            "repository": 77,
            "pull": 12,
            "binding": "head-sha",
            "bound": HEAD,
            "stacks": ["acme/shop/prod"],
        },
        "commit": HEAD,
        "approved_sha": HEAD,
        "expires_at": "2027-01-22T07:00:00Z",
        "people": ["bob"],
        "rejecting": [],
        "policy": {
            "approval_from": ["comment", "review"],
            "required_approvals": 1,
            "approvers": None,
            "approval_environment": "",
            "allow_self_approval": False,
            "approval_expires_s": 604800.0,
        },
        "votes": [
            {
                "source": "comment",
                "id": 100,
                "verb": "approve",
                "author_id": 2,
                "login": "bob",
                "at": "2027-01-15T07:00:00Z",
                "permission": "write",
                "counts": True,
                "rule": "counts",
                "why": "It counts.",
                "reason": "looks good",
            },
            {
                "source": "comment",
                "id": 101,
                "verb": "approve",
                "author_id": 9,
                "login": "mallory",
                "at": "2027-01-15T07:59:00Z",
                "permission": "none",
                "counts": False,
                "rule": "no-permission",
                "why": "Its author has no write access now.",
                "reason": "",
            },
        ],
        "votes_omitted": 0,
        "unread": [],
        "run": {
            "repository": "acme/shop",
            "run_id": "41",
            "run_attempt": "2",
            "workflow": "Deploy",
            "job": "gate",
            "sha": HEAD,
            "actor": "bob",
            "url": "https://github.com/acme/shop/actions/runs/41",
        },
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_case_of_the_table_fits_the_schema(case: Any) -> None:
    decision = verify(case.facts, case.policy, case.request)
    record = audit(decision)
    assert [vote["rule"] for vote in record["votes"]] == [fate.value for fate in case.fates]
    assert "\n" not in audit_line(decision, RUN)


def test_t9_words_of_people_are_redacted() -> None:
    secret = "pul-" + "0" * 40
    said = (
        comment(f"/upshot approve {ID} --reason {secret}"),
        review(body=secret, by=CAROL),
    )
    decision = verify(facts(*said, unread=(secret,)), Policy(), REQUEST)
    record = build_audit(decision, RUN, redact=lambda text: text.replace(secret, "***"))
    assert secret not in encode_audit(record).decode()
    assert secret not in audit_line(decision, RUN)


def test_t58_a_thousand_false_votes_push_out_none_that_counts() -> None:
    false = [approve(MALLORY, id=1_000 + n, at=-60) for n in range(1_000)]
    record = audit(verify(facts(*false, approve(at=-HOUR)), Policy(), REQUEST))
    assert len(record["votes"]) == MAX_VOTES
    assert record["votes_omitted"] == 1_001 - MAX_VOTES
    assert [vote["id"] for vote in record["votes"] if vote["counts"]] == [100]


class TestTheLine:
    def line(self, *found: Any, policy: Policy = TWO, **over: Any) -> str:
        return audit_line(verify(facts(*found, **over), policy, REQUEST), RUN)

    def test_of_an_open_gate(self) -> None:
        votes = (approve(BOB, id=5, at=-90), review(by=CAROL, id=6, at=-60), approve(MALLORY, id=7))
        assert self.line(*votes) == (
            f"approved · request {ID} · head-sha a1a1a1a · bob approve comment 5 · Carol approve review 6"
            " · 1 that does not count · run 41/2 · 2027-01-15T08:00:00Z"
        )

    def test_of_a_gate_that_waits(self) -> None:
        assert (
            self.line()
            == f"waiting · request {ID} · head-sha a1a1a1a · run 41/2 · 2027-01-15T08:00:00Z"
        )

    def test_of_a_gate_that_a_person_closed(self) -> None:
        assert "rejected" in self.line(reject(id=8))
        assert "bob reject comment 8" in self.line(reject(id=8))

    def test_of_an_environment(self) -> None:
        assert "bob approve environment 1" in self.line(environment(), policy=ENVIRONMENT)

    def test_of_many_votes_is_short(self) -> None:
        allowed = {n: facts().permissions[2].__class__(n, "write") for n in range(60, 90)}
        votes = [approve(BOB.__class__(n, f"p{n}", "User"), id=n) for n in range(60, 90)]
        line = self.line(*votes, permissions=allowed)
        assert "25 more that count" in line
        assert len(line) < 400


@given(strange_facts, policies, requests)
def test_no_facts_make_a_decision_or_its_audit_raise(found: Any, policy: Any, asked: Any) -> None:
    decision = verify(found, policy, asked)
    audit(decision)
    assert "\n" not in audit_line(decision, RUN)
    assert decision.approved_sha in {"", decision.commit}
    assert decision.why
    assert NOW  # the facts have times of their own
