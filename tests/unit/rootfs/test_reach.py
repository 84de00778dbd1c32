"""Which modules a program may import is read from sources; nothing is run."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from rootfs.contents import Contents
from rootfs.reach import Reach


class Sources:
    """Modules in a folder, by name and text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("one", "two", "three"):
            self.add(f"{name}.py")
        for name in (
            "pack/__init__.py",
            "pack/inner.py",
            "pack/sub/__init__.py",
            "pack/sub/low.py",
        ):
            self.add(name)

    def add(self, path: str, text: str = "") -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def reached(self, program: str, *left_out: str) -> set[str]:
        """What a script of this text may import."""
        reach = self.reach(*left_out)
        reach.add_program(self.add("scripts/run.py", program))
        return set(reach.files)

    def reach(self, *left_out: str) -> Reach:
        return Reach([self.folder], Contents(frozenset(left_out), (), (), {}, ()))


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path)


@pytest.mark.parametrize(
    ("program", "reached"),
    [
        ("import one, two as second", {"one", "two"}),
        ("import pack.sub.low", {"pack", "pack.sub", "pack.sub.low"}),
        ("from pack import inner, NAME", {"pack", "pack.inner"}),
        ("from one import inner", {"one"}),
        ("def later():\n    import three", {"three"}),
        ("try:\n    import one\nexcept ImportError:\n    import two", {"one", "two"}),
        ("from importlib import import_module\nimport_module('two')", {"two"}),
        ("import importlib\nimportlib.import_module('pack.inner')", {"pack", "pack.inner"}),
        ("__import__('one')\nimport_module(name)\nimport_module()", {"one"}),
        ("import not_there, sys", set()),
    ],
)
def test_an_import_is_found_wherever_it_stands(
    sources: Sources, program: str, reached: set[str]
) -> None:
    assert sources.reached(program) == reached


def test_what_is_imported_is_read_in_turn(sources: Sources) -> None:
    sources.add("one.py", "import two")
    sources.add("two.py", "import three, one")
    assert sources.reached("import one") == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("module", "line", "reached"),
    [
        ("pack/__init__.py", "from . import inner", "pack.inner"),
        ("pack/__init__.py", "from .inner import NAME", "pack.inner"),
        ("pack/sub/low.py", "from .. import inner", "pack.inner"),
        ("pack/sub/low.py", "from ..inner import NAME", "pack.inner"),
    ],
)
def test_relative_imports_are_followed(
    sources: Sources, module: str, line: str, reached: str
) -> None:
    sources.add(module, line)
    assert reached in sources.reached("import pack.sub.low")


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_a_type_checker_reads_is_not_reached(sources: Sources, test: str) -> None:
    program = f"if {test}:\n    import one\nelse:\n    import two"
    assert sources.reached(program) == {"two"}


def test_the_self_test_of_a_library_is_not_reached_that_of_a_program_is(sources: Sources) -> None:
    guarded = "if __name__ == '__main__':\n    import three"
    sources.add("one.py", guarded)
    assert sources.reached("import one") == {"one"}
    assert sources.reached(guarded) == {"three"}


def test_a_package_is_reached_with_all_that_its_modules_may_run(sources: Sources) -> None:
    sources.add(
        "pack/sub/low.py", "if __name__ == '__main__':\n    from .. import inner\n    import one"
    )
    reach = sources.reach()
    reach.add_package("pack")
    assert set(reach.files) == {"pack", "pack.inner", "pack.sub", "pack.sub.low", "one"}


def test_what_is_left_out_takes_along_what_only_it_reaches(sources: Sources) -> None:
    sources.add("pack/inner.py", "import one")
    sources.add("three.py", "import pack.inner")
    assert sources.reached("import three, two", "pack") == {"three", "two"}
    assert sources.reached("import three, pack.sub", "pack.inner") == {"three", "pack", "pack.sub"}


def test_a_compiled_module_is_read_by_the_source_beside_it(sources: Sources) -> None:
    compiled = sources.add(f"fast{EXTENSION_SUFFIXES[0]}")
    sources.add("fast.py", "import two")
    reach = sources.reach()
    assert reach.add("fast")
    assert reach.files == {"fast": compiled, "two": sources.folder / "two.py"}
