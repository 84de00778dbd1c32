"""Logs of jobs: GitHub's redirect, and the store on another origin, which takes no token."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from aiohttp import web
from msgspec.structs import replace

from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.github.access import in_repository, must_read, refuse
from upshot_sandbox.github.runs import FIRST_ID, TimedStep, jobs_of, timed_steps
from upshot_sandbox.scenario import JobPlan, JobStepPlan
from upshot_sandbox.wire import Refusal
from upshot_sandbox.world import World

_STORE: Final = "/actions-results/{name}.txt"
_GONE: Final = "<?xml version='1.0'?><Error><Code>BlobNotFound</Code></Error>"


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    """GitHub's side: the address of a log, signed, on the store's origin."""

    async def redirect(request: web.Request) -> web.Response:
        must_read(in_repository(world, request), "actions")
        job = _find(world, request.match_info["job"])
        if job is None or job.status != "completed" or not job.steps:
            raise refuse(404, "Not Found")
        if job.log == "expired":
            raise refuse(410, "Server Error")
        number = request.match_info["job"]
        address = f"{world.logs_url}{_STORE.format(name=number)}?{_signed(number)}"
        return web.Response(status=302, headers={"Location": address})

    path = f"{prefix}/repos/{{owner}}/{{repo}}/actions/jobs/{{job:[0-9]+}}/logs"
    return [web.get(path, redirect)]


def store_routes(world: World) -> list[web.RouteDef]:
    """The store's side: the signature is the only right that it knows."""

    async def log(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if request.rel_url.raw_query_string != _signed(name):
            raise Refusal(
                403, "<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>"
            )
        if "Authorization" in request.headers:  # as the real one: two rights contradict each other
            raise Refusal(
                400, "<?xml version='1.0'?><Error><Code>InvalidAuthenticationInfo</Code></Error>"
            )
        job = _find(world, name)
        if job is None or job.log == "lost":
            raise Refusal(404, _GONE)
        return web.Response(body=job_log(world, job), content_type="text/plain")

    return [web.get(_STORE, log)]


def job_log(world: World, job: JobPlan) -> bytes:
    """The log as GitHub gives it: a byte order mark, each line with its time, LF."""
    lines = (line for step in timed_steps(world, job) for line in _step(world, step))
    return "\ufeff".encode() + "".join(f"{line}\n" for line in lines).encode()


def _step(world: World, step: TimedStep) -> Iterator[str]:
    plan = step.plan
    if plan.conclusion == "skipped":
        return
    lines = list(_printed(world, plan)) if plan.run else _FRAME[plan.name]
    span = step.ended_at - step.started_at
    for number, line in enumerate(lines):
        at = step.started_at + (number * span / len(lines))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
        yield f"{stamp}.{int(at % 1 * 10**7):07d}Z {line}"


def _printed(world: World, plan: JobStepPlan) -> Iterator[str]:
    script = plan.run.splitlines()
    is_action = "@" in plan.run and len(script) == 1
    yield f"##[group]Run {script[0]}"
    if is_action:
        yield "with:"
        yield from (f"  {name}: {value}" for name, value in plan.inputs.items())
    else:
        yield from (f"\x1b[36;1m{line}\x1b[0m" for line in script)
        yield "shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}"
    if plan.env:
        yield "env:"
        yield from (f"  {name}: {value}" for name, value in plan.env.items())
    yield "##[endgroup]"
    yield from _output(world, plan).splitlines()
    if plan.conclusion == "failure":
        yield "##[error]Process completed with exit code 1."
    elif plan.conclusion == "cancelled":
        yield "##[error]The operation was canceled."


def _output(world: World, plan: JobStepPlan) -> str:
    if plan.output != "@console":
        return plan.output
    cloud = world.scenario.cloud
    stack = plan.stack or cloud.stack
    text = console_log(Engine(replace(cloud, stack=stack), cloud.updates[plan.update]))
    return "".join(f"{_coloured(line)}\n" for line in text.splitlines())


def _coloured(line: str) -> str:
    """With some of the colours that the CLI writes where it is asked for them."""
    for word, colour in (("error:", "\x1b[38;5;9m"), ("Updating", "\x1b[38;5;13m\x1b[1m")):
        line = line.replace(word, f"{colour}{word}\x1b[0m", 1)
    return line


def _find(world: World, number: str) -> JobPlan | None:
    jobs, at = jobs_of(world, world.scenario.deploying_run), int(number) - FIRST_ID
    return jobs[at] if 0 <= at < len(jobs) else None


def _signed(name: str) -> str:
    """A query as the store signs it: escapes that a client must leave as they are."""
    sign = sha256(f"sandbox {name}".encode()).hexdigest()[:20]
    return f"rscd=attachment%3B%20filename%3D%22{name}.txt%22&se=2026-01-01T00%3A00%3A00Z&sig={sign}%2B%2F%3D"


_FRAME: Final = {
    "Set up job": (
        "Current runner version: '2.330.0'",
        "##[group]Runner Image Provisioner",
        "Hosted Compute Agent",
        "##[endgroup]",
        "##[group]GITHUB_TOKEN Permissions",
        "Contents: read",
        "Metadata: read",
        "##[endgroup]",
        "Secret source: Actions",
        "Prepare workflow directory",
        "Complete job name: deploy",
    ),
    "Complete job": (
        "Post job cleanup.",
        "[command]/usr/bin/git version",
        "git version 2.52.0",
        "Cleaning up orphan processes",
    ),
}
