"""Fills the column of tests in the table of threats, docs/security.md, from the tests themselves.

A test says in its name which threats it is about: `test_t14_…`, `test_t1_t2_…`, `test_t14_to_t20_…`.
Without an argument the page is written again; with `--check` a difference is told and the exit
code is 1.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
_TEST = re.compile(r"^ *def (test_(?:t\d+_(?:to_)?)+\w*)\(", re.MULTILINE)
_ROW = re.compile(r"^\| T(\d+) \|([^|\n]*)\|([^|\n]*)\|[^|\n]*\|$", re.MULTILINE)


def threats_of(test: str) -> set[int]:
    """The numbers that a test's name names: `test_t1_t3_…` two, `test_t14_to_t16_…` three."""
    numbers: set[int] = set()
    rest = test.removeprefix("test_")
    while found := re.match(r"t(\d+)_(?:to_t(\d+)_)?", rest):
        first = int(found[1])
        numbers |= set(range(first, int(found[2] or first) + 1))
        rest = rest[found.end() :]
    return numbers


def find_tests(folder: Path = ROOT / "tests") -> dict[int, dict[str, set[str]]]:
    """Threat -> file, relative to the tests -> names of the tests."""
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(folder.rglob("test_*.py")):
        for name in _TEST.findall(path.read_text("utf-8")):
            for threat in threats_of(name):
                found[threat][path.relative_to(folder).as_posix()].add(name)
    return found


def with_tests(page: str, tests: dict[int, dict[str, set[str]]]) -> str:
    """The page with each row's tests as they are now."""

    def row(match: re.Match[str]) -> str:
        files = tests.get(int(match[1]), {})
        cell = "<br>".join(
            f"[{file}](../tests/{file}): {', '.join(f'`{name}`' for name in sorted(names))}"
            for file, names in sorted(files.items())
        )
        return f"| T{match[1]} |{match[2]}|{match[3]}| {cell or 'none'} |"

    return _ROW.sub(row, page)


def main(arguments: list[str]) -> int:
    found = PAGE.read_text("utf-8")
    wanted = with_tests(found, find_tests())
    if found == wanted:
        return 0
    if "--check" in arguments:
        sys.stderr.write("docs/security.md: the table differs from the tests; run `make fix`\n")
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
