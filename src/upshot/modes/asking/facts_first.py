"""The facts on the pull request while an AI takes its time, and a sign of life in the log.

A person who waits for a failed deployment needs the facts now; the explanation is edited in when it
comes. An AI that answers at once costs no extra write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from msgspec.structs import replace

from upshot.inputs.choices import CommentMode
from upshot.job import Job
from upshot.model import BackendName, NoAnswer
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.registry import BACKENDS

_PATIENCE_S: Final = 0.8
"""Seconds after the request in which an answer makes the early write unnecessary."""
_SIGN_S: Final = 30.0
"""Seconds between two lines in the log."""


class FactsFirst:
    """Watches one request to an AI, from `on_sent` to the end of the `with` block."""

    def __init__(
        self,
        job: Job,
        case: Case,
        backend: str,
        lookup: PullRequestLookup,
        *,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """`backend` is the name of the one that is asked; `wait` says whether the answer came within
        so many seconds.
        """
        self._wait = wait
        self._job = job
        self._case = case
        self._title = BACKENDS[backend].title
        self._lookup = lookup
        is_slow = BACKENDS[backend].is_ai and not BACKENDS[backend].shows_progress
        is_kept_current = job.inputs.publish.comment_mode is CommentMode.UPDATE
        self._is_early = is_slow and is_kept_current and not job.inputs.run.dry_run
        self._is_ai = BACKENDS[backend].is_ai
        self._answered = threading.Event()
        self._thread: threading.Thread | None = None

    def on_sent(self) -> None:
        """The request is on its way: starts the look-up on GitHub, and the watch."""
        self._lookup.start()
        if self._is_ai and self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="facts-first", daemon=True)
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _stop: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        """Waits for a write that is on its way, so that the last one is the final report's."""
        self._answered.set()
        if kind is None and self._thread is not None:
            self._thread.join()

    def wait(self, within_s: float) -> None:
        """Waits for an early write that is on its way, so that a later one comes after it."""
        if self._thread is not None:
            self._thread.join(within_s)

    def _watch(self) -> None:
        if self._is_early and not self._wait(self._answered, _PATIENCE_S):
            self._guarded(self._publish)
        waited_s = 0.0
        while not self._wait(self._answered, _SIGN_S):
            waited_s += _SIGN_S
            self._job.log.info(f"Still waiting for {self._title}: {waited_s:.0f} s")

    def _publish(self) -> None:
        context = self._lookup.result()
        if self._answered.is_set() or context.thread is None:
            return
        from upshot.modes.shared.report import show_progress

        words = f"{self._title} has been asked; its explanation will be added here."
        case = replace(self._case, notices=(*self._case.notices, words))
        receipt = show_progress(self._job, case, NoAnswer(BackendName.LOCAL), context)
        if receipt:
            action = receipt.action
            self._job.log.info(f"comment {action} with the facts; the explanation follows")
            self._lookup.invalidate(early_action=action)

    def _guarded(self, work: Callable[[], None]) -> None:
        """A fault here costs the early write only: the final report meets it again, and says so."""
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - see above
            self._job.log.debug(f"No early report: {type(fault).__name__}")
