"""The peer: a comment action in JavaScript, bundled as such actions are shipped.

None of the widely used ones is on npm, so one of the same make is built there from GitHub's own
toolkit: `@actions/core` and `@actions/github` in one file of about 1 MB, below `build/bench`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

from bench.action import BUILD, ROOT

_SOURCE: Final = ROOT / "bench" / "peer"
_FILES: Final = ("package.json", "package-lock.json", "comment.js")


def bundle() -> list[str] | None:
    """The command that runs the peer; None where there is no node, or no npm to build it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    folder = BUILD / "peer"
    made = folder / "comment.bundle.cjs"
    texts = [(_SOURCE / name).read_bytes() for name in _FILES]
    if made.exists() and [(folder / name).read_bytes() for name in _FILES] == texts:
        return [node, str(made)]
    folder.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    for name, text in zip(_FILES, texts, strict=True):
        (folder / name).write_bytes(text)
    for command in (
        [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        [npm, "run", "bundle"],
    ):
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
        if done.returncode != 0:
            return None
    return [node, str(made)]


def version() -> str:
    """`node 20.x`, as far as it matters."""
    node = shutil.which("node")
    if node is None:
        return "no node"
    found = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return f"node {found.strip().lstrip('v').partition('.')[0]}"


def without_node_options() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NODE_")}
