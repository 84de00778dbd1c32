"""What is in the image and what is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from upshot_sandbox.machine import ROOT

if TYPE_CHECKING:
    from tests.image.conftest import Inspect, Start

pytestmark = pytest.mark.image

LARGEST_BYTES = 60 * 1024 * 1024
PYTHON = "/usr/local/bin/python"


def test_the_entry_point_of_action_yml_is_that_of_the_image(configuration: dict[str, Any]) -> None:
    runs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]
    assert [runs["entrypoint"], *runs["args"]] == configuration["Entrypoint"]


def test_the_user_is_left_to_the_runner(configuration: dict[str, Any]) -> None:
    assert configuration.get("User", "") == ""


def test_nothing_is_compiled_when_the_action_runs(start: Start) -> None:
    arguments = ["-I", "-v", "/app/entrypoint.py"]
    result = start("failed-update").run(entrypoint=PYTHON, arguments=arguments)
    assert result.exit_code == 0
    read = re.findall(r"^# code object from '(.+)'$", result.log, re.MULTILINE)
    assert len(read) > 100
    assert [path for path in read if not path.endswith(".pyc")] == []
    # Without quotes: what was compiled from its source.
    assert re.findall(r"^# code object from (/.+)$", result.log, re.MULTILINE) == []


def test_every_module_that_may_be_imported_is_compiled(inside: Inspect) -> None:
    program = """
import importlib.util, json, pathlib, sysconfig
library = pathlib.Path(sysconfig.get_path("stdlib"))
sources = [p for p in library.rglob("*.py") if "tests" not in p.parts]
missing = [str(p) for p in sources if not pathlib.Path(importlib.util.cache_from_source(p)).exists()]
print(json.dumps([len(sources), missing]))
"""
    sources, missing = json.loads(inside(program))
    assert sources > 500
    assert missing == []


def test_every_template_and_rule_is_compiled(inside: Inspect) -> None:
    program = """
import json, pathlib, upshot
folder = pathlib.Path(upshot.__file__).parent
print(json.dumps([len(list(folder.rglob(name))) for name in ("*.j2", "*.jinja", "*.toml", "*.toml.json")]))
"""
    templates, templates_made, rules, rules_made = json.loads(inside(program))
    assert templates == templates_made > 20
    assert rules == rules_made > 10


def test_the_expressions_of_a_start_are_compiled_for_this_python(inside: Inspect) -> None:
    program = """
import json
from upshot.runner.startup import FILE, read
print(json.dumps(len(read(FILE))))
"""
    assert json.loads(inside(program)) > 400


def test_no_tool_that_builds_or_installs_is_left(inside: Inspect) -> None:
    program = """
import importlib.util, json, pathlib
modules = ["pip", "setuptools", "wheel", "pkg_resources", "ensurepip", "hatchling", "_distutils_hack"]
found = [name for name in modules if importlib.util.find_spec(name)]
programs = [p.name for p in pathlib.Path("/usr/local/bin").iterdir()]
print(json.dumps(found + [name for name in programs if name.startswith(("pip", "wheel"))]))
"""
    assert json.loads(inside(program)) == []


def test_neither_the_sandbox_nor_a_test_is_in_the_image(inside: Inspect) -> None:
    program = """
import importlib.util, json
print(json.dumps([n for n in ("upshot_sandbox", "pytest", "aiohttp") if importlib.util.find_spec(n)]))
"""
    assert json.loads(inside(program)) == []


def test_what_is_installed_is_small(inside: Inspect, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
import json, pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("platlib"))
files = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"]
print(json.dumps([len(files), sum(p.stat().st_size for p in files)]))
"""
    files, size_bytes = json.loads(inside(program))
    assert files > 100
    assert size_bytes <= LARGEST_BYTES
    with capsys.disabled():
        print(f"\nimage: wheels unpacked, without byte code: {size_bytes / 1024 / 1024:.1f} MiB")


def test_what_is_installed_is_what_was_locked(inside: Inspect) -> None:
    program = """
import json
from importlib.metadata import distributions
print(json.dumps({d.name.lower().replace("_", "-"): d.version for d in distributions()}))
"""
    installed = json.loads(inside(program))
    installed.pop("pulumi-upshot")
    locked = dict(
        re.findall(
            r"^([a-z0-9.-]+)==([^ ]+)",
            (ROOT / "requirements/runtime.txt").read_text(),
            re.MULTILINE,
        )
    )
    assert installed
    assert installed.items() <= locked.items()
