"""Writes the tables of inputs and outputs, from action.yml, between markers in README.md.

Without an argument the file is written again; with `--check` a difference is told and the exit
code is 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
# A comment of action.yml that stands alone before an input names the group that begins there.
_GROUP = re.compile(r"^  # (?P<title>[^:\n]+)(?::.*)?$\n^  (?P<first>[a-z-]+):$", re.MULTILINE)


def inputs_table(text: str) -> str:
    """The table of inputs, a bold row where a group begins."""
    groups = {found["first"]: found["title"] for found in _GROUP.finditer(text)}
    return "\n".join(_input_rows(yaml.safe_load(text)["inputs"], groups))


def outputs_table(text: str) -> str:
    rows = ["| Output | Description |", "|:--|:--|"]
    for name, output in yaml.safe_load(text)["outputs"].items():
        rows.append(f"| `{name}` | {_cell(output['description'])} |")
    return "\n".join(rows)


def with_tables(readme: str, action: str) -> str:
    """The README with both tables as action.yml has them now. Raises ValueError: no marker."""
    for name, table in (("inputs", inputs_table(action)), ("outputs", outputs_table(action))):
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        before, found_begin, rest = readme.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise ValueError(f"README.md has no {begin} … {end}")
        readme = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return readme


def main(arguments: list[str]) -> int:
    path = ROOT / "README.md"
    found = path.read_text("utf-8")
    wanted = with_tables(found, (ROOT / "action.yml").read_text("utf-8"))
    if found == wanted:
        return 0
    if "--check" in arguments:
        sys.stderr.write("README.md: the tables differ from action.yml; run `make fix`\n")
        return 1
    path.write_text(wanted, "utf-8")
    return 0


def _input_rows(inputs: dict[str, Any], groups: dict[str, str]) -> Iterator[str]:
    yield "| Input | Default | Description |"
    yield "|:--|:--|:--|"
    for name, declared in inputs.items():
        if name in groups:
            yield f"| **{groups[name]}** | | |"
        default = f"`{declared['default']}`" if declared["default"] else ""
        yield f"| `{name}` | {default} | {_cell(declared['description'])} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
