"""A stack's record, its tags and its state, as `pulumi stack` asks for them.

Source: service description and shipped client (`apitype.Stack`, `apitype.UntypedDeployment`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec.structs import replace

from upshot_sandbox.cloud.auth import member_of, refuse
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.engine.snapshot import snapshot_of
from upshot_sandbox.scenario import CloudPlan, UpdatePlan
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}"


def routes(world: World) -> Sequence[web.RouteDef]:
    stacks = Stacks(world)
    world.extensions["stacks"] = stacks
    return [
        web.patch(f"{_STACK}/tags", stacks.tag),
        web.get(f"{_STACK}/export", stacks.export),
        web.get(f"{_STACK}/export/{{version}}", stacks.export),
    ]


class Stacks:
    """The scenario's own stack and those of its fleet; only tags change."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tags: dict[tuple[str, str], dict[str, str]] = {}

    def find(self, project: str, stack: str) -> tuple[CloudPlan, list[UpdatePlan]] | None:
        """A stack and what was run in it; None for one that is not there."""
        cloud = self._world.scenario.cloud
        if (project, stack) == (cloud.project, cloud.stack):
            return cloud, self._world.cloud.updates
        fleet = self._world.extensions["fleet"]
        member = fleet.find(project, stack)
        if member is None:
            return None
        return replace(cloud, project=project, stack=stack), fleet.updates_of(member)

    def record(self, project: str, stack: str) -> dict[str, Any] | None:
        """`apitype.Stack`; None for a stack that is not there."""
        found = self.find(project, stack)
        if found is None:
            return None
        cloud, updates = found
        name = f"{cloud.organization}/{project}/{stack}"
        last = _last(updates)
        return {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            "orgName": cloud.organization,
            "projectName": project,
            "stackName": stack,
            "activeUpdate": last.id if last else "",
            "tags": self._tags_of(project, stack),
            "version": last.version if last else 0,
        }

    async def tag(self, request: web.Request) -> web.Response:
        """All tags are sent; the service's own stay (shipped client)."""
        self._asked(request)
        try:
            tags = msgspec.json.decode(await request.read(), type=dict[str, str])
        except msgspec.DecodeError as error:
            raise refuse(400, f"Bad Request: {error}") from error
        self._tags[request.match_info["project"], request.match_info["stack"]] = tags
        return web.Response(status=204)

    async def export(self, request: web.Request) -> web.Response:
        cloud, updates = self._asked(request)
        version = request.match_info.get("version", "")
        of_version = [one for one in updates if version in {"", str(one.version)}]
        last = _last(of_version)
        if version and last is None:
            raise refuse(404, f"Not Found: Update '{version}' not found")
        made_at = self._world.started_at - (last.ago_s if last else 0)
        return web.json_response(snapshot_of(Engine(cloud, last) if last else None, made_at))

    def _asked(self, request: web.Request) -> tuple[CloudPlan, list[UpdatePlan]]:
        names = request.match_info
        member_of(self._world, request, names["org"])
        found = self.find(names["project"], names["stack"])
        if found is None:
            full = f"{names['org']}/{names['project']}/{names['stack']}"
            raise refuse(404, f"Not Found: Stack '{full}' not found")
        return found

    def _tags_of(self, project: str, stack: str) -> dict[str, str]:
        if (project, stack) in self._tags:
            return self._tags[project, stack]
        fleet = self._world.extensions["fleet"]
        member = fleet.find(project, stack)
        own = {"pulumi:project": project, "pulumi:runtime": "nodejs"}
        return own | (fleet.tags_of(member) if member else {})


def _last(updates: Sequence[UpdatePlan]) -> UpdatePlan | None:
    done = [one for one in updates if not one.is_preview and one.result != "in-progress"]
    return min(done, key=lambda one: one.ago_s, default=None)
