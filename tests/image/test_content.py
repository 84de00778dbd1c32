"""What is in the image and what is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from upshot_sandbox.machine import ROOT

if TYPE_CHECKING:
    from tests.image.conftest import Inspect, Start

pytestmark = pytest.mark.image

PYTHON: Final = "/usr/local/bin/python"
LIST_FILES: Final = """
import json, os
found = {}
for folder, _, names in os.walk("/"):
    if not folder.startswith(("/proc", "/sys", "/dev", "/run")):
        for name in names:
            path = os.path.join(folder, name)
            found[path] = [os.lstat(path).st_mode, os.path.islink(path)]
print(json.dumps(found))
"""
OURS: Final = re.compile(r"/usr/local/lib/python3\.\d+/site-packages/upshot/|/app/")


@pytest.fixture(scope="module")
def files(inside: Inspect) -> dict[str, int]:
    """Path and mode of every file of the image."""
    return {
        path: mode
        for path, (mode, is_link) in json.loads(inside(LIST_FILES)).items()
        if not is_link
    }


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


def test_sources_are_there_of_our_code_alone_and_all_of_it_is_compiled(
    files: dict[str, int],
) -> None:
    sources = [path for path in files if path.endswith(".py")]
    assert [path for path in sources if not OURS.match(path)] == []
    modules = [path for path in sources if "/upshot/" in path]
    assert len(modules) > 300
    compiled = re.compile(r"/__pycache__/(\w+)\.cpython-\d+\.pyc$")
    assert {compiled.sub(r"/\1.py", path) for path in files if compiled.search(path)} == set(
        modules
    )


def test_each_module_of_ours_and_each_compiled_one_can_be_loaded(inside: Inspect) -> None:
    """With the shared libraries that they are linked to, and what C code imports."""
    program = """
import importlib, json, os, sys
folder = os.path.dirname(os.path.dirname(json.__file__))
faults, loaded = {}, 0
for root, _, names in os.walk(folder):
    place = os.path.relpath(root, folder).replace("lib-dynload", ".").replace("site-packages", ".")
    package = ".".join(part for part in place.split("/") if part.strip("."))
    for name in names:
        if name.endswith(".so") or (name.endswith(".py") and not name.startswith("__")):
            module = f"{package}.{name.partition('.')[0]}".lstrip(".")
            loaded += 1
            try:
                importlib.import_module(module)
            except Exception as error:
                faults[module] = repr(error)
print(json.dumps([loaded, faults]))
"""
    loaded, faults = json.loads(inside(program))
    assert loaded > 400
    assert faults == {}


def test_a_traceback_shows_our_lines_and_those_of_python_by_number(inside: Inspect) -> None:
    program = """
import json, traceback
from upshot.address import find_own_authority
for function, argument in ((find_own_authority, None), (json.loads, "{")):
    try:
        function(argument)
    except Exception as error:
        print("".join(traceback.format_exception(error)))
"""
    shown = inside(program)
    assert re.search(r'upshot/address\.py", line \d+, in find_own_authority\n +return next', shown)
    assert re.search(r'json/__init__\.py", line \d+, in loads\n  File', shown)


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


def test_no_program_is_there_but_python_and_what_starts_it(files: dict[str, int]) -> None:
    """No shell, no package manager, no compiler."""
    programs = {path for path, mode in files.items() if mode & 0o111 and ".so" not in path}
    python = {path for path in programs if re.fullmatch(r"/usr/local/bin/python3\.\d+", path)}
    assert len(python) == 1
    assert programs - python <= {"/app/post.py", "/app/entrypoint.py"}
    assert "/app/post.py" in programs


def test_nothing_that_builds_installs_or_tests_can_be_imported(inside: Inspect) -> None:
    names = ["pip", "setuptools", "hatchling", "ensurepip", "unittest", "rootfs", "upshot_sandbox"]
    program = f"""
import importlib.util, json
print(json.dumps([name for name in {names} if importlib.util.find_spec(name)]))
"""
    assert json.loads(inside(program)) == []


def test_no_file_has_a_time_of_its_own(inside: Inspect) -> None:
    """What a runner has of an earlier version is the same then, and is not fetched again."""
    program = """
import json, os
times = {os.stat(path).st_mtime for path in (json.__file__, os.path.dirname(json.__file__), "/app/post.py")}
print(json.dumps(sorted(times)))
"""
    assert json.loads(inside(program)) == [315_532_800]


def test_what_is_installed_is_what_was_locked(inside: Inspect) -> None:
    """Without all of it: scanners find what is there by its metadata, and nothing else."""
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
    assert {"httpx", "jinja2", "msgspec", "pygithub", "pynacl"} <= installed.keys()
    assert installed.items() <= locked.items()
    assert not {"anyio", "cryptography", "pycparser"} & installed.keys()


def test_the_terms_of_what_is_installed_are_there(inside: Inspect) -> None:
    program = """
import json
from importlib.metadata import distributions
print(json.dumps({d.name: [str(p) for p in d._path.rglob("*") if "LICENSE" in p.name.upper()] for d in distributions()}))
"""
    assert [name for name, terms in json.loads(inside(program)).items() if not terms] == []
