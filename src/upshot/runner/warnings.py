"""What degraded the report, in the order in which it happened."""

from __future__ import annotations

from typing import Protocol

from upshot.errors import UpshotError
from upshot.model import ReasonCode

TROUBLESHOOTING = "https://github.com/pulumi-upshot/upshot/blob/v1/docs/troubleshooting.md"


class Warns(Protocol):
    """The part of the runner's log that `Warnings` needs."""

    def warning(self, message: str, *, title: str = ..., file: str = ..., line: int = ...) -> None:
        """A warning annotation."""
        ...


class Warnings:
    """Degraded steps: each is a warning in the log, a notice in the report, and counts in `strict`."""

    def __init__(self, log: Warns) -> None:
        self._log = log
        self._notices: list[str] = []
        self._codes: list[ReasonCode] = []
        self._is_degraded = False
        self._advised: set[tuple[str, str]] = set()
        """Anchor and hint of each warning: what a person was asked to do already."""

    @property
    def notices(self) -> tuple[str, ...]:
        """One line each, for the report."""
        return tuple(self._notices)

    @property
    def codes(self) -> tuple[ReasonCode, ...]:
        """Why, for `reason-code`; empty when nothing is degraded."""
        return tuple(self._codes)

    @property
    def is_degraded(self) -> bool:
        """Something was not done as asked: exit code 1 in `strict`."""
        return self._is_degraded

    def degraded(
        self, code: ReasonCode | None, notice: str, *, hint: str = "", anchor: str = ""
    ) -> None:
        """Notes a step that could not be done as asked. The text is our own and holds no secret.

        `code` is None where another source may replace this one.
        """
        self._is_degraded = True
        if code:
            self._codes.append(code)
        self.remark(notice, hint=hint, anchor=anchor)

    def degraded_answer(self, code: ReasonCode, notice: str, *, hint: str, anchor: str) -> None:
        """Like `degraded`, without a notice: the report already shows the missing answer.

        Where a warning has asked for the same already, nothing is printed: it is said once.
        """
        self._is_degraded = True
        self._codes.append(code)
        has_said = any(anchor == said and hint in {"", told} for said, told in self._advised)
        if not (anchor and has_said):
            self._warn(notice, hint, anchor)

    def degraded_by(self, code: ReasonCode | None, notice: str, error: UpshotError) -> None:
        """Like `degraded`, because of an error: its message is added to the notice."""
        self.degraded(code, f"{notice}: {error.message}", hint=error.hint, anchor=error.anchor)

    def refused(self, code: ReasonCode, notice: str) -> None:
        """Like `degraded`, without a warning: an error annotation says it already."""
        self._is_degraded = True
        self._codes.append(code)
        self.note(notice)

    def remark(self, notice: str, *, hint: str = "", anchor: str = "") -> None:
        """A warning, and a line in the report, that `strict` does not count."""
        if notice not in self._notices:
            self._notices.append(notice)
            self._warn(notice, hint, anchor)

    def note(self, notice: str) -> None:
        """A line in the report about something that is no fault."""
        if notice not in self._notices:
            self._notices.append(notice)

    def _warn(self, notice: str, hint: str, anchor: str) -> None:
        self._advised.add((anchor, hint))
        self._log.warning(format_message(notice, hint, anchor), title="Upshot")


def format_message(message: str, hint: str = "", anchor: str = "") -> str:
    """A message for the job log: what was found, who must act, where to read on."""
    lines = [message]
    if hint:
        lines.append(hint)
    if anchor:
        lines.append(f"{TROUBLESHOOTING}#{anchor}")
    return "\n".join(lines)
