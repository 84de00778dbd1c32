"""Reactions by REST, and the reviews and line comments that a person reacts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import in_repository, must_write, refuse
from upshot_sandbox.github.state import Remark
from upshot_sandbox.wire import Malformed, read_body
from upshot_sandbox.world import World

_CONTENTS = frozenset({"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"})


class ReactionBody(Struct):
    content: str


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    state = world.github

    async def react(request: web.Request) -> web.Response:
        access = in_repository(world, request)
        must_write(access, "issues", "pull_requests")
        content = (await read_body(request, ReactionBody, world.journal)).content
        if content not in _CONTENTS:
            raise Malformed(f"content {content!r} is not one of {sorted(_CONTENTS)}")
        number = int(request.match_info["id"])
        found = state.find(number) or _find(world, number)
        state.react(found.node_id, content)
        shown = {
            "id": 90_000_000 + len(state.reactions),
            "node_id": f"REA_{len(state.reactions)}",
            "user": shapes.user(world.github_url, access.user),
            "content": content,
            "created_at": shapes.timestamp(state.now()),
        }
        return web.json_response(shown, status=201)

    async def one(request: web.Request) -> web.Response:
        in_repository(world, request)
        return web.json_response(remark_shape(world, _find(world, int(request.match_info["id"]))))

    base = f"{prefix}/repos/{{owner}}/{{repo}}"
    number = "{id:[0-9]+}"
    return [
        web.post(f"{base}/issues/comments/{number}/reactions", react),
        web.post(f"{base}/pulls/comments/{number}/reactions", react),
        web.get(f"{base}/pulls/comments/{number}", one),
        web.get(f"{base}/pulls/{{number:[0-9]+}}/reviews/{number}", one),
    ]


def remark_shape(world: World, found: Remark) -> dict[str, Any]:
    """A review or a line comment, as REST and webhooks have it."""
    state = world.github
    at = shapes.timestamp(found.at)
    page = f"{shapes.SERVER}/{state.plan.repository}/pull/{state.plan.pull_request}"
    shape: dict[str, Any] = {
        "id": found.id,
        "node_id": found.node_id,
        "user": shapes.user(world.github_url, found.author),
        "body": found.body,
        "commit_id": state.head_sha,
        "author_association": "CONTRIBUTOR",
    }
    if found.kind == "PullRequestReview":
        url = f"{page}#pullrequestreview-{found.id}"
        return {**shape, "state": "commented", "submitted_at": at, "html_url": url}
    updated = shapes.timestamp(found.edited_at + 60) if found.edited_at else at
    url = f"{page}#discussion_r{found.id}"
    return {**shape, "created_at": at, "updated_at": updated, "path": "index.ts", "html_url": url}


def _find(world: World, number: int) -> Remark:
    found = next((one for one in world.github.remarks if one.id == number), None)
    if found is None:
        raise refuse(404, "Not Found")
    return found
