"""Comments by REST: list with paging, read, create, edit, delete."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github.access import check_comment, in_repository, must_write, refuse
from upshot_sandbox.github.issues import check_issue_comment
from upshot_sandbox.github.paging import paged
from upshot_sandbox.github.shapes import comment as shape
from upshot_sandbox.github.state import Access, Comment
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World


class CommentBody(Struct):
    body: str


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    thread = Thread(world)
    issues = f"{prefix}/repos/{{owner}}/{{repo}}/issues"
    one = f"{issues}/comments/{{id:[0-9]+}}"
    return [
        web.get(f"{issues}/{{number:[0-9]+}}/comments", thread.list),
        web.post(f"{issues}/{{number:[0-9]+}}/comments", thread.create),
        web.get(one, thread.get),
        web.patch(one, thread.edit),
        web.delete(one, thread.delete),
    ]


class Thread:
    """Handlers for the comments of the one pull request."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.github

    async def list(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        self._known_issue(request)
        api, since = self.world.github_url, request.query.get("since", "")
        found = [shape(api, self.state, c) for c in self.state.comments]
        return paged(request, [one for one in found if one["updated_at"] >= since])

    async def create(self, request: web.Request) -> web.Response:
        access = in_repository(self.world, request)
        issue = self.state.issues.get(int(request.match_info["number"]))
        if issue is not None:
            must_write(access, "issues")
            text = (await read_body(request, CommentBody, self.world.journal)).body
            check_issue_comment(issue, text)
            made = self.state.comment_on(issue, access.user, text)
            shown = shape(self.world.github_url, self.state, made, number=issue.number)
            return web.json_response(shown, status=201)
        self._known_issue(request)
        self._may_write(access, "create")
        text = (await read_body(request, CommentBody, self.world.journal)).body
        check_comment(text)
        made = self.state.add(access.user, text)
        return web.json_response(shape(self.world.github_url, self.state, made), status=201)

    async def get(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        return web.json_response(shape(self.world.github_url, self.state, self._find(request)))

    async def edit(self, request: web.Request) -> web.Response:
        access = in_repository(self.world, request)
        self._may_write(access, "update")
        found = self._find(request)
        text = (await read_body(request, CommentBody, self.world.journal)).body
        check_comment(text)
        self.state.edit(found, text)
        return web.json_response(shape(self.world.github_url, self.state, found))

    async def delete(self, request: web.Request) -> web.Response:
        access = in_repository(self.world, request)
        self._may_write(access, "delete")
        self.state.comments.remove(self._find(request))
        return web.Response(status=204)

    def _may_write(self, access: Access, verb: str) -> None:
        must_write(access, "issues", "pull_requests")
        if self.state.locked:
            raise refuse(403, f"Unable to {verb} comment because issue is locked.")

    def _known_issue(self, request: web.Request) -> None:
        if int(request.match_info["number"]) != (self.state.plan.pull_request or -1):
            raise refuse(404, "Not Found")

    def _find(self, request: web.Request) -> Comment:
        found = self.state.find(int(request.match_info["id"]))
        if found is None:
            raise refuse(404, "Not Found")
        return found
