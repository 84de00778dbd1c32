"""Pull requests, commits, statuses and permissions by REST."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import in_repository, must_write, refuse, signed_in
from upshot_sandbox.github.paging import paged
from upshot_sandbox.github.state import Status
from upshot_sandbox.wire import Malformed, read_body
from upshot_sandbox.world import World

_STATES = frozenset({"error", "failure", "pending", "success"})
_LONGEST_DESCRIPTION = 140


class StatusBody(Struct):
    state: str
    context: str = "default"
    description: str | None = None
    target_url: str | None = None


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    repository = Repository(world)
    base = f"{prefix}/repos/{{owner}}/{{repo}}"
    return [
        web.get(f"{prefix}/user", repository.user),
        web.get(base, repository.get),
        web.get(f"{base}/pulls/{{number:[0-9]+}}", repository.pull),
        web.get(f"{base}/pulls", repository.pulls),
        web.get(f"{base}/commits/{{sha}}/pulls", repository.pulls_of_commit),
        web.get(f"{base}/commits/{{sha}}/statuses", repository.statuses),
        web.post(f"{base}/statuses/{{sha:[0-9a-f]{{40}}}}", repository.set_status),
        web.get(f"{base}/collaborators/{{login}}/permission", repository.permission),
    ]


class Repository:
    """Handlers for the one repository."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.github

    async def user(self, request: web.Request) -> web.Response:
        signed_in(self.world, request)
        raise refuse(403, "Resource not accessible by integration")

    async def get(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        owner = self.state.user(self.state.owner)
        found = shapes.repository(self.world.github_url, owner, self.state.repo)
        return web.json_response(found | {"network_count": 0, "subscribers_count": 0})

    async def pull(self, request: web.Request) -> web.Response:
        self._known_number(request)
        return web.json_response(self._pull())

    async def pulls(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        wanted = request.query.get("state", "open")
        head = request.query.get("head", "")
        is_ours = head in {"", f"{self.state.head_owner}:{self.state.plan.branch}"}
        is_listed = wanted in {"all", self.state.state} and is_ours
        return paged(request, self._pulls() if is_listed else [])

    async def pulls_of_commit(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        # Commits of a fork are not in the repository: GitHub lists no pull request for them.
        history = self.world.github_history
        commits = {self.state.head_sha} | ({self.state.merge_sha} if history.merged_by else set())
        known = request.match_info["sha"] in commits and not self.state.plan.fork
        return paged(request, self._pulls() if known else [])

    async def statuses(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        sha = request.match_info["sha"]
        return paged(
            request, [self._status(s) for s in reversed(self.state.statuses) if s.sha == sha]
        )

    async def set_status(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "statuses")
        body = await read_body(request, StatusBody, self.world.journal)
        if body.state not in _STATES:
            raise Malformed(f"state {body.state!r} is not one of {sorted(_STATES)}")
        if len(body.description or "") > _LONGEST_DESCRIPTION:
            raise Malformed(f"description is longer than {_LONGEST_DESCRIPTION} characters")
        made = Status(
            id=31_000_000_000 + len(self.state.statuses),
            sha=request.match_info["sha"],
            state=body.state,
            context=body.context,
            description=body.description or "",
            target_url=body.target_url or "",
        )
        self.state.statuses.append(made)
        return web.json_response(self._status(made), status=201)

    async def permission(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        login = request.match_info["login"]
        plan, event = self.state.plan, self.world.scenario.event
        if login not in {plan.author, event.actor, *self.state.permissions}:
            raise refuse(404, f"{login} is not a user")
        level = self.state.permissions.get(login, "none")
        who = shapes.user(self.world.github_url, self.state.user(login))
        role = {"role_name": level}
        return web.json_response({"permission": level, **role, "user": who | role})

    def _pulls(self) -> list[object]:
        return [self._pull()] if self.state.plan.pull_request else []

    def _pull(self) -> dict[str, object]:
        api, by = self.world.github_url, self.world.github_history.merged_by
        found = shapes.pull(api, self.state)
        if by:
            merged_at = shapes.timestamp(self.world.now())
            found |= {
                "merged": True,
                "merged_at": merged_at,
                "closed_at": merged_at,
                "merge_commit_sha": self.state.merge_sha,
                "merged_by": shapes.user(api, self.state.user(by)),
            }
        return found

    def _known_number(self, request: web.Request) -> None:
        in_repository(self.world, request)
        if int(request.match_info["number"]) != (self.state.plan.pull_request or -1):
            raise refuse(404, "Not Found")

    def _status(self, status: Status) -> dict[str, object]:
        api = self.world.github_url
        now = shapes.timestamp(self.world.now())
        return {
            "url": f"{api}/repos/{self.state.plan.repository}/statuses/{status.sha}",
            "avatar_url": None,
            "id": status.id,
            "node_id": f"SC_sandbox{status.id}",
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": now,
            "updated_at": now,
            "creator": shapes.user(api, self.state.bot),
        }
