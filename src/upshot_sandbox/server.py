"""The sandbox as a running server: its services on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from upshot_sandbox.chats.service import chat_routes
from upshot_sandbox.cloud.routes import cloud_routes
from upshot_sandbox.faults import Dropped, act_up
from upshot_sandbox.github.joblogs import store_routes
from upshot_sandbox.github.routes import github_routes, rate_limits
from upshot_sandbox.journal import Recorded
from upshot_sandbox.powabase.routes import powabase_routes
from upshot_sandbox.scenario import Scenario
from upshot_sandbox.wire import Malformed, Refusal, line_of
from upshot_sandbox.world import World

HOST: Final = "127.0.0.1"
_BIGGEST_BODY: Final = 64 * 1024 * 1024


class Sandbox:
    """Serves a scenario while it is entered.

    ::

        with Sandbox(load_scenario("failed-update")) as sandbox:
            httpx.get(f"{sandbox.cloud_url}/api/capabilities")
        assert sandbox.world.journal.violations == []
    """

    def __init__(self, scenario: Scenario, *, port: int = 0) -> None:
        """`port` is Pulumi Cloud's, GitHub, its log store, the chats and Powabase take the next ones;
        0: the system chooses.
        """
        self.world = World(scenario)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @property
    def cloud_url(self) -> str:
        return self.world.cloud_url

    @property
    def github_url(self) -> str:
        return self.world.github_url

    @property
    def powabase_url(self) -> str:
        return self.world.powabase_url

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runners: list[web.AppRunner] = []
        try:
            self._loop.run_until_complete(self._listen(runners))
        except OSError as error:
            self._failure = error
        else:
            self._ready.set()
            self._loop.run_forever()
        finally:
            for runner in runners:
                self._loop.run_until_complete(runner.cleanup())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
            self._ready.set()

    async def _listen(self, runners: list[web.AppRunner]) -> None:
        services = ["cloud", "github", "logs", "chats"]
        if self.world.scenario.powabase is not None:
            services.append("powabase")
        urls = {}
        for number, service in enumerate(services):
            runner = web.AppRunner(build_app(self.world, service), shutdown_timeout=0.1)
            runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, HOST, self._port and self._port + number).start()
            urls[service] = f"http://{HOST}:{runner.addresses[0][1]}"
        self.world.cloud_url, self.world.github_url = urls["cloud"], urls["github"]
        self.world.logs_url, self.world.chats_url = urls["logs"], urls["chats"]
        self.world.powabase_url = urls.get("powabase", "")


def build_app(world: World, service: str) -> web.Application:
    """One of the services as an application: journal, then faults, then the routes."""
    app = web.Application(
        client_max_size=_BIGGEST_BODY,
        middlewares=[_journal(world, service), _faults(world), _refusals(world, service)],
    )
    if service == "cloud":
        app.add_routes(cloud_routes(world))
    elif service == "chats":
        app.add_routes(chat_routes(world))
    elif service == "powabase":
        app.add_routes(powabase_routes(world))
    elif service == "logs":
        app.add_routes(store_routes(world))
    else:
        app.add_routes(github_routes(world))
        app.on_response_prepare.append(rate_limits(world))
    return app


def _journal(world: World, service: str) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            # What was unpacked until then is dropped: the request is refused.
            world.journal.violation(line_of(request), "the body is larger than 64 MiB")
            refused = {"code": 413, "message": "Request Entity Too Large"}
            return web.json_response(refused, status=413)
        index = world.journal.record(
            Recorded(
                service=service,
                method=request.method,
                path=request.rel_url.raw_path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=body,
                at_s=world.now() - world.started_at,
            )
        )
        try:
            reply = await handler(request)
        except Dropped:
            # The connection is gone already; this reply reaches nobody.
            return web.Response(status=500)
        told = reply.body if isinstance(reply, web.Response) else b""
        told = told if isinstance(told, bytes) else b""
        world.journal.answered(index, reply.status, told, reply.headers)
        return reply

    return middleware


def _faults(world: World) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = world.faults.due(line_of(request))
        return await (act_up(fault, request, handler) if fault else handler(request))

    return middleware


def _refusals(world: World, service: str) -> Any:
    """Turns what handlers raise into the service's own errors; notes unknown paths."""

    def not_served(error: web.HTTPException) -> web.Response:
        body: dict[str, Any] = {"message": "Not Found"}
        body |= {"status": "404"} if service == "github" else {"code": 404}
        return web.json_response(body, status=error.status)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        line = line_of(request)
        with contextlib.suppress(KeyError):
            _foreign_token(world, service, request.headers["Authorization"], line)
        try:
            return await handler(request)
        except Refusal as refusal:
            return refusal.response()
        except Malformed as error:
            world.journal.violation(line, str(error))
            status = 422 if service == "github" else 400
            return web.json_response({"code": status, "message": str(error)}, status=status)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            world.journal.violation(line, "this service has no such route")
            return not_served(error)

    return middleware


def _foreign_token(world: World, service: str, header: str, line: str) -> None:
    foreign = {"cloud": ("ghs_",), "logs": ("",), "chats": ("",)}.get(service, ("pul-",))
    if any(token in header for token in foreign):
        world.journal.violation(line, "a token was sent to a host that it does not belong to")
