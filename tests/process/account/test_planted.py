"""A claim address that stands in all that people, programs and models say is shown nowhere (T66)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from tests.process.account.accounts import sinks
from tests.process.conftest import play_through

from upshot.pulumi.agents.exposure import shows
from upshot.secret import Secret
from upshot_sandbox.scenario import Scenario, load_scenario, scenario_names

TOKEN: Final = Secret("0f6e2d4c-91ab-4c53-b7de-5a80c3f1e926")
ADDRESS: Final = f"https://app.pulumi.com/claim/{TOKEN.reveal()}"
TEXTS: Final = frozenset({
    "answer", "arguments", "body", "comment", "details", "fails", "instructions", "message", "output",
    "plan", "text", "title", "warning",
})  # fmt: skip
"""Fields of a scenario that hold what a person, a program, the engine or a model says."""
LINES: Final = frozenset({"title", "message"})
"""Those of them that have one line."""
SCENARIOS: Final = [
    name
    for name in scenario_names()
    # Those with agent accounts have claim tokens of their own (`test_secrets`); the last one only waits.
    if not name.startswith("account-") and name != "neo-poll-only"
]
EVERY_RUN: Final = {"RUNNER_DEBUG": "1", "INPUT_TRANSCRIPT-FILE": "transcript.jsonl"}


def plant(value: Any, key: str = "") -> Any:
    """The same with the address at the end of every text; JSON stays JSON."""
    match value:
        case dict():
            return {name: plant(one, name) for name, one in value.items()}
        case list() | tuple():
            return [plant(one, key) for one in value]
        case str() if key in TEXTS and value and value[0] not in "@{[":
            return f"{value}{' ' if key in LINES else chr(10)}See {ADDRESS}"
    return value


@pytest.mark.parametrize("name", SCENARIOS)
def test_t66_a_claim_address_in_every_text_is_shown_nowhere(tmp_path: Path, name: str) -> None:
    found = load_scenario(name)
    scenario = msgspec.convert(plant(msgspec.to_builtins(found)), Scenario)
    job, result = play_through(scenario, tmp_path, env=EVERY_RUN)
    given = {f"file {Path(path).name}" for path in scenario.files}
    shown = [at for at, text in sinks(job, result) if at not in given and shows(text, TOKEN)]
    assert shown == []
    assert result.exit_code == found.exit_code
