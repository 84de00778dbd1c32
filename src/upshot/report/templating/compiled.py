"""Upshot's own templates as byte code, beside them: compiling them takes longer than a report.

`python -m upshot.report.templating` writes the files, once the package is where it will run: with
the image. What is missing, stale, or of another version of Python or Jinja2 is compiled in the process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

_FOLDER: Final = Path(__file__).parents[1] / "templates" / "__pycache__"


class CompiledTemplates(BytecodeCache):
    """Reads the files in `folder`; writes them only when it `may_write`.

    A run never does: its own code is not its to change.
    """

    def __init__(self, folder: Path = _FOLDER, *, may_write: bool = False) -> None:
        self._folder = folder
        self._may_write = may_write

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja2 checks version and source itself, and compiles when they differ."""
        try:
            with self._path(bucket).open("rb") as file:
                bucket.load_bytecode(file)
        except Exception:  # noqa: BLE001 - whatever is wrong with a file, the template is compiled
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja2 for what it had to compile."""
        if self._may_write:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path(bucket).open("wb") as file:
                bucket.write_bytecode(file)

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.jinja"
