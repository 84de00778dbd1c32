"""Issues by REST: list, read, open, edit, comment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import check_comment, in_repository, must_write, refuse
from upshot_sandbox.github.paging import paged
from upshot_sandbox.github.state import Issue
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World

_STATES: Final = frozenset({"open", "closed"})
_REASONS: Final = frozenset({"completed", "not_planned", "duplicate", "reopened"})
_LONGEST_TITLE: Final = 256
_LONGEST_BODY: Final = 65_536


class NewIssue(Struct):
    title: str
    body: str = ""
    labels: list[str] = []


class IssueEdit(Struct):
    body: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    state_reason: str | UnsetType = UNSET


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    handlers = Handlers(world)
    base = f"{prefix}/repos/{{owner}}/{{repo}}"
    return [
        web.get(f"{base}/issues", handlers.issues),
        web.post(f"{base}/issues", handlers.open),
        web.get(f"{base}/issues/{{number:[0-9]+}}", handlers.get),
        web.patch(f"{base}/issues/{{number:[0-9]+}}", handlers.edit),
    ]


class Handlers:
    """Handlers for the repository's issues; its pull request is one of them to this API."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.github

    async def issues(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        if self.state.plan.issues_off:
            raise refuse(410, "Issues has been disabled in this repository.")
        query = request.query
        wanted, creator = query.get("state", "open"), query.get("creator", "")
        found = [
            issue
            for issue in self.state.issues.values()
            if wanted in {"all", issue.state} and creator in {"", issue.author.login}
        ]
        by_edit = query.get("sort") == "updated"
        found.sort(
            key=lambda issue: (issue.updated_at if by_edit else issue.created_at, issue.number),
            reverse=query.get("direction", "desc") == "desc",
        )
        shown = [self._shape(issue) for issue in found]
        return paged(request, [*self._pulls(wanted, creator), *shown])

    async def get(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        if int(request.match_info["number"]) == (self.state.plan.pull_request or -1):
            return web.json_response(shapes.issue(self.world.github_url, self.state))
        return web.json_response(self._shape(self._find(request)))

    async def open(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues")
        if self.state.plan.issues_off:
            raise refuse(410, "Issues has been disabled in this repository.")
        body = await read_body(request, NewIssue, self.world.journal)
        if not body.title.strip() or len(body.title) > _LONGEST_TITLE:
            raise invalid("Issue", "title")
        if len(body.body) > _LONGEST_BODY:
            raise invalid("Issue", "body")
        made = self.state.open_issue(self.state.bot, body.title, body.body, tuple(body.labels))
        return web.json_response(self._shape(made), status=201)

    async def edit(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues")
        found = self._find(request)
        body = await read_body(request, IssueEdit, self.world.journal)
        if body.state is not UNSET and body.state not in _STATES:
            raise invalid("Issue", "state")
        if body.state_reason is not UNSET and body.state_reason not in _REASONS:
            raise invalid("Issue", "state_reason")
        # A body over the limit is not refused: GitHub keeps the old one (two reports of it).
        if body.body is not UNSET and len(body.body) <= _LONGEST_BODY:
            found.body = body.body
        if body.state is not UNSET:
            found.state = body.state
            found.state_reason = "" if body.state_reason is UNSET else body.state_reason
        found.updated_at = self.state.now()
        return web.json_response(self._shape(found))

    def _find(self, request: web.Request) -> Issue:
        found = self.state.issues.get(int(request.match_info["number"]))
        if found is None:
            raise refuse(404, "Not Found")
        return found

    def _pulls(self, wanted: str, creator: str) -> list[dict[str, Any]]:
        plan = self.state.plan
        is_listed = wanted in {"all", self.state.state} and creator in {"", plan.author}
        if not plan.pull_request or not is_listed:
            return []
        return [shapes.issue(self.world.github_url, self.state)]

    def _shape(self, issue: Issue) -> dict[str, Any]:
        return shapes.plain_issue(self.world.github_url, self.state, issue)


def check_issue_comment(issue: Issue, text: str) -> None:
    """Raises `Refusal` where GitHub takes no comment on the issue."""
    if issue.locked:
        raise refuse(403, "Unable to create comment because issue is locked.")
    check_comment(text)


def invalid(resource: str, field: str, code: str = "invalid") -> Exception:
    """GitHub's refusal of what a field says."""
    errors = [{"resource": resource, "code": code, "field": field}]
    return refuse(422, "Validation Failed", errors=errors)
