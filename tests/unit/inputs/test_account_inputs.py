"""The inputs of mode `account`: everything wrong is said at once, and nothing has a default that acts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.inputs.test_inputs import parse, problems

from upshot.errors import InputErrors
from upshot.inputs.account import AccountInputs, Operation
from upshot.inputs.secret_name import SecretName

TOKEN = "5f1c7a80-2f5e-4d0c-9d5a-6c1b7e0a93fd"


def read(root: Path, **inputs: str) -> AccountInputs:
    own: AccountInputs = parse(root, mode="account", **inputs).own["account"]
    return own


def test_everything_is_read(tmp_path: Path) -> None:
    own = read(
        tmp_path,
        account_operation="claim",
        claim_token=TOKEN,
        claim_renames="shop/prod: prod-2",
        agent_name="demo",
        account_secret="production/name",
        confirm="abcd-efgh-ijkl-mnop",
    )
    assert own.operation is Operation.CLAIM
    assert own.claim_token
    assert own.claim_token.reveal() == TOKEN
    assert own.renames == {"shop/prod": "prod-2"}
    assert own.secret == SecretName("NAME", "production")
    assert (own.agent_name, own.confirm) == ("demo", "abcd-efgh-ijkl-mnop")


def test_t66_the_claim_token_is_a_secret_from_the_start(tmp_path: Path) -> None:
    inputs = parse(tmp_path, mode="account", account_operation="validate", claim_token=TOKEN)
    assert [secret.reveal() for secret in inputs.secrets] == [TOKEN]
    assert TOKEN not in repr(inputs)


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({}, "account-operation"),
        ({"account_operation": "sign-up"}, "account-operation"),
        ({"account_operation": "validate"}, "claim-token"),
        ({"account_operation": "preview-claim"}, "claim-token"),
        ({"account_operation": "claim"}, "claim-token"),
        ({"account_operation": "signup", "account_secret": "GITHUB_X"}, "account-secret"),
        ({"account_operation": "signup", "agent_name": "two\nlines"}, "agent-name"),
        ({"account_operation": "signup", "agent_name": "x" * 101}, "agent-name"),
        ({"account_operation": "status", "claim_renames": "[a, b]"}, "claim-renames"),
        ({"account_operation": "status", "confirm": "a\nb"}, "confirm"),
        ({"account_operation": "status", "comment_on": "sometimes"}, "comment-on"),
    ],
)
def test_each_problem_stops_the_run(tmp_path: Path, inputs: dict[str, str], named: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(tmp_path, mode="account", **inputs)
    assert [problem.name for problem in caught.value.problems] == [named]


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, mode="account", account_secret="1", agent_name="a\nb")
    assert {problem.name for problem in found} == {
        "account-operation", "account-secret", "agent-name",
    }  # fmt: skip


def test_no_other_mode_reads_them(tmp_path: Path) -> None:
    assert "account" not in parse(tmp_path, account_operation="nonsense").own
