"""The answers to commands, as they looked when a person last looked at them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from tests.integration.chat.conftest import Ended, begin

from upshot_sandbox.acts import request_id
from upshot_sandbox.github.people.history import OtherRun

HERE: Final = Path(__file__).parent
QUESTION: Final = "/upshot ask Would the random suffix change when we run it again?"
WAITING: Final = "approval-task-0001-7"
GATE: Final = {"mode": "gate", "stack-name": "acme/shop/prod", "prompt": ""}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def after_report(scenario: str, command: str) -> Callable[[ExitStack, Path], Ended]:
    def scene(stack: ExitStack, folder: Path) -> Ended:
        world = begin(stack, folder, scenario)
        world.report(mode="task" if scenario.startswith("neo-") else "explain")
        return world.say(command)

    return scene


def alone(scenario: str, command: str, **inputs: str) -> Callable[[ExitStack, Path], Ended]:
    return lambda stack, folder: begin(stack, folder, scenario).say(command, inputs=inputs)


def retried(stack: ExitStack, folder: Path) -> Ended:
    world = begin(stack, folder, "failed-update")
    state, history = world.world.github, world.world.github_history
    history.runs[:] = [OtherRun(51, state.head_sha, ".github/workflows/preview.yml")]
    return world.say("/upshot retry", inputs={"commands": "retry"})


def voted(stack: ExitStack, folder: Path) -> Ended:
    world = begin(stack, folder, "gate-waiting")
    world.report(**GATE)
    text = f"/upshot approve {request_id(world.world)} --reason Checked with finance."
    return world.say(text, inputs={"stack-name": "acme/shop/prod"})


def approved_twice(stack: ExitStack, folder: Path) -> Ended:
    world = begin(stack, folder, "neo-approval")
    world.report()
    world.say(f"/upshot approve {WAITING}")
    return world.say(f"/upshot approve {WAITING}")


SCENES: Final[dict[str, Callable[[ExitStack, Path], Ended]]] = {
    "help": alone("ask", "/upshot help"),
    "unknown": alone("ask", "/upshot please"),
    "no-text": alone("ask", "/upshot ask"),
    "ask": after_report("ask", QUESTION),
    "ask-lines": after_report("ask", "/upshot ask\nTwo things:\n- is *data* lost?\n- who is @ada?"),
    "ask-offline": alone("copilot-limit", QUESTION),
    "why-failed": alone("failed-update", "/upshot why api-task"),
    "why-followed": alone("failed-update", "/upshot why api-task-logs"),
    "why-replaced": alone("replaces-database", "/upshot why orders-db"),
    "why-unknown": alone("failed-update", "/upshot why api-tsk"),
    "status": alone("failed-update", "/upshot status"),
    "status-waiting": after_report("neo-approval", "/upshot status"),
    "explain": after_report("failed-update", "/upshot explain"),
    "task": alone("neo-approval", "/upshot task Let Pulumi choose the bucket's name."),
    "neo-approve": after_report("neo-approval", f"/upshot approve {WAITING}"),
    "neo-approve-twice": approved_twice,
    "neo-reject": after_report("neo-approval", f"/upshot reject {WAITING} --reason Keep it."),
    "neo-reply": after_report("neo-question", "/upshot reply Nobody outside reads it."),
    "neo-none": alone("failed-update", "/upshot cancel"),
    "gate": voted,
    "id-unknown": alone("ask", "/upshot approve abcd-efgh-ijkl-mnop"),
    "retry": retried,
}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def shown(ended: Ended) -> str:
    """The answer without what each run has of its own: its marker and the moment."""
    answer = ended.answers[-1].partition("-->")[2].strip()
    return _MOMENT.sub("2026-11-21 10:00 UTC", answer) + "\n"


@pytest.mark.parametrize("name", SCENES)
def test_the_answer_is_the_one_that_was_looked_at(
    name: str, stack: ExitStack, tmp_path: Path
) -> None:
    text = shown(SCENES[name](stack, tmp_path))
    path = HERE / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


def test_each_file_is_an_answer() -> None:
    assert {path.stem for path in HERE.glob("*.md")} == set(SCENES)
