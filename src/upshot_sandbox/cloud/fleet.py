"""An organization of many stacks, made by rule: their list, tags, drift and deployments.

Source: generated client (`pulumi-cloud-sdk` 2026.10.26). Every stack is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from upshot_sandbox.cloud.auth import member_of, refuse, signed_in
from upshot_sandbox.scenario import UpdatePlan
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}"
_STAGES: Final = ("dev", "stage", "prod", "eu")
_DAY_S: Final = 86_400
_MOST: Final = 100


class FleetPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[fleet]`. `every = n` takes each n-th stack, 0 none."""

    stacks: int = 0
    failed_every: int = 0
    """The newest update failed."""
    drifted_every: int = 0
    stale_every: int = 0
    """The newest update is 90 days old."""
    never_every: int = 0
    """There was no update."""
    deployment_failed_every: int = 0
    tags: dict[str, int] = {}
    """`NAME=VALUE` -> every."""
    names: tuple[str, ...] = ()
    """Further stacks, `project/stack`: also such as Pulumi would not allow."""


class Member(Struct, frozen=True):
    """One stack, the `number`-th from 1."""

    number: int
    project: str
    stack: str


class FleetState:
    """Answers what the routes ask; nothing of it changes."""

    def __init__(self, plan: FleetPlan, world: World) -> None:
        self.plan = plan
        self._world = world
        updates = world.scenario.cloud.updates
        self._bad = next((one for one in updates if one.result == "failed"), UpdatePlan(id=""))
        good = next((one for one in updates if one.result == "succeeded"), UpdatePlan(id=""))
        self._good = replace(good, result="succeeded")
        kinds = (one for one in updates if one.kind == "refresh")
        self._drift = next(kinds, UpdatePlan(id=""))
        """What a drift run finds."""
        self._own = {}
        for number, name in enumerate(plan.names, start=plan.stacks + 1):
            project, _, stack = name.partition("/")
            self._own[project, stack] = Member(number, project, stack)

    def members(self, project: str = "") -> Iterator[Member]:
        for number in range(1, self.plan.stacks + 1):
            member = self._made(number)
            if not project or member.project == project:
                yield member
        yield from (one for one in self._own.values() if not project or one.project == project)

    def find(self, project: str, stack: str) -> Member | None:
        if (project, stack) in self._own:
            return self._own[project, stack]
        word, _, place = project.partition("-")
        if word != "app" or not place.isdecimal() or stack not in _STAGES:
            return None
        number = int(place) * len(_STAGES) + _STAGES.index(stack) + 1
        member = self._made(number)
        is_there = number <= self.plan.stacks and member.project == project
        return member if is_there else None

    def is_nth(self, member: Member, every: int) -> bool:
        return every > 0 and member.number % every == 0

    def tags_of(self, member: Member) -> dict[str, str]:
        found = (tag for tag, every in self.plan.tags.items() if self.is_nth(member, every))
        return dict(tag.split("=", 1) for tag in found)

    def last_update(self, member: Member) -> int | None:
        if self.is_nth(member, self.plan.never_every):
            return None
        age_s = 90 * _DAY_S if self.is_nth(member, self.plan.stale_every) else member.number * 60
        return int(self._world.started_at) - age_s

    def updates_of(self, member: Member) -> list[UpdatePlan]:
        made = self.last_update(member)
        if made is None:
            return []
        plan = self._bad if self.is_nth(member, self.plan.failed_every) else self._good
        identity = f"00000000-0000-4000-8000-{member.number:012d}"
        age_s = int(self._world.started_at) - made
        made_update = replace(plan, id=identity, version=7, ago_s=age_s, of_this_run=False)
        if not self.is_nth(member, self.plan.drifted_every):
            return [made_update]
        return [
            made_update,
            replace(self._drift, id=drift_id(member), kind="preview", refreshes=True),
        ]

    @staticmethod
    def _made(number: int) -> Member:
        project, stage = divmod(number - 1, len(_STAGES))
        return Member(number, f"app-{project:04d}", _STAGES[stage])


def drift_id(member: Member) -> str:
    return f"40000000-0000-4000-8000-{member.number:012d}"


def routes(world: World) -> Sequence[web.RouteDef]:
    plan = msgspec.convert(world.scenario.fleet, FleetPlan)
    state = world.extensions["fleet"] = FleetState(plan, world)
    reader = Reader(world, state)
    return [
        web.get("/api/user/stacks", reader.stacks),
        web.get("/api/orgs/{org}/deployments", reader.deployments),
        web.get(f"{_STACK}/drift/status", reader.drift),
        web.get(f"{_STACK}/drift/runs", reader.drift_runs),
    ]


_DRIFTED_DAYS: Final = 3


