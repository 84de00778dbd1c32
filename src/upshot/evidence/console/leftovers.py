"""What a run's log holds beside the engine's display: it counts only if nothing else does.

A program may print anything, errors of other tools among it. If the engine says how the run ended
and why, that holds, and these lines explain nothing. Memory is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.evidence.failure.failures import Named
from upshot.evidence.text import CappedText

_MOST_ERRORS: Final = 20
_MOST_BLOCKS: Final = 8
_LINES_CHARS: Final = 8_000
"""Characters kept of the first lines, and of the last ones."""

Found = tuple[Named, str]
"""A resource, empty where none is named, and the message."""


class Leftovers:
    """The lines that nothing else of a run explains, and what can be read from them."""

    def __init__(self) -> None:
        self.raised: Found | None = None
        """The first exception outside of any section."""
        self._errors: list[str] = []
        self._blocks: list[Found] = []
        self._lines = CappedText(head_chars=_LINES_CHARS, tail_chars=_LINES_CHARS)

    def add_error(self, message: str) -> None:
        """An error that seems to belong to another tool."""
        if len(self._errors) < _MOST_ERRORS:
            self._errors.append(message)

    def add_raised(self, resource: Named, message: str) -> None:
        """An exception; the first one explains those after it."""
        if self.raised is None:
            self.raised = (resource, message)

    def add_block(self, resource: Named, text: str) -> None:
        """What was printed under a resource, with no error among it."""
        if text and len(self._blocks) < _MOST_BLOCKS:
            self._blocks.append((resource, text))

    def add_line(self, line: str) -> None:
        """Any other line."""
        self._lines.add(line)

    def harmless(self) -> list[str]:
        """What is worth a warning in a run that ended well."""
        return [*self._errors, *([self.raised[1]] if self.raised else [])]

    def warnings(self, printed: Sequence[str]) -> list[str]:
        """Warnings in lines that no display of the engine frames; `printed` are those on its rows."""
        from upshot.evidence.console.fragments import find_warnings  # few logs ask for it

        texts = [text.split("\n") for _, text in self._blocks]
        return find_warnings(
            [line for part in (*texts, self._lines.lines(), printed) for line in part]
        )

    def causes(self, *, is_displayed: bool, is_whole: bool) -> list[Found]:
        """Why a run failed of whose end the engine says nothing; empty where no line is an error.

        `is_displayed`: any part of the engine's display was seen; `is_whole`: its end was, and named
        no error, so that what a program printed proves none.
        """
        if self.raised and not is_whole:
            return [self.raised]
        if self._errors:
            return [(Named(), message) for message in self._errors]
        if is_whole:
            return []
        if found := self._unframed(is_displayed=is_displayed):
            return [found]
        command = failed_command(self._lines.lines())
        return [(Named(), command)] if command else []

    def cause(self, *, is_displayed: bool) -> Found | None:
        """Why a run failed that did not say why; `is_displayed` as in `causes`."""
        said = (Named(), self._errors[0]) if self._errors else None
        return self.raised or said or self._unframed(is_displayed=is_displayed)

    def _unframed(self, *, is_displayed: bool) -> Found | None:
        """An error in lines that no display of the engine frames; `is_displayed` as in `causes`."""
        from upshot.evidence.console.fragments import find_error  # few logs ask for it

        blocks = [(resource, text.split("\n")) for resource, text in self._blocks]
        for resource, lines in (*blocks, (Named(), self._lines.lines())):
            message = find_error(lines, is_displayed=is_displayed)
            if message:
                return resource, message
        return None


def failed_command(lines: Sequence[str]) -> str:
    """The line with which a wrapper says that Pulumi's command failed; empty without one."""
    from upshot.evidence.console.fragments import find_failed_command  # few logs ask for it

    return find_failed_command(lines)
