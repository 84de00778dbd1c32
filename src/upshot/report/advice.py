"""What the offline rules say: an explanation and the next steps.

The catalogue is ours, but its texts hold names from the evidence, so they go the way of all
foreign Markdown; only their own documentation address may be linked wherever it points.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from upshot.model import Diagnosis
from upshot.report.markdown.defang import defang_blocks, defang_markdown
from upshot.report.markdown.escape import code_span
from upshot.report.markdown.links import allowed_url
from upshot.report.markdown.text import clip_block
from upshot.report.rows import plain

_MOST_STEPS: Final = 12
_MOST_TIES: Final = 5
_LONGEST_STEP: Final = 2_000
_LONGEST_EXPLANATION: Final = 4_000


class Advice:
    """A diagnosis as the templates need it."""

    def __init__(self, diagnosis: Diagnosis, allowed_hosts: frozenset[str]) -> None:
        host = urlsplit(diagnosis.documentation_url).netloc.lower()
        self._diagnosis = diagnosis
        self._hosts = allowed_hosts | ({host} if host else set())

    def explanation(self) -> dict[str, str] | None:
        """Title, class and prose; None when the rules have nothing to say."""
        said = self._diagnosis
        if not (said.explanation or said.title):
            return None
        text = clip_block(said.explanation, _LONGEST_EXPLANATION)
        return {
            "title": plain(said.title, 120) or "what the offline rules see",
            "slug": code_span(said.failure_class),
            "prose": defang_markdown(text, allowed_hosts=self._hosts),
            "ties": ", ".join(code_span(tie) for tie in said.ties[:_MOST_TIES]),
        }

    def steps(self) -> dict[str, Any]:
        """A numbered list, its first step as a line of its own, and where to read more."""
        blocks = [
            defang_blocks(clip_block(step, _LONGEST_STEP), allowed_hosts=self._hosts)
            for step in self._diagnosis.next_steps[:_MOST_STEPS]
        ]
        first = blocks[0][0] if blocks and blocks[0] else ""
        return {
            "rows": [_item(number, step) for number, step in enumerate(blocks, start=1)],
            "first": "" if "\n" in first else first,
            "documentation": allowed_url(self._diagnosis.documentation_url, self._hosts),
            "retry": self._diagnosis.retry,
        }


def _item(number: int, blocks: list[str]) -> str:
    """An item of a numbered list, its further lines indented to belong to it."""
    mark = f"{number}. "
    lines = "\n\n".join(blocks).split("\n")
    return mark + "\n".join(
        line if at == 0 or not line else " " * len(mark) + line for at, line in enumerate(lines)
    )
