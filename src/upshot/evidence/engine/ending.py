"""How a run ended, by its events: what the engine says last, and what was said before."""

from __future__ import annotations

from typing import Final

from upshot.evidence.engine.events import Summary
from upshot.evidence.failure.cause import headline_of
from upshot.evidence.failure.forms import INTERRUPT
from upshot.model import Outcome
from upshot.model.limits import MESSAGE_KEPT
from upshot.text import pattern

_RESULTS: Final = {
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELLED,
    "cancelled": Outcome.CANCELLED,
}
_INTERRUPT = pattern(INTERRUPT)
_CANCELLED = pattern(
    r"(?:error: )?(?:update|preview|destroy|refresh|import|operation) (?:was )?cancell?ed\b(?!: )"
)


class Ending:
    """Takes the errors, the CLI's own lines and the summary of one run."""

    def __init__(self) -> None:
        self.summary: Summary | None = None
        self.errors = 0
        self._cancel_said = False
        self._interrupted = False
        self._failed_first = False
        """An error had come before the interrupt."""

    def error(self, message: str = "") -> None:
        """An error, which may say that the run was cancelled."""
        if message and _CANCELLED.match(headline_of(message[:MESSAGE_KEPT])):
            self._cancel_said = True
        self.errors += 1

    def printed(self, message: str) -> None:
        """A line of the CLI itself."""
        if _INTERRUPT.match(message) and not self._interrupted:
            self._interrupted, self._failed_first = True, self.errors > 0

    def outcome(self) -> Outcome:
        """What failed before an interrupt made the run fail, what failed after it is its doing.

        An interrupted run is no success, also where the engine could end all steps that it had begun.
        """
        if self._interrupted and not self._failed_first:
            return Outcome.CANCELLED
        said = _RESULTS.get(self.summary.result) if self.summary else None
        if self._cancel_said and said is not Outcome.SUCCEEDED:
            return Outcome.CANCELLED  # after one interrupt, the engine's result is `failed`
        if said:
            return said
        if self.errors:
            return Outcome.FAILED
        return Outcome.SUCCEEDED if self.summary else Outcome.UNKNOWN
