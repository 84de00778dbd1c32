"""One Neo task that lives by its script: events come when their time has come. No HTTP in here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from upshot_sandbox.neo.plan import NeoPlan, NeoStep
from upshot_sandbox.neo.script import ENDS, PARKS, Spoken, Words, spell


class Happened(Struct, frozen=True):
    """One event of the task."""

    id: str
    sequence: int
    """From 1."""
    at_s: float
    spoken: Spoken


class Busy(Exception):
    """It cannot take that now (409)."""


class NeoTask:
    """Changed by requests and by time: call `catch_up` before looking at it."""

    def __init__(
        self,
        task_id: str,
        plan: NeoPlan,
        *,
        now: Callable[[], float],
        settings: dict[str, Any],
        repository: str,
    ) -> None:
        self.id = task_id
        self.name = "New task"
        self.created_at_s = now()
        self.settings = settings
        """`approvalMode`, `permissionMode`, `planMode`, `entities` as created or changed."""
        self.events: list[Happened] = []
        self.open: list[str] = []
        """Ids of approval requests that nobody has answered."""
        self.decided: dict[str, bool] = {}
        self.failed = False
        self._plan = plan
        self._now = now
        self._repository = repository
        self._queue: list[NeoStep] = []
        self._due_s = self.created_at_s
        self._words = {"message": "", "instructions": ""}
        self._steps = 0

    @property
    def is_working(self) -> bool:
        return bool(self._queue) and not self.open

    @property
    def next_due_s(self) -> float | None:
        """When the next event comes by itself; None: never."""
        if not self.is_working or self._queue[0].do == "wait":
            return None
        return self._due_s

    def catch_up(self) -> None:
        """Lets everything happen whose time has come."""
        while (due_s := self.next_due_s) is not None and due_s <= self._now():
            self._step(self._queue.pop(0), due_s)

    def hear(self, text: str) -> None:
        """A message of a person: the prompt, or a further one. Raises Busy."""
        self.catch_up()
        if self._queue or self.open:
            raise Busy("cannot respond while a request is still ongoing")
        self._record(Spoken("userInput", {"type": "user_message", "content": text}), self._now())
        self._words = {"message": text, "instructions": ""}
        is_first = len(self.events) == 1
        self._go_on(self._plan.steps if is_first else self._plan.follow_up)

    def decide(self, request_id: str, *, ok: bool, instructions: str) -> None:
        """Raises KeyError for an id that it never asked, Busy for one that is decided."""
        self.catch_up()
        if request_id in self.decided:
            raise Busy("the approval request was already answered")
        if request_id not in self.open:
            raise KeyError(request_id)
        self._confirm(request_id, ok=ok, instructions=instructions, at_s=self._now())

    def interrupt(self) -> None:
        """Stops the turn, as a person or a forced cancel wishes."""
        self.catch_up()
        was_working = self.is_working
        self._queue, self.open = [], []
        body = {"type": "cancelled", "operation_was_running": was_working}
        self._record(Spoken("agentResponse", body), self._now())

    def _go_on(self, steps: tuple[NeoStep, ...]) -> None:
        self._queue = [step for step in steps for _ in range(step.count)]
        self._due_s = self._now()
        self._plan_next()

    def _plan_next(self) -> None:
        if self._queue:
            after_s = self._queue[0].after_s
            self._due_s += self._plan.pace_s if after_s is None else after_s

    def _step(self, step: NeoStep, at_s: float) -> None:
        self._steps += 1
        words = Words(self.id, self._steps, **self._words, repository=self._repository)
        for spoken in spell(step, words):
            self._record(spoken, at_s)
        if step.do == "name":
            self.name = step.text
        if step.do in ENDS:
            self._queue = []
            self.failed = step.do == "fail"
        if step.do in PARKS:
            self._park(step, words.request_id(), at_s)
        self._plan_next()

    def _park(self, step: NeoStep, request_id: str, at_s: float) -> None:
        self.open.append(request_id)
        if self.settings.get("approvalMode") == "auto" and step.do == "ask":
            self._confirm(request_id, ok=True, instructions="", at_s=at_s, is_synthetic=True)
        elif self._queue and self._queue[0].do in PARKS and self._queue[0].after_s == 0:
            # Two requests at once: the second follows before the task parks.
            self._step(self._queue.pop(0), at_s)
        elif self._plan.says_it_waits:
            self._record(Spoken("agentResponse", {"type": "awaiting_approvals"}), at_s)

    def _confirm(
        self,
        request_id: str,
        *,
        ok: bool,
        instructions: str,
        at_s: float,
        is_synthetic: bool = False,
    ) -> None:
        body = {"type": "user_confirmation", "approval_request_id": request_id, "ok": ok}
        if instructions:
            body["instructions"] = instructions
        self._record(Spoken("userInput", body, is_synthetic), at_s)
        self.open.remove(request_id)
        self.decided[request_id] = ok
        self._words = {**self._words, "instructions": instructions}
        is_answer = bool(instructions) and self._asked(request_id) == "general"
        if not (ok or is_answer):
            self._go_on(self._plan.rejected)
        elif not is_synthetic:
            self._due_s = at_s
            self._plan_next()

    def _asked(self, request_id: str) -> str:
        return next(
            str(event.spoken.body["approval_type"])
            for event in self.events
            if event.spoken.body.get("id") == request_id
        )

    def _record(self, spoken: Spoken, at_s: float) -> None:
        number = len(self.events) + 1
        ident = f"{_hex(self.id)}-0000-4000-8000-{number:012x}"
        self.events.append(Happened(ident, number, at_s, spoken))


def _hex(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]
