"""The stacks that CLIs have made or changed, and the updates that they have sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, field

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.plan import ProtocolPlan
from upshot_sandbox.cloud.protocol.recorded import Recorded
from upshot_sandbox.cloud.protocol.shapes import Program

Name = tuple[str, str, str]
"""Organization, project, stack."""


_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def check_name(project: str, stack: str) -> None:
    """Raises `Refusal` 400 unless a new stack may be called so."""
    for what, text in (("project", project), ("stack", stack)):
        if not _NAME.fullmatch(text):
            raise refuse(
                400, f"Bad Request: a {what} name has 1 to 100 letters, digits, '-', '_' and '.'"
            )


class LiveStack(Struct):
    """What CLIs did to one stack."""

    is_made: bool
    """By a CLI; else it is the scenario's own."""
    tags: dict[str, str] | None = None
    """None where none was set."""
    state: bytes = b""
    """What it was made with."""
    updates: list[Recorded] = field(default_factory=list)


class ProtocolState:
    """`world.extensions["protocol"]`. Changed by requests; tests read it, and may let time pass."""

    def __init__(self, plan: ProtocolPlan, now: Callable[[], float]) -> None:
        self.plan = plan
        self.stacks: dict[Name, LiveStack] = {}
        self.removed: set[Name] = set()
        """The scenario's own ones that were removed, for good: one that is made anew is a CLI's."""
        self._now = now
        self._later_s = 0.0
        self._made = 0

    def now(self) -> float:
        return self._now() + self._later_s

    def let_pass(self, seconds: float) -> None:
        """For tests: leases are so much nearer to their end."""
        self._later_s += seconds

    def touch(self, name: Name) -> LiveStack:
        """The stack, to change something of it."""
        return self.stacks.setdefault(name, LiveStack(is_made=False))

    def make(self, name: Name, tags: dict[str, str], state: bytes) -> None:
        check_name(*name[1:])
        self.stacks[name] = LiveStack(is_made=True, tags=tags, state=state)

    def remove(self, name: Name) -> None:
        found = self.stacks.pop(name, None)
        if found is None or not found.is_made:
            self.removed.add(name)

    def rename(self, name: Name, to: Name) -> None:
        self.stacks[to] = self.stacks.pop(name)

    def updates(self, name: Name) -> Sequence[Recorded]:
        """Those that were started; one whose lease has run out has failed."""
        found = self.stacks.get(name)
        for one in found.updates if found else ():
            if one.is_running and max(one.leases.values(), default=0.0) <= self.now():
                one.end("failed", self.now())
        return [one for one in found.updates if one.status != "not started"] if found else []

    def running(self, name: Name) -> Recorded | None:
        """The one that locks the stack: previews may run beside it."""
        updates = self.updates(name)
        return next((one for one in updates if one.is_running and not one.is_preview), None)

    def find(self, name: Name, identity: str) -> Recorded | None:
        self.updates(name)  # ends what has lost its lease
        found = self.stacks.get(name)
        return next((one for one in found.updates if one.id == identity), None) if found else None

    def create(self, name: Name, kind: str, program: Program) -> Recorded:
        update = Recorded(self.identity("update"), kind, program, self.now(), b"")
        self.touch(name).updates.append(update)
        return update

    def lease(self, update: Recorded, seconds: int) -> tuple[str, float]:
        """A further token of the update, and when it ends; the others keep their own end."""
        token = f"lease-{self.identity('lease')}"
        update.leases[token] = self.now() + min(seconds, self.plan.lease_s)
        return token, update.leases[token]

    def identity(self, kind: str) -> str:
        self._made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox {kind} {self._made}"))
