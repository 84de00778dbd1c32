"""Pulumi Deployments of the scenario's stack: record, updates, log (generated client 2026.10.26)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.cloud.auth import member_of, refuse
from upshot_sandbox.cloud.records import environment_of, update_info
from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.scenario import DeploymentPlan, UpdatePlan
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}/deployments"
_PAGE: Final = 40
"""Lines of a log a page."""


def routes(world: World) -> Sequence[web.RouteDef]:
    reader = Reader(world)
    return [
        web.get(f"{_STACK}/version/{{version}}", reader.one),
        web.get(f"{_STACK}/{{id}}/updates", reader.updates),
        web.get(f"{_STACK}/{{id}}/logs", reader.log),
    ]


class Reader:
    def __init__(self, world: World) -> None:
        self._world = world

    async def one(self, request: web.Request) -> web.Response:
        plan = self._find(request, lambda one: str(one.version) == request.match_info["version"])
        made = datetime.fromtimestamp(self._world.started_at - 300, UTC).isoformat()
        steps = [{"name": step.name, "status": step.status, "started": made} for step in plan.steps]
        job = {"status": plan.status, "started": made, "lastUpdated": made, "steps": steps}
        return web.json_response(
            {
                "id": _id(plan),
                "created": made,
                "modified": made,
                "status": plan.status,
                "version": plan.version,
                "requestedBy": {
                    "name": "Maria Lopez",
                    "githubLogin": "maria-lopez",
                    "avatarUrl": "",
                },
                "jobs": [job],
                "latestVersion": max(one.version for one in self._plans),
                "configuration": {"environmentVariables": [], "source": {}},
                "pulumiOperation": plan.operation,
            }
        )

    async def updates(self, request: web.Request) -> web.Response:
        plan = self._by_id(request)
        made = [one for one in self._world.cloud.updates if one.id in plan.updates]
        return web.json_response([self._info(one) for one in made])

    async def log(self, request: web.Request) -> web.Response:
        lines = list(self._lines(self._by_id(request)))
        token = request.query.get("continuationToken", "0")
        if not token.isdecimal():
            raise refuse(400, "Bad Request: invalid continuation token")
        end = int(token) + _PAGE
        found: dict[str, Any] = {"lines": lines[int(token) : end]}
        if end < len(lines):
            found["nextToken"] = str(end)
        return web.json_response(found)

    @property
    def _plans(self) -> tuple[DeploymentPlan, ...]:
        return self._world.scenario.cloud.deployments

    def _lines(self, plan: DeploymentPlan) -> list[dict[str, Any]]:
        made = datetime.fromtimestamp(self._world.started_at - 300, UTC).isoformat()
        found: list[dict[str, Any]] = []
        for step in plan.steps:
            found.append({"header": step.name, "timestamp": made})
            text = step.output
            if text == "@console":
                first = self._world.scenario.cloud.updates[0]
                text = console_log(Engine(self._world.scenario.cloud, first))
            found += [{"timestamp": made, "line": f"{line}\n"} for line in text.splitlines()]
        return found

    def _info(self, plan: UpdatePlan) -> dict[str, Any]:
        scenario, github = self._world.scenario, self._world.github
        environment = environment_of(scenario, github, plan)
        engine = Engine(scenario.cloud, plan)
        started_at = self._world.started_at - plan.ago_s
        return update_info(engine, started_at, environment, latest=plan.version)

    def _by_id(self, request: web.Request) -> DeploymentPlan:
        return self._find(request, lambda one: _id(one) == request.match_info["id"])

    def _find(
        self, request: web.Request, is_wanted: Callable[[DeploymentPlan], bool]
    ) -> DeploymentPlan:
        names, cloud = request.match_info, self._world.scenario.cloud
        member_of(self._world, request, names["org"])
        if (names["project"], names["stack"]) == (cloud.project, cloud.stack):
            for plan in self._plans:
                if is_wanted(plan):
                    return plan
        raise refuse(404, "Not Found: Deployment not found")


def _id(plan: DeploymentPlan) -> str:
    return f"20000000-0000-4000-8000-{plan.version:012d}"
