"""Upshot's templates as byte code: made once with the image, read in each run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from upshot.report.templating.compiled import CompiledTemplates


class Lexed(Environment):
    """Counts the templates that had to be compiled."""

    compiled = 0

    def _parse(self, source: str, name: str | None, filename: str | None) -> object:  # type: ignore[override]
        self.compiled += 1
        return super()._parse(source, name, filename)


def environment(folder: Path, text: str = "{{ word }}!", *, may_write: bool = False) -> Lexed:
    return Lexed(
        loader=DictLoader({"t": text}),
        bytecode_cache=CompiledTemplates(folder, may_write=may_write),
    )


def rendered(made: Lexed) -> tuple[str, int]:
    return made.get_template("t").render(word="a"), made.compiled


def test_a_compiled_template_is_not_compiled_again(tmp_path: Path) -> None:
    assert rendered(environment(tmp_path, may_write=True)) == ("a!", 1)
    assert rendered(environment(tmp_path)) == ("a!", 0)


def test_another_text_is_compiled(tmp_path: Path) -> None:
    rendered(environment(tmp_path, may_write=True))
    assert rendered(environment(tmp_path, "{{ word }}?")) == ("a?", 1)


@pytest.mark.parametrize("keep", [0, 3, 40, -7], ids=["all", "version", "checksum", "end"])
def test_a_damaged_file_is_compiled_again(tmp_path: Path, keep: int) -> None:
    rendered(environment(tmp_path, may_write=True))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:keep])
    assert rendered(environment(tmp_path)) == ("a!", 1)


def test_a_run_writes_nothing(tmp_path: Path) -> None:
    assert rendered(environment(tmp_path)) == ("a!", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_read_costs_only_time(tmp_path: Path) -> None:
    assert rendered(environment(tmp_path / "none")) == ("a!", 1)


def test_the_image_compiles_all_of_it(tmp_path: Path) -> None:
    """In a copy of the package: the checkout keeps its own state."""
    program = """
import pathlib, runpy, shutil, sys
import upshot
source = pathlib.Path(upshot.__file__).parent
copy = pathlib.Path(sys.argv[1]) / "upshot"
shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
for name in [n for n in sys.modules if n.partition(".")[0] == "upshot"]:
    del sys.modules[name]
sys.path.insert(0, str(copy.parent))
from upshot.evidence import rules
assert pathlib.Path(rules.__file__).parents[1] == copy
runpy.run_module("upshot.report.templating", run_name="__main__")
rules.main()
for made, sources in (("*.jinja", "*.j2"), ("*.toml.json", "*.toml")):
    print(len(list(copy.rglob(made))), len(list(copy.rglob(sources))))
sys.modules["tomllib"] = None  # nothing may need it any more
from upshot.evidence.advice import load_rules
from upshot.evidence.catalogue import load_catalogue
from upshot.verdict import risk
assert load_catalogue() and load_rules() and risk.load_rules()
"""
    made = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    templates, rules = (line.split() for line in made.stdout.splitlines())
    assert templates[0] == templates[1]
    assert rules[0] == rules[1]
    assert int(templates[0]) > 20
    assert int(rules[0]) > 10
