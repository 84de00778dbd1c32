"""The runs of one log, one after the other: several stacks, a preview and its update.

Must not know how a run was read.
"""

from __future__ import annotations

from upshot.evidence.console.run import Run
from upshot.evidence.merge import join_runs
from upshot.model import Facts, Outcome


class Runs:
    """Keeps the open run, and the facts of those before it."""

    def __init__(self) -> None:
        self.open = Run()
        self._earlier: Facts | None = None
        self._preamble: Run | None = None

    def begin(self, run: Run) -> None:
        finished, self.open = self.open, run
        if self._earlier is None and self._preamble is None and not finished.is_told:
            self._preamble = finished
            return
        facts = finished.facts()
        self._earlier = join_runs(self._earlier, facts) if self._earlier else facts

    def facts(self) -> Facts:
        """Everything, closed.

        What stood before the first run counts only when no run says what went wrong.
        """
        facts = self.open.facts()
        if self._earlier:
            facts = join_runs(self._earlier, facts)
        if self._preamble and facts.outcome is not Outcome.SUCCEEDED and not facts.root_cause:
            before = self._preamble.facts()
            facts = join_runs(before, facts) if before.failures else facts
        return facts
