"""What must hold of runs with agent accounts: none made twice, none claimed twice, nothing said untrue.

`look` reads the sandbox and the machine; the rules are pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from upshot_sandbox.machine import Machine
from upshot_sandbox.server import Sandbox

PREFIX: Final = "account-"
"""Of the scenarios with agent accounts."""
_NOT_ACCEPTED: Final = frozenset({429, 503})
"""After these a request may be sent again: nothing was done."""


class Accounts(Struct, frozen=True):
    """What the runs in one sandbox have done so far."""

    made: int
    """Agent accounts."""
    starts: int
    """Claims that were sent, and not surely refused."""
    is_claimed: bool
    """The account that was there first is dead: everything has moved."""
    tokens: tuple[str, ...]
    """Every claim token and access token of an agent."""
    kept: tuple[str, ...] = ()
    """What the files that the outputs name hold."""


def look(sandbox: Sandbox, machine: Machine, outputs: Mapping[str, str]) -> Accounts:
    agents: list[Any] = sandbox.world.extensions["accounts"].agents
    files = (outputs.get(name, "") for name in ("account-token-file", "claim-token-file"))
    paths = [machine.temp / name for name in files if name]
    return Accounts(
        made=len(agents),
        starts=sum(
            sent.line.startswith("POST /api/agents/")
            and sent.path.endswith("/claim")
            and "dryRun" not in sent.query
            and sent.status not in _NOT_ACCEPTED
            for sent in sandbox.world.journal.requests
        ),
        is_claimed=any(agent.is_dead for agent in agents),
        tokens=tuple(text for one in agents for text in (one.claim_token, one.access_token)),
        kept=tuple(path.read_text("utf-8") for path in paths if path.is_file()),
    )


def judge_accounts(
    scenario: str,
    before: Accounts,
    after: Accounts,
    *,
    exit_code: int | None,
    outputs: Mapping[str, str],
    is_repeated: bool,
) -> Iterator[str]:
    """What is wrong. `is_repeated`: a proxy in between may have sent a request twice."""
    if not is_repeated and after.made - before.made > 1:
        yield f"{after.made - before.made} accounts by one run"
    if not is_repeated and after.starts - before.starts > 1:
        yield f"{after.starts - before.starts} claims were sent by one run"
    state = outputs.get("claim-state", "")
    if state == "done" and not after.is_claimed:
        yield "a claim is said to be done, and is not"
    if exit_code != 0:
        return
    if scenario == "account-signup":
        fresh = set(after.tokens) - set(before.tokens)
        if len(after.kept) != len(("access", "claim")) or not set(after.kept) <= fresh:
            yield "exit code 0, and the tokens are not in their files"
    if scenario == "account-claim" and state not in {"done", "ready"}:
        yield f"exit code 0, and the claim is {state or 'unknown'}"
