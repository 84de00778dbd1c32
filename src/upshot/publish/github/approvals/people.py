"""What a person may do now, and who pushed a commit. Each of these asks GitHub once a run."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.gate.facts import Account, Permission
from upshot.lenient import as_int, as_text, look
from upshot.publish.github.approvals.shapes import parse_account
from upshot.publish.github.client import GitHub

_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_TEAM: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_LEVELS: Final = frozenset({"admin", "write", "read", "none"})
_NOT_FOUND: Final = 404


def has_role(github: GitHub, login: str, role: str, *, account_id: int | None = None) -> bool:
    """Whether a person has `role` (`write` or `admin`) now. Raises GitHubError without an answer.

    `author_association` is not used: it gives private members as strangers (GitHub's documentation).
    `account_id`: the login must still belong to this account (threat T52); None where it is not known.
    """
    found = read_permission(github, Account(account_id or 0, login, "User"))
    if account_id is not None and found.user_id not in {None, account_id}:
        return False
    return found.permission in {"admin", role}


def read_permission(github: GitHub, account: Account) -> Permission:
    """`GET /repos/{owner}/{repo}/collaborators/{login}/permission`. Raises GitHubError.

    It gives `maintain` as write and `triage` as read; 404: not a user or no collaborator.
    """
    none = Permission(account.id, "none")
    if not _LOGIN.fullmatch(account.login):
        return none
    path = f"collaborators/{quote(account.login, safe='')}/permission"
    try:
        found = github.get_once(path, doing=f"read the permission of {account.login}")
    except GitHubError as error:
        if error.status == _NOT_FOUND:
            return none
        raise
    level = as_text(look(found, "permission"))
    if level not in _LEVELS:
        raise GitHubError(f"GitHub did not say what {account.login} may do")
    return Permission(as_int(look(found, "user", "id")), level)


def is_member(github: GitHub, team: str, account: Account) -> bool:
    """Whether the account is an active member of `org/team` now. Raises GitHubError.

    `GET /orgs/{org}/teams/{team}/memberships/{login}` needs a token that may read the organization's
    members. To a token that may not it answers 404, as for a person who is no member, so the team is
    read first where that is the answer.
    """
    if not _TEAM.fullmatch(team) or not _LOGIN.fullmatch(account.login):
        return False
    organization, _, slug = team.partition("/")
    path = f"/orgs/{quote(organization, safe='')}/teams/{quote(slug, safe='')}"
    try:
        found = github.get_at(
            f"{path}/memberships/{quote(account.login, safe='')}",
            doing=f"read whether {account.login} is in the team {team}",
        )
    except GitHubError as error:
        if error.status != _NOT_FOUND:
            raise
        github.get_at(path, doing=f"read the team {team}")
        return False
    state = as_text(look(found, "state"))
    if not state:
        raise GitHubError(f"GitHub did not say whether {account.login} is in the team {team}")
    return state == "active"


def read_pushers(
    github: GitHub, repository: str, branch: str, sha: str
) -> tuple[Account, ...] | None:
    """Who made `sha` the tip of the branch; None where the activity does not show it.

    `GET /repos/{owner}/{repo}/activity?ref=…` (GitHub's REST description): newest first, each entry
    with `after` and `actor`. `repository` is the head's: a fork has an activity of its own. Raises
    GitHubError.
    """
    found = github.get_at(
        f"/repos/{quote(repository)}/activity",
        doing="read who pushed the commit",
        ref=f"refs/heads/{branch}",
        per_page=100,
    )
    if not isinstance(found, list):
        raise GitHubError("GitHub did not say who pushed the commit")
    pushers = []
    for entry in found:
        if look(entry, "after") == sha:
            actor = parse_account(look(entry, "actor"))
            if actor is None:
                return None
            pushers.append(actor)
    return tuple(dict.fromkeys(pushers)) or None
