"""While an AI takes its time: a sign of life every 30 seconds, and no write where none is needed."""

from __future__ import annotations

import threading

import pytest
from tests.stage import Stage

from upshot.model import Facts
from upshot.modes.asking.facts_first import FactsFirst
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.interface import PullRequestContext


class Waits:
    """Says at once that no answer came, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked: list[float] = []

    def __call__(self, _answered: threading.Event, seconds: float) -> bool:
        self.asked.append(seconds)
        self.left -= 1
        return self.left < 0


def watch(stage: Stage, backend: str, waits: Waits) -> str:
    job = stage.job(comment_mode="off")
    lookup = PullRequestLookup(job, PullRequestContext())
    with FactsFirst(job, Case(Facts()), backend, lookup, wait=waits) as watched:
        watched.on_sent()
    return stage.out.getvalue()


@pytest.mark.parametrize(("backend", "title"), [("copilot", "Copilot"), ("neo", "Neo")])
def test_the_log_says_every_30_seconds_that_we_wait(stage: Stage, backend: str, title: str) -> None:
    waits = Waits(3)
    said = watch(stage, backend, waits)
    assert set(waits.asked) == {30.0}
    for seconds in (30, 60, 90):
        assert f"Still waiting for Pulumi {title}: {seconds} s" in said
    assert said.count("Still waiting") == 3


def test_an_answer_within_30_seconds_and_the_offline_rules_say_nothing(stage: Stage) -> None:
    assert "Still waiting" not in watch(stage, "copilot", Waits(0))
    assert "Still waiting" not in watch(stage, "local", Waits(3))
