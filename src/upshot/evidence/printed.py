"""What commands of Pulumi printed, to facts: the display, engine events (`up --json`), digests of previews.

A log may hold all of them, one after the other. Must not know the grammar of any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.evidence.console.reader import ConsoleReader
from upshot.evidence.merge import merge_facts
from upshot.evidence.runs import by_stack, join
from upshot.evidence.text import iter_lines
from upshot.model import Facts, Outcome
from upshot.model.operations import operation_of
from upshot.text import pattern

if TYPE_CHECKING:  # few logs hold what they read
    from upshot.evidence.console.preview_json import Digest
    from upshot.evidence.console.run import ConsoleRun
    from upshot.evidence.engine.facts import EventReader

_FIRST_KEY = pattern(r"\s{1,8}\"(?:config|steps|duration|changeSummary|diagnostics)\":")
_EVENT = pattern(r"\"[a-zA-Z]{3,20}Event\": ?\{")
_EVENT_CHARS: Final = 200
"""An event's payload follows its number and its time."""


def facts_from_console(lines: Iterable[bytes]) -> Facts:
    """The facts of a log; `lines` are bytes as read, in pieces of any size, line ends included.

    Never raises, whatever the bytes are. Memory does not grow with the log.
    """
    return join(accounts_from_console(lines))


def accounts_from_console(lines: Iterable[bytes]) -> tuple[Facts, ...]:
    """As `facts_from_console`, one account for each stack in the log, in their order."""
    log = _Log()
    text = _without_events(iter_lines(lines), log.event)
    for line in _without_digests(text, lambda: log.display.run):
        log.line(line)
    return log.accounts()


def _without_events(lines: Iterable[str], take: Callable[[bytes], None]) -> Iterator[str]:
    """The lines that are no engine events; `take` gets those that are (`pulumi up --json`)."""
    for line in lines:
        if line[:2] == '{"' and _EVENT.search(line, 0, _EVENT_CHARS):
            take(line.encode("utf-8", "replace"))
        else:
            yield line


def _without_digests(lines: Iterable[str], run: Callable[[], ConsoleRun]) -> Iterator[str]:
    """The lines outside of digests of previews; `run` returns the run that a digest is about."""
    held = ""
    digest: Digest | None = None
    for line in lines:
        if digest is not None:
            digest = digest if digest.feed(line) else None
        elif line[:1] == "{" and '"changeSummary":' in line and _is_folded(line, run()):
            continue
        elif held and _FIRST_KEY.match(line):
            from upshot.evidence.console.preview_json import Digest

            held, digest = "", Digest(run())
            digest.feed(line)
        else:
            if held:
                yield held
            held = line if line == "{" else ""
            if not held:
                yield line
    if held:
        yield held


def _is_folded(line: str, run: ConsoleRun) -> bool:
    """Whether the line is a whole digest; if so, the run has its content."""
    from upshot.evidence.console.preview_json import read_folded

    return read_folded(line, run)


class _Log:
    """The runs that were shown, and those that events report, in their order."""

    def __init__(self) -> None:
        self.display = ConsoleReader()
        self._events: EventReader | None = None
        self._earlier: list[Facts] = []
        self._after = ""
        """The first line after the last event."""

    def event(self, line: bytes) -> None:
        """One engine event as JSON."""
        if self.display.has_display:
            self._earlier += self._parts()
            self.display, self._events = ConsoleReader(), None
        if self._events is None:
            from upshot.evidence.engine.facts import EventReader

            self._events = EventReader()
        self._events.line(line)
        self._after = ""

    def line(self, line: str) -> None:
        """Any other line."""
        if not self._after and not line.startswith("warning: "):
            self._after = line.strip() and line
        self.display.feed(line)

    def accounts(self) -> tuple[Facts, ...]:
        """One account for each stack, closed."""
        parts = self._parts()
        if self._earlier and len(parts) == 1 and _is_same(self._earlier[-1], parts[0]):
            parts = (merge_facts([parts[0], self._earlier.pop()]),)
        return by_stack([*self._earlier, *parts]) if self._earlier else parts

    def _parts(self) -> tuple[Facts, ...]:
        shown = self.display.accounts()
        if self._events is None or not self._events.has_events:
            return shown
        reported = self._events.accounts()
        if self.display.has_display:
            return by_stack([*reported, *shown])
        if len(reported) != 1:
            return reported
        return (merge_facts([*reported, *map(self._last_word, shown)]),)

    def _last_word(self, said: Facts) -> Facts:
        """The CLI's own last error stands after the events, as text."""
        is_last = said.outcome is Outcome.FAILED and self._after.startswith("error: ")
        return replace(said, failed_afterwards=True) if is_last else said


def _is_same(shown: Facts, reported: Facts) -> bool:
    """Whether events after a display are those of the same run: a job may print its event log."""
    one, other = (
        {word: n for word, n in (each.counts or {}).items() if n and operation_of(word).changes}
        for each in (shown, reported)
    )
    return shown.outcome is reported.outcome and one == other
