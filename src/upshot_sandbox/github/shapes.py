"""GitHub's REST objects, with every field that its description demands and a client may read."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from upshot_sandbox.github.repository import repository as whole_repository
from upshot_sandbox.github.state import Comment, GitHubState, Issue, Label, User

SERVER = "https://github.com"


def timestamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def user(api: str, who: User) -> dict[str, Any]:
    """A `simple-user`."""
    url = f"{api}/users/{who.login}"
    links = {
        "followers_url": "/followers",
        "following_url": "/following{/other_user}",
        "gists_url": "/gists{/gist_id}",
        "starred_url": "/starred{/owner}{/repo}",
        "subscriptions_url": "/subscriptions",
        "organizations_url": "/orgs",
        "repos_url": "/repos",
        "events_url": "/events{/privacy}",
        "received_events_url": "/received_events",
    }
    return {
        "login": who.login,
        "id": who.id,
        "node_id": f"U_{who.id}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{SERVER}/{who.login}",
        **{name: url + end for name, end in links.items()},
        "type": who.type,
        "site_admin": False,
    }


def comment(api: str, state: GitHubState, found: Comment, *, number: int = 0) -> dict[str, Any]:
    """An `issue-comment`, of the pull request unless it is of the issue `number`."""
    base = f"{api}/repos/{state.plan.repository}/issues"
    url = f"{base}/comments/{found.id}"
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    kind = "issues" if number else "pull"
    number = number or state.plan.pull_request
    page = f"{SERVER}/{state.plan.repository}/{kind}/{number}"
    return {
        "url": url,
        "html_url": f"{page}#issuecomment-{found.id}",
        "issue_url": f"{base}/{number}",
        "id": found.id,
        "node_id": found.node_id,
        "user": user(api, found.author),
        "created_at": timestamp(found.created_at),
        "updated_at": timestamp(found.updated_at),
        "body": found.body,
        "author_association": "NONE" if found.author.type == "Bot" else "CONTRIBUTOR",
        "reactions": {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(kinds, 0),
        "performed_via_github_app": {"id": 1, "slug": found.app} if found.app else None,
    }


def repository(api: str, owner: User, name: str, *, fork: bool = False) -> dict[str, Any]:
    """A `repository`."""
    shown = user(api, owner)
    return whole_repository(api, SERVER, owner, name, shown_owner=shown, fork=fork)


def pull(api: str, state: GitHubState) -> dict[str, Any]:
    """The `pull-request`."""
    plan = state.plan
    base = f"{api}/repos/{plan.repository}"
    number = plan.pull_request
    page = f"{SERVER}/{plan.repository}/pull/{number}"
    author = state.user(plan.author)
    home = repository(api, state.user(state.owner), state.repo)
    away = repository(api, author, state.repo, fork=True) if plan.fork else home
    opened = timestamp(state.now() - 86_400 * 20)
    return {
        "url": f"{base}/pulls/{number}",
        "id": 1_990_000_000 + number,
        "node_id": f"PR_sandbox{number}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": f"{base}/issues/{number}",
        "commits_url": f"{base}/pulls/{number}/commits",
        "review_comments_url": f"{base}/pulls/{number}/comments",
        "review_comment_url": f"{base}/pulls/comments{{/number}}",
        "comments_url": f"{base}/issues/{number}/comments",
        "statuses_url": f"{base}/statuses/{state.head_sha}",
        "number": number,
        "state": state.state,
        "locked": state.locked,
        "active_lock_reason": None,
        "title": plan.title,
        "user": user(api, author),
        "body": None,
        "labels": labels_of_pull(api, state),
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "created_at": opened,
        "updated_at": timestamp(state.now()),
        "closed_at": None,
        "merged_at": None,
        "merge_commit_sha": None,
        "head": _end(away, ref=plan.branch, sha=state.head_sha),
        "base": _end(home, ref="main", sha=state.base_sha),
        "_links": _links(base, page, number, state.head_sha),
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": False,
        "merged": False,
        "mergeable": True,
        "rebaseable": True,
        "mergeable_state": "clean",
        "merged_by": None,
        "comments": len(state.comments),
        "review_comments": 0,
        "maintainer_can_modify": plan.fork,
        "commits": 3,
        "additions": 214,
        "deletions": 31,
        "changed_files": 6,
    }


def issue(api: str, state: GitHubState) -> dict[str, Any]:
    """The pull request as an `issue`."""
    found = pull(api, state)
    same = [
        "id",
        "node_id",
        "number",
        "state",
        "locked",
        "active_lock_reason",
        "title",
        "user",
        "body",
        "labels",
        "milestone",
        "assignee",
        "assignees",
        "comments",
        "created_at",
        "updated_at",
        "closed_at",
        "author_association",
        "comments_url",
        "html_url",
    ]
    base = f"{api}/repos/{state.plan.repository}"
    url = f"{base}/issues/{state.plan.pull_request}"
    links = {"url": found["url"], "html_url": found["html_url"], "merged_at": None}
    links |= {"diff_url": found["diff_url"], "patch_url": found["patch_url"]}
    return {name: found[name] for name in same} | {
        "url": url,
        "repository_url": base,
        "labels_url": f"{url}/labels{{/name}}",
        "events_url": f"{url}/events",
        "pull_request": links,
    }


def plain_issue(api: str, state: GitHubState, found: Issue) -> dict[str, Any]:
    """An `issue` that is no pull request."""
    base = f"{api}/repos/{state.plan.repository}"
    url = f"{base}/issues/{found.number}"
    is_closed = found.state == "closed"
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {
        "id": 2_880_000_000 + found.number,
        "node_id": f"I_sandbox{found.number}",
        "number": found.number,
        "title": found.title,
        "user": user(api, found.author),
        "labels": [label(api, state, Label(name)) for name in found.labels],
        "state": found.state,
        "state_reason": found.state_reason or None,
        "locked": found.locked,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(found.comments),
        "created_at": timestamp(found.created_at),
        "updated_at": timestamp(found.updated_at),
        "closed_at": timestamp(found.updated_at) if is_closed else None,
        "author_association": "NONE" if found.author.type == "Bot" else "CONTRIBUTOR",
        "body": found.body,
        "url": url,
        "html_url": f"{SERVER}/{state.plan.repository}/issues/{found.number}",
        "repository_url": base,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "reactions": {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(kinds, 0),
    }


def labels_of_pull(api: str, state: GitHubState) -> list[dict[str, Any]]:
    """Each `label` of the pull request."""
    return [label(api, state, state.labels[name]) for name in sorted(state.pull_labels)]


def label(api: str, state: GitHubState, found: Label) -> dict[str, Any]:
    """A `label`."""
    name = found.name
    return {
        "id": 6_200_000_000 + sum(name.encode()),
        "node_id": f"LA_sandbox{sum(name.encode())}",
        "url": f"{api}/repos/{state.plan.repository}/labels/{quote(name)}",
        "name": name,
        "color": found.colour,
        "default": False,
        "description": found.about or None,
    }


def _end(repo: dict[str, Any], *, ref: str, sha: str) -> dict[str, Any]:
    """One end of the pull request: head or base."""
    owner = repo["owner"]
    return {"label": f"{owner['login']}:{ref}", "ref": ref, "sha": sha, "user": owner, "repo": repo}


def _links(base: str, page: str, number: int, sha: str) -> dict[str, Any]:
    hrefs = {
        "self": f"{base}/pulls/{number}",
        "html": page,
        "issue": f"{base}/issues/{number}",
        "comments": f"{base}/issues/{number}/comments",
        "review_comments": f"{base}/pulls/{number}/comments",
        "review_comment": f"{base}/pulls/comments{{/number}}",
        "commits": f"{base}/pulls/{number}/commits",
        "statuses": f"{base}/statuses/{sha}",
    }
    return {name: {"href": href} for name, href in hrefs.items()}
