"""Work beside the AI: started once, waited for when needed."""

from __future__ import annotations

import threading

import pytest

from upshot.modes.shared.lookup import BackgroundTask


def test_the_result_is_there_without_an_explicit_start() -> None:
    assert BackgroundTask(lambda: 7).result() == 7


def test_starting_twice_works_once() -> None:
    calls: list[int] = []
    errand = BackgroundTask(lambda: calls.append(1))
    errand.start()
    errand.start()
    errand.result()
    assert calls == [1]


def test_it_runs_beside_the_caller() -> None:
    go = threading.Event()
    errand = BackgroundTask(lambda: go.wait(5))
    errand.start()
    go.set()
    assert errand.result() is True


def test_a_fault_reaches_who_asks_for_the_result() -> None:
    def work() -> int:
        raise ValueError("broken")

    errand = BackgroundTask(work)
    errand.start()
    with pytest.raises(ValueError, match="broken"):
        errand.result()
