"""The README shows what action.yml declares, and a workflow that works."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from upshot.inputs import parse_inputs
from upshot.inputs.names import variable
from upshot.workspace import Workspace

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
ACTION = (ROOT / "action.yml").read_text("utf-8")


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """tools/readme_tables.py, which is no package."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tools" / "readme_tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_tables_are_those_of_action_yml(tables: ModuleType) -> None:
    assert tables.with_tables(README, ACTION) == README


def test_every_input_and_output_has_a_row() -> None:
    action = yaml.safe_load(ACTION)
    for name in (*action["inputs"], *action["outputs"]):
        assert f"\n| `{name}` |" in README


def test_every_group_of_inputs_has_a_row(tables: ModuleType) -> None:
    groups = re.findall(r"^  # ([^:\n]+)", ACTION.partition("\noutputs:")[0], re.MULTILINE)
    assert len(groups) == 12
    for group in groups:
        assert f"| **{group}** | | |" in tables.inputs_table(ACTION)


def test_missing_markers_are_reported(tables: ModuleType) -> None:
    with pytest.raises(ValueError, match="inputs:begin"):
        tables.with_tables("# Upshot\n", ACTION)


def test_the_quick_start_is_a_workflow_of_about_15_lines(tmp_path: Path) -> None:
    quick = blocks("yaml")[0]
    assert len(quick.splitlines()) <= 20
    (job,) = yaml.safe_load(quick)["jobs"].values()
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    (step,) = [step for step in job["steps"] if step["uses"].startswith("pulumi-upshot/")]
    assert step["if"] == "always()"
    env = {variable(name): value for name, value in step["with"].items()}
    assert parse_inputs(env, Workspace(str(tmp_path))).subject.name is not None


def test_the_two_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    *_, commands = blocks("sh")
    names = re.findall(r"^make (\S+)", commands, re.MULTILINE)
    assert names == ["try", "test"]
    for name in names:
        assert re.search(rf"^{name}:", makefile, re.MULTILINE)
