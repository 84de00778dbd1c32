"""A folder shows its rooms: few modules beside each other, and none that grew into a second idea."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from upshot_sandbox.machine import ROOT

MOST_MODULES: Final = 15
"""In one folder; `__init__.py` is the folder itself."""
MOST_LINES: Final = 360
"""300 is the aim; what is one idea may be a little longer."""
TREES: Final = ("src", "tests", "tools", "bench", "rootfs")


def modules() -> list[Path]:
    return [path for tree in TREES for path in sorted((ROOT / tree).rglob("*.py"))]


def test_no_folder_holds_more_modules_than_a_reader_can_survey() -> None:
    sizes = Counter(path.parent for path in modules() if path.name != "__init__.py")
    crowded = {str(at.relative_to(ROOT)): size for at, size in sizes.items() if size > MOST_MODULES}
    assert not crowded, f"give some of these a folder of their own: {crowded}"


def test_no_module_of_the_product_outgrows_one_idea() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in modules()
        if path.is_relative_to(ROOT / "src")
    }
    assert not {name: length for name, length in lengths.items() if length > MOST_LINES}
