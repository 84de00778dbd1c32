"""The runs of one console log, in their order, and what stood before the first. Pure."""

from __future__ import annotations

from typing import Final

from upshot.evidence.console.run import ConsoleRun
from upshot.evidence.console.sections import find_cut_session
from upshot.evidence.merge import join_runs
from upshot.evidence.runs import by_stack
from upshot.model import Facts, Outcome

_MOST_RUNS: Final = 64


class ConsoleRuns:
    """The run that is being read, and the facts of those before it."""

    def __init__(self) -> None:
        self.open = ConsoleRun()
        self._finished: list[Facts] = []
        self._preamble: ConsoleRun | None = None

    @property
    def has_display(self) -> bool:
        """Whether any part of the engine's display was seen."""
        return bool(self._finished) or self.open.has_display

    def begin(self, run: ConsoleRun) -> None:
        finished, self.open = self.open, run
        if not self._finished and self._preamble is None and not finished.has_display:
            self._preamble = finished
            return
        self._finished.append(finished.facts())
        if len(self._finished) > _MOST_RUNS:
            self._finished[:2] = [join_runs(*self._finished[:2])]

    def accounts(self, last_line: str) -> tuple[Facts, ...]:
        """One account for each stack.

        Lines before the first run count only when the last run states no cause. `last_line` is the
        log's, without its indentation: the heading of one more run may be cut there.
        """
        kind = find_cut_session(last_line)
        if kind is not None:
            self.begin(ConsoleRun(kind, is_announced=True))
        accounts = by_stack([*self._finished, self.open.facts()])
        last = accounts[-1]
        if self._preamble and last.outcome is not Outcome.SUCCEEDED and not last.root_cause:
            before = self._preamble.facts()
            if before.failures or before.outcome is Outcome.FAILED:  # a wrapper, of its command
                accounts = (*accounts[:-1], join_runs(before, last))
        return accounts
