"""Writes composite/action.yml, the way without Docker, from action.yml: the same inputs and outputs.

Without an argument the file is written again; with `--check` a difference is told and the exit code
is 1.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_OUTPUT = re.compile(r"^  ([a-z-]+):\n", re.MULTILINE)
_HEAD = """\
# Written by tools/composite.py from ../action.yml (`make fix`): change that one.
name: Upshot for Pulumi, without Docker
"""
_RUNS = """\
runs:
  using: composite
  steps:
    - id: upshot
      shell: bash
      # One variable for all inputs: a name with a hyphen does not pass every shell.
      env:
        UPSHOT_INPUTS: ${{ toJSON(inputs) }}
      run: exec bash "${GITHUB_ACTION_PATH//\\\\//}/start.sh"
    # For a Neo task that a killed run could not stop; steps with `cancelled()` are left out when a job
    # is cancelled (actions/runner, pull request 2638).
    - if: always() && steps.upshot.outcome != 'success'
      shell: bash
      env:
        UPSHOT_INPUTS: ${{ toJSON(inputs) }}
      run: exec bash "${GITHUB_ACTION_PATH//\\\\//}/start.sh" post
"""


def composite(action: str) -> str:
    """The composite action for the text of action.yml. Raises ValueError: a part is missing."""
    before, has_outputs, rest = action.partition("\noutputs:\n")
    outputs, has_runs, _ = rest.partition("\nruns:\n")
    name, has_name, head = before.partition("\n")
    if not (has_outputs and has_runs and has_name and name.startswith("name:")):
        raise ValueError("action.yml has no name, outputs and runs, in this order")
    shown = _OUTPUT.sub(r"  \1:\n    value: ${{ steps.upshot.outputs.\1 }}\n", outputs)
    return f"{_HEAD}{head}\noutputs:\n{shown}\n{_RUNS}"


def main(arguments: list[str]) -> int:
    path = ROOT / "composite" / "action.yml"
    wanted = composite((ROOT / "action.yml").read_text("utf-8"))
    if path.exists() and path.read_text("utf-8") == wanted:
        return 0
    if "--check" in arguments:
        sys.stderr.write("composite/action.yml differs from action.yml; run `make fix`\n")
        return 1
    path.write_text(wanted, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
