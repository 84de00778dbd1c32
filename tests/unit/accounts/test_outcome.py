"""What an operation's end means for exit code, outputs and report."""

from __future__ import annotations

import json

import pytest
from tests.unit.accounts.shapes import INSIGHTS, KINDS, STACK, UNKNOWN, claim, stack

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.inputs.account import Operation
from upshot.modes.accounts.outcome import claim_outputs, describe_claim, is_exit_1
from upshot.pulumi.agents.claims import Claim, ClaimState, parse_claim
from upshot.pulumi.agents.proof.solve import ProofFailed
from upshot.registry import MODES
from upshot.result.outputs import LIMIT_BYTES

AUTHOR = [
    ServiceAuthError, ServiceForbidden, ServiceNotFound, ServiceBadRequest, ServiceLimitReached,
]  # fmt: skip
OUTAGE = [
    ServiceUnreachable, ServiceTimeout, ServiceUnavailable, ServiceRateLimited, ServiceBadReply,
    ServiceConflict,
]  # fmt: skip


def parsed(**changes: object) -> Claim:
    found = parse_claim(claim(**changes))
    assert found
    return found


@pytest.mark.parametrize("kind", [*AUTHOR, *OUTAGE])
@pytest.mark.parametrize("operation", Operation)
def test_what_fails_the_step(operation: Operation, kind: type[ServiceTimeout]) -> None:
    must_succeed = operation in {Operation.SIGNUP, Operation.CLAIM}
    assert is_exit_1(operation, kind("no")) is (must_succeed or kind in AUTHOR)


def test_what_is_no_service_always_fails_it() -> None:
    assert is_exit_1(Operation.STATUS, ProofFailed("no"))


@pytest.mark.parametrize(
    ("operation", "code"),
    [("signup", 1), ("claim", 1), ("validate", 0), ("preview-claim", 0), ("status", 0), ("", 0)],
)
def test_a_bug_fails_the_step_where_a_later_one_would_believe(operation: str, code: int) -> None:
    given = {"account-operation": operation}
    assert MODES["account"].failure_code(lambda name: given.get(name, "")) == code


def test_a_mode_without_such_an_input_never_does() -> None:
    assert MODES["explain"].failure_code(lambda _: "") == 0


def test_every_kind_of_entity_has_a_name_in_the_report() -> None:
    page = describe_claim(
        Operation.PREVIEW, ClaimState.READY, parsed(entities=[*KINDS, UNKNOWN, {}])
    )
    assert [(one.noun, one.name) for one in page.moves] == [
        ("stack", "shop/prod"),
        ("environment", "shop/base"),
        ("Insights account", "aws-main"),
        ("package", "private/acme/vpc"),
        ("entity of another kind", "TransferEntityDashboard"),
        ("entity of another kind", "?"),
    ]


def test_conflicts_and_failures_are_json() -> None:
    failure = {"entity": INSIGHTS, "failureDetails": 'they "cannot"'}
    page = describe_claim(
        Operation.PREVIEW,
        ClaimState.BLOCKED,
        parsed(conflicts=[STACK, UNKNOWN], failures=[failure]),
    )
    outputs, is_cut = claim_outputs(page)
    assert not is_cut
    assert json.loads(outputs["claim-conflicts"]) == [
        {"kind": "stack", "name": "shop/prod", "free-name": "prod-agent-3f9c1d"},
        {"kind": "entity of another kind", "name": "TransferEntityDashboard", "free-name": ""},
    ]
    assert json.loads(outputs["claim-failures"]) == [
        {"kind": "Insights account", "name": "aws-main", "why": 'they "cannot"'}
    ]


def test_a_list_that_does_not_fit_is_cut_and_still_json() -> None:
    page = describe_claim(
        Operation.PREVIEW,
        ClaimState.BLOCKED,
        parsed(conflicts=[stack(f"{'x' * 90}-{n}") for n in range(1_000)]),
    )
    outputs, is_cut = claim_outputs(page)
    assert is_cut
    assert len(outputs["claim-conflicts"].encode()) <= LIMIT_BYTES
    assert 100 < len(json.loads(outputs["claim-conflicts"])) < 1_000


def test_the_outputs_are_those_of_the_registry() -> None:
    page = describe_claim(Operation.PREVIEW, ClaimState.READY, parsed())
    files = {"account-token-file", "claim-token-file", "account-valid-until"}
    assert set(claim_outputs(page)[0]) | files == set(MODES["account"].outputs)
