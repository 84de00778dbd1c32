"""A team as GitHub's REST shows it: every field that its description demands."""

from __future__ import annotations

from typing import Any, Final

from upshot_sandbox.github.shapes import SERVER, timestamp
from upshot_sandbox.github.state import User

_LINKS: Final = (
    "repos", "events", "hooks", "issues", "members", "public_members",
)  # fmt: skip


def team_shape(api: str, owner: User, slug: str, *, members: int, made_at: float) -> dict[str, Any]:
    """A `team-full` of the organization `owner`."""
    url = f"{api}/orgs/{owner.login}/teams/{slug}"
    times = {"created_at": timestamp(made_at), "updated_at": timestamp(made_at)}
    return {
        "id": 4_100_000 + len(slug),
        "node_id": f"T_{slug}",
        "url": url,
        "html_url": f"{SERVER}/orgs/{owner.login}/teams/{slug}",
        "name": slug,
        "slug": slug,
        "description": "",
        "privacy": "closed",
        "permission": "pull",
        "type": "organization",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "members_count": members,
        "repos_count": 1,
        "organization": _organization(api, owner) | times,
        **times,
    }


def _organization(api: str, owner: User) -> dict[str, Any]:
    url = f"{api}/orgs/{owner.login}"
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": f"O_{owner.id}",
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in _LINKS},
        "avatar_url": f"https://avatars.githubusercontent.com/u/{owner.id}?v=4",
        "html_url": f"{SERVER}/{owner.login}",
        "description": "",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "archived_at": None,
    }
