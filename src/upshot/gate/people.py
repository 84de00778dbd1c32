"""Who may vote, and who made the change: accounts compared by their numeric ids.

A login is compared only where nothing else is given: in the list of approvers, and in an address of
GitHub's that holds no id. Both people and rules are as they are now (threats T52, T55, T56).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from upshot.gate.decision import Rule
from upshot.gate.facts import Account, CoAuthor, GateFacts, PullRequest
from upshot.gate.policy import Policy

_GHOST: Final = 10_137
"""The account that GitHub shows for a deleted one on github.com."""
_MAY_WRITE: Final = frozenset({"admin", "write"})
# `12345+login@users.noreply.github.com`, and without the id for old accounts; the host is the server's.
_NOREPLY: Final = re.compile(
    r"(?:(?P<id>[0-9]{1,18})\+)?(?P<login>[A-Za-z0-9-]{1,100}(?:\[bot\])?)@users\.noreply\.[^@]{1,253}"
)


def refuse_account(author: Account | None, app: str) -> Rule | None:
    """Why no person can have voted with this account, or None."""
    if author is None or author.id == _GHOST or author.id < 1:
        return Rule.NO_ACCOUNT
    if author.type != "User" or author.login.endswith("[bot]"):
        return Rule.NO_PERSON
    return Rule.APP if app else None


def refuse_standing(
    author: Account, facts: GateFacts, policy: Policy
) -> tuple[Rule | None, list[Rule]]:
    """Why the person may not decide, or None; and what could not be read to say so."""
    lacks: list[Rule] = []
    if policy.logins is not None and author.login.lower() not in policy.logins:
        known = [facts.memberships.get((team, author.id)) for team in policy.teams]
        if True not in known:
            if None not in known:
                return Rule.NOT_APPROVER, []
            lacks.append(Rule.UNKNOWN_TEAM)
    permission = facts.permissions.get(author.id)
    if permission is None:
        return None, [*lacks, Rule.UNKNOWN_PERMISSION]
    if permission.user_id != author.id:
        return Rule.OTHER_ACCOUNT, []
    return (None, lacks) if permission.permission in _MAY_WRITE else (Rule.NO_PERMISSION, [])


def find_own(author: Account, pull: PullRequest, facts: GateFacts) -> Rule | None:
    """Why the change is the person's own, or None. `UNKNOWN_PUSHER` when the pusher is not known."""
    commit = facts.commit
    if _is_among(author, [pull.author]):
        return Rule.OWN_PULL
    if commit and _is_among(author, commit.authors):
        return Rule.OWN_COMMIT
    if commit and any(_is_co_author(author, line) for line in commit.co_authors):
        return Rule.CO_AUTHOR
    if pull.is_merged and _is_among(author, [pull.merged_by]):
        return Rule.OWN_MERGE
    if facts.pushers is None:
        return Rule.UNKNOWN_PUSHER
    return Rule.OWN_PUSH if _is_among(author, facts.pushers) else None


def _is_among(author: Account, accounts: Iterable[Account | None]) -> bool:
    return any(account is not None and account.id == author.id for account in accounts)


def _is_co_author(author: Account, line: CoAuthor) -> bool:
    if line.account is not None and line.account.id == author.id:
        return True
    found = _NOREPLY.fullmatch(line.email.strip())
    if not found:
        return False
    if found["id"]:
        return int(found["id"]) == author.id
    return found["login"].lower() == author.login.lower()
