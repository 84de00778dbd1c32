"""Commits, reviews, activity, teams, environments and runs by REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import (
    in_repository,
    must_read,
    must_write,
    refuse,
    signed_in,
)
from upshot_sandbox.github.paging import paged
from upshot_sandbox.github.people.history import Commit, History, OtherRun, Push, Review
from upshot_sandbox.github.people.teams import team_shape
from upshot_sandbox.github.runs import workflow_run
from upshot_sandbox.scenario import RUN_ID
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World


class Dispatch(Struct):
    ref: str
    inputs: dict[str, str] = {}


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    handlers = Handlers(world)
    base = f"{prefix}/repos/{{owner}}/{{repo}}"
    run = f"{base}/actions/runs/{{run:[0-9]+}}"
    team = f"{prefix}/orgs/{{org}}/teams/{{team}}"
    return [
        web.get(f"{base}/commits/{{sha}}", handlers.commit),
        web.get(f"{base}/pulls/{{number:[0-9]+}}/reviews", handlers.reviews),
        web.get(f"{base}/activity", handlers.activity),
        web.get(f"{base}/actions/runs", handlers.runs),
        web.get(run, handlers.run),
        web.get(f"{run}/approvals", handlers.approvals),
        web.post(f"{run}/rerun-failed-jobs", handlers.rerun),
        web.post(f"{base}/actions/workflows/{{file}}/dispatches", handlers.dispatch),
        web.get(team, handlers.team),
        web.get(f"{team}/memberships/{{login}}", handlers.membership),
    ]


class Handlers:
    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.github
        self.history: History = world.github_history

    async def commit(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        found = self.history.commits.get(request.match_info["sha"])
        if found is None:
            raise refuse(422, f"No commit found for SHA: {request.match_info['sha']}")
        return web.json_response(self._commit(found))

    async def reviews(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        return paged(request, [self._review(review) for review in self.history.reviews])

    async def activity(self, request: web.Request) -> web.Response:
        names = (request.match_info["owner"].lower(), request.match_info["repo"].lower())
        access = signed_in(self.world, request)
        if names != (self.state.head_owner.lower(), self.state.repo.lower()):
            raise refuse(404, "Not Found")
        must_read(access, "contents")
        ref = request.query.get("ref", "")
        found = [p for p in reversed(self.history.pushes) if ref in {"", p.ref}]
        return web.json_response([self._push(n, push) for n, push in enumerate(found)])

    async def runs(self, request: web.Request) -> web.Response:
        must_read(in_repository(self.world, request), "actions")
        sha = request.query.get("head_sha", "")
        found = [self._run(run) for run in self.history.runs if sha in {"", run.sha}]
        return paged(request, found, key="workflow_runs")

    async def run(self, request: web.Request) -> web.Response:
        must_read(in_repository(self.world, request), "actions")
        if request.match_info["run"] != RUN_ID:
            raise refuse(404, "Not Found")
        return web.json_response(workflow_run(self.world, 1))

    async def approvals(self, request: web.Request) -> web.Response:
        must_read(in_repository(self.world, request), "actions")
        if request.match_info["run"] != RUN_ID:
            raise refuse(404, "Not Found")
        api = self.world.github_url
        found = [
            {
                "environments": [{"id": 161_088_068, "name": one.environment}],
                "state": one.state,
                "user": shapes.user(api, one.user),
                "comment": one.comment,
            }
            for one in self.history.environment_reviews
        ]
        return web.json_response(found)

    async def rerun(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "actions")
        number = int(request.match_info["run"])
        found = next((run for run in self.history.runs if run.id == number), None)
        if found is None:
            raise refuse(404, "Not Found")
        if found.status != "completed":
            raise refuse(403, "This workflow is already running")
        found.status, found.conclusion, found.reruns = "in_progress", None, found.reruns + 1
        return web.json_response({}, status=201)

    async def dispatch(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "actions")
        body = await read_body(request, Dispatch, self.world.journal)
        self.history.dispatches.append(
            {"file": request.match_info["file"], "ref": body.ref, "inputs": body.inputs}
        )
        return web.Response(status=204)

    async def team(self, request: web.Request) -> web.Response:
        members = self._members(request)
        found = team_shape(
            self.world.github_url,
            self.state.user(self.state.owner),
            request.match_info["team"],
            members=len(members),
            made_at=self.world.started_at,
        )
        return web.json_response(found)

    async def membership(self, request: web.Request) -> web.Response:
        members = self._members(request)
        if request.match_info["login"] not in members:
            raise refuse(404, "Not Found")
        return web.json_response({"url": "", "role": "member", "state": "active"})

    def _members(self, request: web.Request) -> set[str]:
        """A job's own token sees no team: 404, as for a team that is not there."""
        access = signed_in(self.world, request)
        found = self.history.teams.get(request.match_info["team"])
        is_ours = request.match_info["org"].lower() == self.state.owner.lower()
        if not is_ours or found is None or access.permissions.get("members") is None:
            raise refuse(404, "Not Found")
        return found

    def _commit(self, commit: Commit) -> dict[str, Any]:
        api = self.world.github_url
        base = f"{api}/repos/{self.state.plan.repository}"
        person = {"name": commit.author, "email": f"{commit.author}@example.com"}
        stamp = {"date": shapes.timestamp(self.world.started_at - 900)}
        return {
            "sha": commit.sha,
            "node_id": f"C_{commit.sha[:12]}",
            "commit": {
                "author": person | stamp,
                "committer": person | stamp,
                "message": commit.message,
                "tree": {"sha": commit.tree, "url": f"{base}/git/trees/{commit.tree}"},
                "url": f"{base}/git/commits/{commit.sha}",
                "comment_count": 0,
            },
            "url": f"{base}/commits/{commit.sha}",
            "html_url": f"{shapes.SERVER}/{self.state.plan.repository}/commit/{commit.sha}",
            "comments_url": f"{base}/commits/{commit.sha}/comments",
            "author": shapes.user(api, self.state.user(commit.author)),
            "committer": shapes.user(api, self.state.user(commit.committer)),
            "parents": [],
        }

    def _review(self, review: Review) -> dict[str, Any]:
        api = self.world.github_url
        pull = f"{api}/repos/{self.state.plan.repository}/pulls/{self.state.plan.pull_request}"
        page = f"{shapes.SERVER}/{self.state.plan.repository}/pull/{self.state.plan.pull_request}"
        html = f"{page}#pullrequestreview-{review.id}"
        return {
            "id": review.id,
            "node_id": review.node_id,
            "user": shapes.user(api, review.author),
            "body": review.body,
            "state": review.state,
            "html_url": html,
            "pull_request_url": pull,
            "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
            "submitted_at": shapes.timestamp(review.submitted_at),
            "commit_id": review.commit,
            "author_association": "CONTRIBUTOR",
        }

    def _push(self, number: int, push: Push) -> dict[str, Any]:
        return {
            "id": 1_000 + number,
            "node_id": f"PSH_{number}",
            "before": push.before,
            "after": push.after,
            "ref": push.ref,
            "timestamp": shapes.timestamp(push.at),
            "activity_type": push.kind,
            "actor": shapes.user(self.world.github_url, push.actor),
        }

    def _run(self, run: OtherRun) -> dict[str, Any]:
        changed = {"path": run.path, "status": run.status, "conclusion": run.conclusion}
        number = {"id": run.id, "head_sha": run.sha}
        return workflow_run(self.world, 1 + run.reruns) | changed | number
