"""A stack's record, its tags and its state, as `pulumi stack` asks for them.

Source: service description and shipped client (`apitype.Stack`, `apitype.UntypedDeployment`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec.structs import replace

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import stack_of
from upshot_sandbox.cloud.protocol.recorded import Recorded, resources_in, state_in
from upshot_sandbox.cloud.protocol.state import LiveStack, Name, ProtocolState
from upshot_sandbox.cloud.runs import Planned, Run, last_update, newest_state
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
    """The scenario's own stack, those of its fleet, and those that CLIs made."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, organization: str, project: str, stack: str) -> list[Run] | None:
        """What was run in a stack; None for one that is not there."""
        name = (organization, project, stack)
        protocol = self._protocol
        made, recorded = protocol.stacks.get(name), protocol.updates(name)
        if made is not None and made.is_made:
            return list(recorded)
        planned = None if name in protocol.removed else self._planned(name)
        return None if planned is None else [*planned, *recorded]

    def record(self, organization: str, project: str, stack: str) -> dict[str, Any] | None:
        """`apitype.Stack`; None for a stack that is not there."""
        name = (organization, project, stack)
        runs = self.runs(*name)
        if runs is None:
            return None
        last = last_update(runs)
        found = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(name))),
            "orgName": organization,
            "projectName": project,
            "stackName": stack,
            "activeUpdate": last.id if last else "",
            "tags": self.tags(name),
            "version": last.version if last else 0,
        }
        running = self._protocol.running(name)
        if running:
            found["currentOperation"] = {
                "kind": running.kind,
                "author": "maria-lopez",
                "started": int(running.started_at),
            }
        return found

    def state(self, organization: str, project: str, stack: str) -> bytes:
        """Of a stack that is there (`apitype.UntypedDeployment`)."""
        name = (organization, project, stack)
        runs, made = self.runs(*name) or [], self._protocol.stacks.get(name)
        if made and made.state and last_update(runs) is None:
            return made.state
        return newest_state(runs, self._world.started_at)

    def make(
        self, organization: str, project: str, stack: str, *, tags: dict[str, str], state: Any
    ) -> None:
        """A new stack, with a state to begin with or None."""
        content = state_in(json.dumps(state).encode()) if state else b""
        self._protocol.make((organization, project, stack), tags, content)

    def has_project(self, organization: str, project: str) -> bool:
        cloud, fleet = self._world.scenario.cloud, self._world.extensions["fleet"]
        if any(name[:2] == (organization, project) for name, _ in self.made()):
            return True
        is_ours = organization == cloud.organization
        return is_ours and (project == cloud.project or any(fleet.members(project)))

    def is_removed(self, name: Name) -> bool:
        return name in self._protocol.removed

    def made(self) -> Iterator[tuple[Name, LiveStack]]:
        """Those that CLIs made."""
        return ((name, one) for name, one in self._protocol.stacks.items() if one.is_made)

    def tags(self, name: Name) -> dict[str, str]:
        """Of a stack that is there."""
        live = self._protocol.stacks.get(name)
        if live and live.tags is not None:
            return live.tags
        _, project, stack = name
        fleet = self._world.extensions["fleet"]
        member = fleet.find(project, stack)
        own = {"pulumi:project": project, "pulumi:runtime": "nodejs"}
        return own | (fleet.tags_of(member) if member else {})

    def summary(self, name: Name) -> dict[str, Any]:
        """`apitype.StackSummary`, as far as CLIs had a part in it."""
        live = self._protocol.stacks.get(name)
        if live is None:
            return {}
        last = last_update(self.runs(*name) or [])
        if isinstance(last, Recorded):
            count = len(resources_in(last.state()))
            return {"lastUpdate": int(last.started_at), "resourceCount": count}
        return {"resourceCount": len(resources_in(self.state(*name)))} if live.is_made else {}

    async def tag(self, request: web.Request) -> web.Response:
        """All tags are sent; the service's own stay (shipped client)."""
        name = stack_of(self._world, request, writes=True)
        try:
            tags = msgspec.json.decode(await request.read(), type=dict[str, str])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise refuse(400, f"Bad Request: {error}") from error
        self._protocol.touch(name).tags = tags
        return web.Response(status=204)

    async def export(self, request: web.Request) -> web.Response:
        name = stack_of(self._world, request)
        version = request.match_info.get("version", "")
        if not version:
            return _json(self.state(*name))
        runs = [one for one in self.runs(*name) or [] if str(one.version) == version]
        last = last_update(runs)
        if last is None:
            raise refuse(404, f"Not Found: Update '{version}' not found")
        return _json(last.state())

    @property
    def _protocol(self) -> ProtocolState:
        state: ProtocolState = self._world.extensions["protocol"]
        return state

    def _planned(self, name: Name) -> list[Run] | None:
        organization, project, stack = name
        cloud = self._world.scenario.cloud
        if organization != cloud.organization:
            return None
        if (project, stack) == (cloud.project, cloud.stack):
            return [Planned(self._world, cloud, one) for one in self._world.cloud.updates]
        fleet = self._world.extensions["fleet"]
        member = fleet.find(project, stack)
        if member is None:
            return None
        own = replace(cloud, project=project, stack=stack)
        return [Planned(self._world, own, one) for one in fleet.updates_of(member)]


def _json(content: bytes) -> web.Response:
    return web.Response(body=content, content_type="application/json")
