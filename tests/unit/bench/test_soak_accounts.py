"""The rules about agent accounts find what they are there for, and nothing in a run that is right."""

from __future__ import annotations

from typing import Any

import pytest
from bench.soak.accounts import Accounts, judge_accounts
from msgspec.structs import replace

BEFORE = Accounts(made=1, starts=0, is_claimed=False, tokens=("old-claim", "old-access"))
SIGNED_UP = Accounts(
    made=2,
    starts=0,
    is_claimed=False,
    tokens=("old-claim", "old-access", "claim", "access"),
    kept=("access", "claim"),
)
CLAIMED = replace(BEFORE, starts=1, is_claimed=True)


def found(
    scenario: str,
    after: Accounts,
    state: str,
    *,
    exit_code: int | None = 0,
    is_repeated: bool = False,
) -> list[str]:
    return list(
        judge_accounts(
            scenario,
            BEFORE,
            after,
            exit_code=exit_code,
            outputs={"claim-state": state},
            is_repeated=is_repeated,
        )
    )


def test_what_is_right_is_not_found() -> None:
    assert found("account-signup", SIGNED_UP, "valid") == []
    assert found("account-claim", CLAIMED, "done") == []
    assert found("account-claim", BEFORE, "ready") == []
    assert found("account-claim", replace(BEFORE, starts=1), "started", exit_code=1) == []


@pytest.mark.parametrize(
    ("scenario", "changes", "state"),
    [
        ("account-signup", {"made": 3}, "valid"),
        ("account-signup", {"kept": ()}, "valid"),
        ("account-signup", {"kept": ("access",)}, "valid"),
        ("account-signup", {"kept": ("old-access", "old-claim")}, "valid"),
        ("account-claim", {"starts": 2}, "ready"),
        ("account-claim", {}, "done"),
        ("account-claim", {}, "started"),
        ("account-claim", {}, ""),
    ],
)
def test_each_breach_is_found(scenario: str, changes: dict[str, Any], state: str) -> None:
    assert len(found(scenario, replace(SIGNED_UP, **changes), state)) == 1


def test_what_a_proxy_has_sent_twice_is_not_ours() -> None:
    twice = replace(SIGNED_UP, made=3, starts=2)
    assert found("account-signup", twice, "valid", is_repeated=True) == []
