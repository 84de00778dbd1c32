"""composite/action.yml says what action.yml says, and takes nothing untrusted into a script."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.composite import composite

ROOT = Path(__file__).parents[2]
DOCKER: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
COMPOSITE: dict[str, Any] = yaml.safe_load((ROOT / "composite/action.yml").read_text("utf-8"))
STEPS = COMPOSITE["runs"]["steps"]


def test_it_is_written_from_action_yml() -> None:
    wanted = composite((ROOT / "action.yml").read_text("utf-8"))
    assert (ROOT / "composite/action.yml").read_text("utf-8") == wanted


def test_inputs_are_equal_and_outputs_are_those_of_the_step() -> None:
    assert COMPOSITE["inputs"] == DOCKER["inputs"]
    assert COMPOSITE["outputs"] == {
        name: {"value": f"${{{{ steps.upshot.outputs.{name} }}}}", **declared}
        for name, declared in DOCKER["outputs"].items()
    }
    assert list(COMPOSITE["outputs"]) == list(DOCKER["outputs"])


def test_inputs_go_into_one_variable_and_into_no_script() -> None:
    for step in STEPS:
        assert step["env"] == {"UPSHOT_INPUTS": "${{ toJSON(inputs) }}"}
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]


def test_the_last_step_follows_whatever_did_not_end_well() -> None:
    assert [step.get("id") for step in STEPS] == ["upshot", None]
    assert STEPS[1]["if"] == "always() && steps.upshot.outcome != 'success'"


def test_an_action_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="name, outputs and runs"):
        composite("name: x\nruns:\n")


def test_the_script_is_a_program_of_lines_that_end_as_bash_wants_them() -> None:
    script = ROOT / "composite" / "start.sh"
    assert script.stat().st_mode & 0o111 == 0o111
    assert b"\r" not in script.read_bytes()


def test_the_python_that_the_script_asks_for_is_the_projects() -> None:
    script = (ROOT / "composite" / "start.sh").read_text("utf-8")
    wanted = re.search(
        r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8")
    )
    assert wanted
    assert f"(3, {wanted[1]})" in script
    pinned = re.findall(r"actions/setup-python@\S+ # v[\d.]+", script)
    assert pinned[0] in (ROOT / ".github/workflows/ci.yml").read_text("utf-8")


def test_nothing_but_the_standard_library_is_imported_before_the_libraries_are_there() -> None:
    for name in ("start", "libraries"):
        text = (ROOT / "composite" / f"{name}.py").read_text("utf-8")
        found = re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
        assert set(found) <= {*sys.stdlib_module_names, "composite"}
