"""Labels by REST: those of the repository, each name there once, and those on the pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import in_repository, must_write, refuse
from upshot_sandbox.github.issues import invalid
from upshot_sandbox.github.paging import paged
from upshot_sandbox.github.state import Label
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World

_LONGEST: Final = 50
_LONGEST_ABOUT: Final = 100
_MOST_OF_ISSUE: Final = 100
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_HEX_DIGITS: Final = 6


class NewLabel(Struct):
    name: str
    color: str = "ededed"
    description: str = ""


class Names(Struct):
    labels: list[str]


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    handlers = Handlers(world)
    base = f"{prefix}/repos/{{owner}}/{{repo}}"
    one, pull = f"{base}/labels/{{name}}", f"{base}/issues/{{number:[0-9]+}}/labels"
    return [
        web.post(f"{base}/labels", handlers.create),
        web.get(one, handlers.get),
        web.delete(one, handlers.delete),
        web.get(pull, handlers.list_of_pull),
        web.post(pull, handlers.add_to_pull),
        web.delete(f"{pull}/{{name}}", handlers.remove_from_pull),
    ]


class Handlers:
    """Handlers for the labels; of issues only the pull request has some that can be changed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.github

    async def create(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues", "pull_requests")
        body = await read_body(request, NewLabel, self.world.journal)
        if len(body.name) > _LONGEST or len(body.description) > _LONGEST_ABOUT:
            raise invalid("Label", "name")
        if len(body.color) != _HEX_DIGITS or not set(body.color) <= _HEX:
            raise invalid("Label", "color")
        if body.name.lower() in self.state.labels:
            raise invalid("Label", "name", "already_exists")
        made = Label(body.name, body.color.lower(), body.description)
        self.state.labels[body.name.lower()] = made
        return web.json_response(self._shape(made), status=201)

    async def get(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        return web.json_response(self._shape(self._known(request)))

    async def delete(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues", "pull_requests")
        name = self._known(request).name.lower()
        del self.state.labels[name]
        self.state.pull_labels.discard(name)
        return web.Response(status=204)

    async def list_of_pull(self, request: web.Request) -> web.Response:
        in_repository(self.world, request)
        self._known_pull(request)
        return paged(request, shapes.labels_of_pull(self.world.github_url, self.state))

    async def add_to_pull(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues", "pull_requests")
        self._known_pull(request)
        body = await read_body(request, Names, self.world.journal)
        names = {name.lower(): name for name in body.labels}
        if any(not name.strip() or len(name) > _LONGEST for name in names):
            raise invalid("Label", "name")
        if len(self.state.pull_labels | names.keys()) > _MOST_OF_ISSUE:
            raise invalid("Issue", "labels", "unprocessable")
        for lower, name in names.items():
            self.state.labels.setdefault(lower, Label(name))  # GitHub makes what is not there
        self.state.pull_labels |= names.keys()
        return web.json_response(shapes.labels_of_pull(self.world.github_url, self.state))

    async def remove_from_pull(self, request: web.Request) -> web.Response:
        must_write(in_repository(self.world, request), "issues", "pull_requests")
        self._known_pull(request)
        name = self._known(request).name.lower()
        if name not in self.state.pull_labels:
            raise refuse(404, "Label does not exist")
        self.state.pull_labels.remove(name)
        return web.json_response(shapes.labels_of_pull(self.world.github_url, self.state))

    def _known(self, request: web.Request) -> Label:
        found = self.state.labels.get(request.match_info["name"].lower())
        if found is None:
            raise refuse(404, "Not Found")
        return found

    def _known_pull(self, request: web.Request) -> None:
        if int(request.match_info["number"]) != (self.state.plan.pull_request or -1):
            raise refuse(404, "Not Found")

    def _shape(self, found: Label) -> dict[str, object]:
        return shapes.label(self.world.github_url, self.state, found)
