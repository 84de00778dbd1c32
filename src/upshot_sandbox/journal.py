"""What the sandbox was sent, and what was wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace


class Recorded(Struct, frozen=True):
    """One request as it came in. `status` is 0 until it was answered, or when it never was."""

    service: str
    """`cloud`, `github` or `powabase`."""
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
    reply: bytes = b""
    """Body of the answer; empty for streams."""
    reply_headers: dict[str, str] = {}
    """Names in lower case."""

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def json_reply(self) -> Any:
        return json.loads(self.reply)


class Journal:
    """Requests in the order in which they came, and violations of the wire's rules."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.violations: list[str] = []

    def record(self, request: Recorded) -> int:
        """Keeps the request; returns its index, for `answered`."""
        self.requests.append(request)
        return len(self.requests) - 1

    def answered(
        self, index: int, status: int, reply: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        found = {name.lower(): value for name, value in (headers or {}).items()}
        self.requests[index] = replace(
            self.requests[index], status=status, reply=reply, reply_headers=found
        )

    def violation(self, line: str, problem: str) -> None:
        """Notes that a request broke a rule; a good client never causes one."""
        self.violations.append(f"{line}: {problem}")

    def sent(self, method: str, path: str) -> list[Recorded]:
        """The requests with this method and exactly this path."""
        return [r for r in self.requests if r.method == method and r.path == path]