class Reader:
    def __init__(self, world: World, state: FleetState) -> None:
        self._world = world
        self._state = state

    async def stacks(self, request: web.Request) -> web.Response:
        signed_in(self._world, request)
        asked, cloud = request.query, self._world.scenario.cloud
        if asked.get("organization", cloud.organization) != cloud.organization:
            raise refuse(404, f"Not Found: organization '{asked['organization']}' not found")
        start = _number(asked.get("continuationToken", "stk-0").removeprefix("stk-"))
        most = min(_number(asked.get("maxResults", str(_MOST))), _MOST)
        found = list(
            self._matching(
                asked.get("project", ""), asked.get("tagName", ""), asked.get("tagValue", "")
            )
        )
        page = found[start : start + most]
        token = f"stk-{start + most}" if start + most < len(found) else None
        return web.json_response({"stacks": page, "continuationToken": token})

    async def deployments(self, request: web.Request) -> web.Response:
        member_of(self._world, request, request.match_info["org"])
        page = _number(request.query.get("page", "1"))
        size = min(_number(request.query.get("pageSize", "10")), _MOST)
        every = self._state.plan.deployment_failed_every
        deployed = list(self._state.members()) if every else []
        records = [self._deployment(one) for one in deployed[(page - 1) * size : page * size]]
        found = {"deployments": records, "itemsPerPage": size, "total": len(deployed)}
        return web.json_response(found)

    async def drift(self, request: web.Request) -> web.Response:
        names = request.match_info
        member_of(self._world, request, names["org"])
        member = self._state.find(names["project"], names["stack"])
        if member is None:
            raise refuse(404, "Not Found: Stack not found")
        drifted = self._state.is_nth(member, self._state.plan.drifted_every)
        found: dict[str, Any] = {"driftDetected": drifted, "runInProgress": False}
        if drifted:
            made = datetime.fromtimestamp(self._world.started_at - 3_600, UTC)
            found["latestDriftRun"] = {
                "id": f"30000000-0000-4000-8000-{member.number:012d}",
                "created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "driftDetected": True,
                "status": "succeeded",
                "detectUpdate": {"updateId": drift_id(member), "status": "succeeded"},
            }
        return web.json_response(found)

    async def drift_runs(self, request: web.Request) -> web.Response:
        """A run a day for a week: well at first, drifted for the last three."""
        names = request.match_info
        member_of(self._world, request, names["org"])
        member = self._state.find(names["project"], names["stack"])
        if member is None:
            raise refuse(404, "Not Found: Stack not found")
        drifted = self._state.is_nth(member, self._state.plan.drifted_every)
        runs = [
            self._drift_run(member, day, drifted=drifted and day < _DRIFTED_DAYS)
            for day in range(7)
        ]
        return web.json_response({"driftRuns": runs, "itemsPerPage": 100, "total": len(runs)})

    def _drift_run(self, member: Member, day: int, *, drifted: bool) -> dict[str, Any]:
        made = datetime.fromtimestamp(self._world.started_at - 3_600 - day * 86_400, UTC)
        return {
            "id": f"3{day}000000-0000-4000-8000-{member.number:012d}",
            "created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "driftDetected": drifted,
            "status": "succeeded",
            "deploymentId": f"5{day}000000-0000-4000-8000-{member.number:012d}",
            "deploymentVersion": 20 - day,
        }

    def _matching(self, project: str, tag: str, value: str) -> Iterator[dict[str, Any]]:
        """The scenario's own stack, the fleet, then the stacks that CLIs made."""
        cloud, stacks = self._world.scenario.cloud, self._world.extensions["stacks"]
        fleet = (Member(0, cloud.project, cloud.stack), *self._state.members())
        all_own = ((cloud.organization, one.project, one.stack) for one in fleet)
        own = (name for name in all_own if not stacks.is_removed(name))
        made = (name for name, _ in stacks.made() if name[0] == cloud.organization)
        for number, name in enumerate((*own, *made)):
            if project not in {"", name[1]} or (tag and stacks.tags(name).get(tag) != value):
                continue
            yield self._record(number, name)

    def _record(self, number: int, name: tuple[str, str, str]) -> dict[str, Any]:
        organization, project, stack = name
        stacks = self._world.extensions["stacks"]
        return {
            "id": f"stack-{number}",
            "orgName": organization,
            "projectName": project,
            "stackName": stack,
            "resourceCount": 12,
            "links": {"self": f"/{'/'.join(name)}"},
            **({} if stacks.is_removed(name) else self._last_update(name)),
            **stacks.summary(name),
        }

    def _last_update(self, name: tuple[str, str, str]) -> dict[str, int]:
        """What the scenario says of it."""
        cloud = self._world.scenario.cloud
        _, project, stack = name
        member, made = self._state.find(project, stack), None
        if member:
            made = self._state.last_update(member)
        elif (project, stack) == (cloud.project, cloud.stack) and cloud.updates:
            made = int(self._world.started_at) - min(one.ago_s for one in cloud.updates)
        return {} if made is None else {"lastUpdate": made}

    def _deployment(self, member: Member) -> dict[str, Any]:
        every = self._state.plan.deployment_failed_every
        made = datetime.fromtimestamp(self._world.started_at - member.number * 60, UTC)
        return {
            "id": f"10000000-0000-4000-8000-{member.number:012d}",
            "created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "modified": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": "failed" if self._state.is_nth(member, every) else "succeeded",
            "version": 7,
            "requestedBy": {"name": "Maria Lopez", "githubLogin": "maria-lopez", "avatarUrl": ""},
            "projectName": member.project,
            "stackName": member.stack,
            "pulumiOperation": "update",
            "updates": [],
            "jobs": [],
        }


def _number(text: str) -> int:
    if not text.isdecimal():
        raise refuse(400, "Bad Request: not a number")
    return int(text)
