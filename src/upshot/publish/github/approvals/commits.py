"""Commits, and the accounts behind the addresses of their co-authors."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.facts import Account, CoAuthor, Commit
from upshot.lenient import as_int, as_list, as_text, look
from upshot.publish.github.approvals.shapes import parse_commit
from upshot.publish.github.client import GitHub

_MOST: Final = 100
_AUTHORS: Final = """\
query Authors($owner: String!, $name: String!, $oid: GitObjectID!) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      __typename
      ... on Commit { authors(first: 100) { totalCount nodes { email user { databaseId login } } } }
    }
  }
}
"""
_GONE: Final = frozenset({404, 409, 422})


def read_commit(github: GitHub, sha: str) -> Commit:
    """`GET /repos/{owner}/{repo}/commits/{ref}`. Raises GitHubError."""
    commit = parse_commit(github.get(f"commits/{quote(sha, safe='')}", doing="read the commit"))
    if commit.sha != sha:
        raise GitHubError("GitHub answered with another commit")
    return commit


def find_commit(github: GitHub, sha: str) -> Commit | None:
    """None when GitHub no longer has it. Raises GitHubError."""
    try:
        return read_commit(github, sha)
    except GitHubError as error:
        if error.status in _GONE:
            return None
        raise


def needs_accounts(commit: Commit) -> bool:
    """Whether an address of a co-author says nothing of whose it is."""
    return any(
        line.account is None and "@users.noreply." not in line.email for line in commit.co_authors
    )


def with_accounts(github: GitHub, commit: Commit) -> Commit:
    """The commit with the accounts that GitHub has for its co-authors' addresses.

    `Commit.authors` of GitHub's GraphQL schema: the author and every co-author. An address without
    an account is nobody's. Raises GitHubError.
    """
    owner, _, name = github.repository.partition("/")
    variables = {"owner": owner, "name": name, "oid": commit.sha}
    data = github.graphql(_AUTHORS, variables, doing="read the co-authors of the commit")
    return _with_authors(commit, look(data, "repository", "object", "authors"))


def parse_graphql_commit(found: Any, sha: str) -> Commit | None:
    """The `Commit` of GraphQL with this id, its co-authors with their accounts; None where the server
    did not say all of it.
    """
    commit = {"message": look(found, "message"), "tree": {"sha": look(found, "tree", "oid")}}
    rest = {"sha": look(found, "oid"), "commit": commit}
    actors = [look(found, "committer"), *as_list(look(found, "authors", "nodes"))[:1]]
    try:
        parsed = parse_commit(rest)
        accounts = (_author(actor)[1] for actor in actors)
        made = replace(parsed, authors=tuple(account for account in accounts if account))
        whole = _with_authors(made, look(found, "authors"))
    except GitHubError:
        return None
    return whole if whole.sha == sha else None


def _with_authors(commit: Commit, authors: Any) -> Commit:
    """`authors`: the connection of that name, all of it. Raises GitHubError for one that is not whole."""
    nodes, total = look(authors, "nodes"), as_int(look(authors, "totalCount"))
    if not isinstance(nodes, list) or total is None or total > min(_MOST, len(nodes)):
        raise GitHubError("GitHub did not say who the co-authors of the commit are")
    known = dict(map(_author, nodes))
    lines = dict.fromkeys(line.email.lower() for line in commit.co_authors)
    emails = {email: known.get(email) for email in lines} | known
    return replace(commit, co_authors=tuple(CoAuthor(*pair) for pair in emails.items()))


def _author(node: Any) -> tuple[str, Account | None]:
    user = look(node, "user")
    number, login = as_int(look(user, "databaseId")), as_text(look(user, "login"))
    if user is not None and number is None:
        raise GitHubError("GitHub did not say whose address a co-author has")
    account = Account(number, login, "User") if number is not None else None
    return as_text(look(node, "email")).lower(), account
