"""What the sandbox was sent, and what was wrong with it."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct


class Recorded(Struct, frozen=True):
    """One request as it came in. `status` is 0 until it was answered, or when it never was."""

    service: str
    """`cloud` or `github`."""
    method: str
    path: str
    """Without the query, percent-encoding kept."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    at_s: float
    """Seconds since the sandbox started."""
    status: int = 0

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Journal:
    """Requests in the order in which they came, and violations of the wire's rules."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.violations: list[str] = []

    def record(self, request: Recorded) -> int:
        """Keeps the request; returns its index, for `answered`."""
        self.requests.append(request)
        return len(self.requests) - 1

    def answered(self, index: int, status: int) -> None:
        earlier = self.requests[index]
        self.requests[index] = Recorded(
            service=earlier.service,
            method=earlier.method,
            path=earlier.path,
            query=earlier.query,
            headers=earlier.headers,
            body=earlier.body,
            at_s=earlier.at_s,
            status=status,
        )

    def violation(self, line: str, problem: str) -> None:
        """Notes that a request broke a rule; a good client never causes one."""
        self.violations.append(f"{line}: {problem}")

    def sent(self, method: str, path: str) -> list[Recorded]:
        """The requests with this method and exactly this path."""
        return [r for r in self.requests if r.method == method and r.path == path]
