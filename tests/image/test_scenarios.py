"""Every scenario of the sandbox in the image, which holds all modules that a run asks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from rootfs.contents import read_contents
from tests.image.conftest import NAME
from tests.process.conftest import play_through
from tools.image.container import Container

from upshot_sandbox.scenario import load_scenario, scenario_names

if TYPE_CHECKING:
    from tools.image.engine import Engine

pytestmark = pytest.mark.image

PYTHON: Final = "/usr/local/bin/python"
TRACED: Final = ("-I", "-X", "importtime", "/app/entrypoint.py")
ASKED: Final = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)
DONE_WITHOUT: Final = frozenset(["anyio", "cryptography"])
"""What a library looks for and does without."""


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_ends_as_it_says_and_misses_no_module(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    scenario = load_scenario(name)
    host = Container(engine, NAME, PYTHON, TRACED)
    _, result = play_through(scenario, tmp_path, host=host)
    assert result.exit_code == scenario.exit_code, result.log
    assert result.outputs["verdict"] in {"succeeded", "no-changes", "failed", "unknown"}
    is_refused = result.outputs["reason-code"] == "not-allowed"
    assert len(result.summary) > 100 or is_refused
    asked = set(ASKED.findall(result.log))
    assert len(asked) > 100
    missed = {module for module in asked if read_contents().leaves_out(module)}
    assert {module.partition(".")[0] for module in missed} <= DONE_WITHOUT
