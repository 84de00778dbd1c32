"""Console output of `pulumi up|preview|destroy|refresh|import` to Facts.

Follows the grammar of the engine's display: runs, tables, sections, resources' blocks, lines with a
severity. One pass, one line in memory at a time; messages are cut. Must not know what an error
means.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from upshot.evidence.console.blocks import LooseBlock, PolicyLines, ResourceBlock
from upshot.evidence.console.rows import find_row
from upshot.evidence.console.run import ConsoleRun
from upshot.evidence.console.runs import ConsoleRuns
from upshot.evidence.console.sections import (
    VALUES,
    Block,
    Heading,
    find_block,
    find_counts,
    find_heading,
    find_link,
    find_listed,
    find_session,
    is_cancel,
    is_declined,
    split_joined,
)
from upshot.evidence.console.steps import find_property, find_step, find_urn_of_step
from upshot.evidence.failure.forms import is_bare_error, is_exception
from upshot.model import Facts, UpdateKind
from upshot.model.limits import MESSAGE_KEPT
from upshot.text import pattern

if TYPE_CHECKING:
    from upshot.evidence.console.rows import Row
_RECENT_LINES: Final = 80
_RECENT_CHARS: Final = 400

_LOOSE_ERROR = pattern(
    r"(?:> )?(?:[^\n]{0,300}?\bstderr: ?|\[[\w./ -]{1,100}\] (?:- error )?- )?"
    r"error(?: [A-Z]{2,6}\d{3,5})?: +(?P<text>\S.*)"
    r"|(?P<sdk>sdk-v2/provider\d?\.go:\d{1,6}: sdk\.helper_schema: .+)"
)
_ASK = pattern(r"\[Pulumi (?:Copilot|Neo)\]|Would you like help with these diagnostics")
_STEP_FAILED = pattern(r"(?:Error: )?Process completed with exit code \d+")
_CODE = pattern(r"(?:.{0,200}\W)?code: -?[1-9]\d{0,9}$")
_TRACEBACK = pattern(r"\s{0,40}(?:Traceback \(most recent call last\)|File \".{1,300}\", line \d)")
_TABLE_HEAD = pattern(r"\s{0,40}Type +Name +(?:Status|Plan)\b")
# What the CLI prints between its summary and its last error (shipped client).
_FOOTER = pattern(
    r"warning: |The resources in the stack have been deleted|If you want to remove the stack|View "
    r"|Permalink|Do you want to perform|Update plan written to|Run `?pulumi up"
)
_HEADING_STARTS: Final = frozenset("VPUDRIOC-i")
_CANCEL_STARTS: Final = frozenset("PU^SeT[scD")
_QUOTING: Final = frozenset({"Outputs", "Changes"})
"""Sections that show values: no line in them is a message of the engine."""


class ConsoleReader:
    """Takes the lines of a log, one after the other; engine events and digests are taken out before."""

    def __init__(self) -> None:
        self._runs = ConsoleRuns()
        self._section = ""
        self._section_indent = 0
        self._block: ResourceBlock | LooseBlock | None = None
        self._since_end = 0
        """Lines after the end of the display that are not its footer."""
        self._recent: deque[str] = deque(maxlen=_RECENT_LINES)
        self._torn: Row | None = None
        self._last = ""
        self._policies = PolicyLines()

    @property
    def run(self) -> ConsoleRun:
        """The run that is being read."""
        return self._runs.open

    @property
    def has_display(self) -> bool:
        """Whether any part of the engine's display was seen."""
        return self._runs.has_display

    def feed(self, line: str) -> None:
        text = line.strip()
        if text.startswith("info: ") and not find_heading(text):  # of old versions' output
            line, text = line.replace("info: ", "", 1), text[6:].strip()
        torn, self._torn = self._torn, None
        if not text:
            if self._block:
                self._block.blank()
        elif torn and text[0] != "@" and not (find_row(line) or find_heading(text)):
            self._torn = self.run.goes_on(torn, text)  # a terminal or a person broke the row there
        elif "): " in line and (both := split_joined(line)) and not self._is_printed(line):
            for part in both:
                self.feed(part)
        else:
            self.run.steps.below(line)
            if not self._starts_something(line, text):
                self._goes_on(line, text)
        self._last = text or self._last

    # -- lines that end what was open

    def _starts_something(self, line: str, text: str) -> bool:
        first = text[0]
        may_head = first in _HEADING_STARTS or "stdout:" in text or "View " in text
        if may_head and self._heading(line, text):
            return True
        is_printed = self._is_printed(line)
        if first in _CANCEL_STARTS and not is_printed and is_cancel(text):
            self._close()
            self.run.cancelled(text)
            return True
        if first in _CANCEL_STARTS and not is_printed and is_declined(text):
            self._close()
            self.run.declined(text)
            return True
        in_diagnostics = self._section == "Diagnostics"
        may_head = text[-1] in ":)" and ":" in text
        if (
            may_head
            or "→" in text
            or "Failed" in self._last
            or in_diagnostics
            or text.startswith("Error  ")
        ):
            head = find_block(line, in_diagnostics=in_diagnostics) or find_listed(line, self._last)
            if head and not (head.is_error and is_printed) and self._is_head(head):
                self._close()
                self._block = ResourceBlock(self.run, head, in_diagnostics=in_diagnostics)
                return True
        if in_diagnostics and self._block is not None:
            return False
        return self._row(line)

    def _is_printed(self, line: str) -> bool:
        """Whether it stands within a resource's diagnostics or a value: it is no line of the CLI."""
        if self._section in _QUOTING and _indent(line) > self._section_indent:
            return True
        block = self._block
        if self._section != "Diagnostics" or not isinstance(block, ResourceBlock):
            return False
        return 0 <= block.head.indent < _indent(line)

    def _row(self, line: str) -> bool:
        if self._section in _QUOTING and "─" not in line:
            return False
        if self._section == VALUES:
            if _indent(line) >= self._section_indent:
                return self._step(line)
            self._section = ""
        row = find_row(line)
        if row is None:
            return self._step(line)
        self._close()
        self._section = ""
        self.run.row(row)
        self._torn = row if row.is_torn else None
        return True

    def _step(self, line: str) -> bool:
        """The head of a table, or a step as `--diff` shows it."""
        if _TABLE_HEAD.match(line):
            self.run.begins_table()
            return False
        step = find_step(line)
        if step is not None:
            self._close()
            self.run.step(self.run.steps.begins(*step, _indent(line)))
        elif "[urn=" in line and (urn := find_urn_of_step(line)):
            self.run.step(self.run.steps.names(urn, _indent(line)))
        elif " " in line[:4] and not self._section and (found := find_property(line)):
            return self.run.property(*found)
        else:
            return False
        return True

    def _is_head(self, head: Block) -> bool:
        if self._section in _QUOTING:
            return False
        if not isinstance(self._block, ResourceBlock):
            return True
        if min(self._block.head.indent, head.indent) < 0:
            return True
        # Where a quotation lost its first spaces, the next head stands deeper than this one.
        return head.indent <= self._block.head.indent or head.indent < self._block.indent

    def _heading(self, line: str, text: str) -> bool:
        session = find_session(text)
        if session and not session.stack and self.run.is_announced:
            return True  # `Previewing changes:`, the second line of an old version's heading
        if session and not self._is_printed(line):
            self._close()
            # A library that quotes the output of a command says before it how that ended.
            has_failed = session.is_quoted and _CODE.match(self._last)
            self._runs.begin(ConsoleRun(session.kind, session.stack, is_announced=True))
            if has_failed:
                self.run.failed()
            self._section = ""
            self._recent.clear()
            return True
        link = find_link(text)
        if link and not self._is_printed(line):
            url, stack, is_preview = link
            self._close()
            self.run.link(url, stack, is_preview=is_preview)
            return True
        heading = find_heading(text)
        if heading is None:
            return False
        indent = _indent(line)
        is_within = self._block is not None or self._section in _QUOTING
        if is_within and self._section and indent > self._section_indent and text[0] != "-":
            return False
        self._close()
        self._enter(heading, indent)
        return True

    def _enter(self, heading: Heading, indent: int) -> None:
        self._section, self._section_indent = heading.name, indent
        self._since_end = 0
        self.run.section(heading.name)
        if heading.name == "Duration":
            self.run.duration_s = heading.duration_s
            self.run.ended = True
            self._section = ""
        elif heading.name == "Resources":
            self.run.counts = {}
            self.run.ended = True

    # -- lines that continue it

    def _goes_on(self, line: str, text: str) -> None:
        if self._block is not None:
            self._in_block(line, text)
        elif self._section == "Resources":
            self._in_counts(line, text)
        elif self._section == "Policies" and not _LOOSE_ERROR.match(text[:MESSAGE_KEPT]):
            self._policies.feed(line)
        elif self._section in _QUOTING:
            self._in_values(line)
        elif self._section == VALUES:
            return
        else:
            self._loose(line, text)

    def _in_block(self, line: str, text: str) -> None:
        block, indent = self._block, _indent(line)
        if block is None or _ASK.search(text) or _STEP_FAILED.match(text):
            self._close()
        elif block.belongs(indent):
            block.add(line, text, indent)
        else:
            self._close()
            self._loose(line, text)

    def _in_counts(self, line: str, text: str) -> None:
        found = find_counts(text)
        if found and " to " in text:
            self.run.is_plan = True
            if self.run.kind is UpdateKind.UNKNOWN:
                self.run.kind = UpdateKind.PREVIEW
        for op, number in found:
            counts = self.run.counts = self.run.counts or {}
            counts[op] = counts.get(op, 0) + number
        if not found and (not line[0].isspace() or _LOOSE_ERROR.match(text[:MESSAGE_KEPT])):
            self._section = ""
            self._loose(line, text)

    def _in_values(self, line: str) -> None:
        """An exported value may have many lines, and any of them may look like an error."""
        if self._section == "Outputs":
            if self.run.outputs is None:
                from upshot.evidence.console.outputs import (
                    OutputSection,  # few logs that fail have it
                )

                self.run.outputs = OutputSection()
            self.run.outputs.feed(line)
        error = _LOOSE_ERROR.match(line.strip()[:MESSAGE_KEPT])
        if error and error["text"] and _indent(line) <= self._section_indent:
            self.run.left.add_error(error["text"])

    def _loose(self, line: str, text: str) -> None:
        head = text[:MESSAGE_KEPT]
        if self._policies.holds_one(head, self.run):
            return
        error = _LOOSE_ERROR.match(head)
        if error:
            self._section = "" if self._section == "Policies" else self._section
            # What the CLI wrote on its standard error is its own word, as a library quotes it.
            is_engine = line.startswith("error: ") or text.startswith("stderr: error: ")
            said = error["text"] if is_engine or text.startswith("error: ") else text
            self._begin_loose(line, "error", said, is_engine=is_engine)
        elif is_bare_error(head) or (is_exception(head) and not _STEP_FAILED.search(text)):
            self._begin_loose(line, "raised", text)
        else:
            self._since_end += self.run.ended and not _FOOTER.match(text)
            if text.startswith("warning: "):
                self.run.warning(text.removeprefix("warning: "))
            else:
                self.run.left.add_line(line)
            self._recent.append(line[:_RECENT_CHARS])

    def _begin_loose(
        self, line: str, severity: str, first: str, *, is_engine: bool = False
    ) -> None:
        self._policies.close(self.run)
        is_last = self.run.is_good_so_far and not self._since_end
        self._block = block = LooseBlock(
            self.run, self._traceback(), is_engine=is_engine, is_last=is_last
        )
        block.begin(severity, first, _indent(line))

    def _traceback(self) -> str:
        """The lines before an exception from the start of its traceback; empty without one."""
        lines = list(self._recent)
        at = next((at for at, line in enumerate(lines) if _TRACEBACK.match(line)), len(lines))
        return "\n".join(lines[at:])

    # -- the end of a block and of the log

    def _close(self) -> None:
        self._policies.close(self.run)
        if self._block is not None:
            self._block.close()
            self._block = None
            self._recent.clear()

    def accounts(self) -> tuple[Facts, ...]:
        """Everything that was read, closed."""
        self._close()
        return self._runs.accounts(self._last)


def _indent(line: str) -> int:
    if not line[:1].isspace():
        return 0
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip())
