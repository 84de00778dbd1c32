"""The same scenario gives the same comment, summary and outputs, in the container and without one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.process.conftest import play_through

from upshot_sandbox.scenario import load_scenario, scenario_names

if TYPE_CHECKING:
    from pathlib import Path

    from tests.process.composite.steps import Steps
    from tests.process.conftest import Play

    from upshot_sandbox.runner import RunResult

SLOW: Final = frozenset(
    [
        "chat-ask",
        "chat-why",
        "copilot-down",
        "github-down",
        "issue-closed",
        "neo-approve-by-comment",
        "neo-documented",
        "neo-poll-only",
        "neo-approval",
        "gate-approved",
        "gate-plan-changed",
        "gate-quorum",
        "gate-rejected",
        "gate-stale",
    ]
)
"""Some seconds each, and no other way through the program."""
SAME: Final = [name for name in scenario_names() if name not in SLOW]
CHANGING: Final = (
    r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b",  # words that a person types, each bound to its run
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| UTC)?",
    r'"(?:started|seal|digest|asked|joined)":"?\w+"?',
    r'"(?:duration_s|started_at)":[0-9.]+',
    r"\b\d+(\.\d+)? (s|h|min)\b",
)


def test_thirty_scenarios_and_more_are_compared() -> None:
    assert len(SAME) >= 30


@pytest.mark.parametrize("name", SAME)
def test_the_steps_give_what_the_container_gives(
    play: Play, tmp_path: Path, steps: Steps, name: str
) -> None:
    theirs = play(name)
    _, ours = play_through(load_scenario(name), tmp_path, host=steps)
    assert ours.exit_code == theirs.exit_code
    assert shown(ours) == shown(theirs)
    assert set(ours.lines) == set(theirs.lines), "how often Neo is polled depends on the time"
    assert ours.warnings == theirs.warnings
    assert ours.errors == theirs.errors


def shown(result: RunResult) -> dict[str, Any]:
    """What people and programs see, without what is another in each run."""
    outputs = {name: steady(text) for name, text in result.outputs.items()}
    outputs.pop("duration-seconds")
    return {
        "comments": [steady(text) for text in result.comments],
        "summary": steady(result.summary),
        "issues": [steady(issue.body) for issue in result.issues],
        "outputs": outputs,
    }


def steady(text: str) -> str:
    for pattern in CHANGING:
        text = re.sub(pattern, "", text)
    return text
