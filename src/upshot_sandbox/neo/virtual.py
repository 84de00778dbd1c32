"""Neo behind an httpx transport with a clock that only waiting moves: an hour's task in no time.

For tests and benchmarks that count requests and measure delays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from upshot_sandbox.faults import Fault, FaultKind, Faults
from upshot_sandbox.neo.plan import NeoPlan
from upshot_sandbox.neo.service import DOCUMENTED, TODAY, Denied, Neo
from upshot_sandbox.neo.shapes import event_today, task_documented, task_today
from upshot_sandbox.neo.task import NeoTask

START_S = 1_796_000_000.0


class VirtualClock:
    """Moves when a caller sleeps on it, or waits for a virtual server."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self.at_s

    def now(self) -> float:
        return START_S + self.at_s

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at_s += seconds


class VirtualNeo(httpx.BaseTransport):
    """One organization, `acme`, whose Neo lives by a plan."""

    def __init__(
        self,
        plan: NeoPlan,
        clock: VirtualClock,
        *,
        wire: str = "today",
        faults: Sequence[Fault] = (),
        round_trip_s: float = 0.0,
    ) -> None:
        self.clock = clock
        self.neo = Neo(plan, now=clock.now, wire=wire, repository="acme/shop")
        self.requests: list[httpx.Request] = []
        self.at_s: list[float] = []
        """When each of them was answered, in the clock's `now`."""
        self.after: Callable[[str], None] = lambda _: None
        """Called with `METHOD /path` when a request was done and its reply is on the way."""
        self.user: dict[str, Any] = {"githubLogin": "maria-lopez"}
        self._base = (TODAY if wire == "today" else DOCUMENTED) + "/acme/tasks"
        self._faults = Faults(faults)
        self._round_trip_s = round_trip_s

    @property
    def lines(self) -> list[str]:
        """`METHOD /path` of every request, in order."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        self.clock.at_s += self._round_trip_s
        self.at_s.append(self.clock.now())
        fault = self._faults.due(self.lines[-1])
        match fault.kind if fault else None:
            case FaultKind.DROP:
                raise httpx.ReadError("connection reset", request=request)
            case FaultKind.LOSE_REPLY:
                self._answer(request)
                raise httpx.ReadError("connection reset", request=request)
            case FaultKind.STATUS:
                assert fault
                headers = {"Content-Type": fault.content_type, **fault.headers}
                return httpx.Response(fault.status, headers=headers, text=fault.body)
        reply = self._answer(request)
        self.after(self.lines[-1])
        return reply

    def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._route(request)
        except Denied as denied:
            body = {"code": denied.status, "message": denied.message}
            return httpx.Response(denied.status, json=body)

    def _route(self, request: httpx.Request) -> httpx.Response:
        path, neo = request.url.path, self.neo
        if path == "/api/user":
            return httpx.Response(200, json=self.user)
        if path == "/api/orgs/acme/neo/token-budget":
            return httpx.Response(200, json=neo.budget())
        found = re.fullmatch(re.escape(self._base) + r"(?:/([^/]+)(/.+)?)?", path)
        if not found:
            raise Denied(404, "Not Found")
        task_id, rest = found.group(1) or "", found.group(2) or ""
        return self._tasks(request, request.method, task_id, rest)

    def _tasks(
        self, request: httpx.Request, method: str, task_id: str, rest: str
    ) -> httpx.Response:
        neo, is_today, body = self.neo, self.neo.wire == "today", request.content
        draw = task_today if is_today else task_documented
        match method, bool(task_id), rest:
            case "GET", False, "":
                return httpx.Response(200, json=neo.page(request.url.params))
            case "POST", False, "":
                return self._create(request)
            case "GET", True, "":
                return httpx.Response(200, json=draw(neo.find(task_id)))
            case "POST", True, "":
                neo.respond(task_id, body)
                return httpx.Response(202)
            case "GET", True, "/events":
                return httpx.Response(200, json=neo.events(task_id, request.url.params))
            case "PATCH", True, "" if is_today:
                return httpx.Response(200, json=draw(neo.change(task_id, body)))
            case "POST", True, "/cancel" if is_today:
                neo.cancel(task_id, body)
                return httpx.Response(204)
            case "GET", True, "/events/stream" if is_today and neo.plan.streams:
                stream = _VirtualStream(self, neo.find(task_id), request)
                headers = {"Content-Type": "text/event-stream"}
                return httpx.Response(200, headers=headers, stream=stream)
        raise Denied(404, "Not Found")

    def _create(self, request: httpx.Request) -> httpx.Response:
        delay_s = self.neo.plan.create_delay_s
        patience_s = request.extensions["timeout"]["read"]
        task = self.neo.create(request.content)
        self.clock.at_s += min(delay_s, patience_s)
        if delay_s > patience_s:
            raise httpx.ReadTimeout("no answer", request=request)
        if self.neo.wire == "today":
            return httpx.Response(201, json={"taskId": task.id})
        return httpx.Response(200, json=task_documented(task))


class _VirtualStream(httpx.SyncByteStream):
    def __init__(self, server: VirtualNeo, task: NeoTask, request: httpx.Request) -> None:
        self._server = server
        self._task = task
        self._request = request
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        plan, task, clock = self._server.neo.plan, self._task, self._server.clock
        last_id = self._request.headers.get("last-event-id", "")
        first = given = len(task.events) - len(self._server.neo.after(task, last_id))
        patience_s = self._request.extensions["timeout"]["read"]
        while not plan.holds_back:
            task.catch_up()
            while given < len(task.events):
                event = task.events[given]
                text = json.dumps(event_today(event), ensure_ascii=False)
                frame = f"id: {event.id}\ndata: {text}\n\n".encode()
                if self._server.neo.breaks_at(given - first):
                    yield frame[: len(frame) // 2]
                    raise httpx.ReadError("connection reset", request=self._request)
                yield frame
                given += 1
            if plan.keep_alive_s > patience_s and task.next_due_s is None:
                break
            due_s = task.next_due_s
            wait_s = plan.keep_alive_s if due_s is None else max(0.0, due_s - clock.now())
            clock.at_s += min(wait_s, plan.keep_alive_s) + 1e-6
            if wait_s >= plan.keep_alive_s:
                yield b": keep-alive\n\n"
        clock.at_s += patience_s
        raise httpx.ReadTimeout("silence", request=self._request)

    def close(self) -> None:
        self.is_closed = True
