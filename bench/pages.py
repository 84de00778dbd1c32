"""Tables of the last run, written into the documentation between two comments."""

from __future__ import annotations

import re
from typing import Final

from upshot_sandbox.machine import ROOT

_DOCS: Final = ROOT / "docs"


def write_table(page: str, name: str, text: str) -> None:
    """Puts the text between `<!-- NAME -->` and `<!-- /NAME -->` of a page in `docs`."""
    path = _DOCS / page
    before = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    after, count = block.subn(lambda _: f"{begin}{text}{end}", before)
    if count != 1:
        raise ValueError(f"docs/{page} has {count} places for {name}")
    path.write_text(after, encoding="utf-8")
