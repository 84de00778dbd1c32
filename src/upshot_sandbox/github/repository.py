"""A repository as GitHub's REST shows it: every field that its description demands."""

from __future__ import annotations

from typing import Any, Final

from upshot_sandbox.github.state import User

_ENDINGS: Final = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
_NUMBERS: Final = (
    "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"
)
_NULLS: Final = "homepage language mirror_url license"
_FLAGS: Final = "has_downloads has_issues has_projects has_wiki has_pages has_discussions"
_BORN: Final = "2024-02-03T08:00:00Z"


def repository(
    api: str, server: str, owner: User, name: str, *, shown_owner: dict[str, Any], fork: bool
) -> dict[str, Any]:
    """The `repository` of that owner and name; `shown_owner` is the owner as a `simple-user`."""
    full = f"{owner.login}/{name}"
    url, page = f"{api}/repos/{full}", f"{server}/{full}"
    return {
        "id": 702_341_117 + fork,
        "node_id": f"R_sandbox{int(fork)}",
        "name": name,
        "full_name": full,
        "private": True,
        "visibility": "private",
        "owner": shown_owner,
        "description": "The shop",
        "fork": fork,
        "archived": False,
        "disabled": False,
        "default_branch": "main",
        "url": url,
        "html_url": page,
        "clone_url": f"{page}.git",
        "svn_url": page,
        "git_url": f"git:{page.removeprefix('https:')}.git",
        "ssh_url": f"git@{server.removeprefix('https://')}:{full}.git",
        **{f"{what}_url": url + ending for what, ending in _ENDINGS.items()},
        **dict.fromkeys(_NUMBERS.split(), 0),
        **dict.fromkeys(_NULLS.split()),
        **dict.fromkeys(_FLAGS.split(), False),
        "topics": [],
        "created_at": _BORN,
        "updated_at": _BORN,
        "pushed_at": _BORN,
    }
