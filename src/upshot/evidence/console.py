"""Console output of `pulumi up|preview|destroy|refresh|import` to Facts.

Reads by the grammar of the engine's display: runs, tables, sections, resources' blocks, lines
with a severity. Everything is read in one pass, a line in memory at a time; what is kept of a
message is capped. Must not know what an error means.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import Final

from upshot.evidence.cause import looks_raised
from upshot.evidence.console_run import Run, is_cancel, states_cause
from upshot.evidence.facts import Named
from upshot.evidence.merge import join_runs
from upshot.evidence.policies import PolicySection
from upshot.evidence.rows import find_row
from upshot.evidence.sections import (
    Block,
    Heading,
    find_block,
    find_count,
    find_heading,
    find_link,
    find_session,
)
from upshot.evidence.text import CappedText, iter_lines
from upshot.model import Facts, Outcome, PolicyViolation, UpdateKind

_LOOSE_LINES: Final = 80
_RECENT_LINES: Final = 80
_RECENT_CHARS: Final = 400

_SEVERITY = re.compile(
    r"(?P<severity>error|warning|info|debug|mandatory|advisory|remediate): ?(?P<text>.*)"
)
_LOOSE_ERROR = re.compile(
    r"\s*(?:> )?(?:[^\n]{0,300}?(?:\bstderr: ?|^\[[\w./ -]{1,100}\] (?:- error )?- ))?error: +(?P<text>\S.*)"
    r"|\s*(?P<sdk>sdk-v2/provider\d?\.go:\d+: sdk\.helper_schema: .+)"
)
_POLICY = re.compile(r"\[(?P<policy>[^\]\n]{1,200})\] ?(?P<text>.*)")
_ASK = re.compile(r"\[Pulumi (?:Copilot|Neo)\]|Would you like help with these diagnostics")
_STEP_FAILED = re.compile(r"(?:Error: )?Process completed with exit code \d+")
_AFTER_END = re.compile(
    r"no changes were expected|(?:update|preview|destroy|refresh|import) failed|snapshot|checkpoint"
    r"|pulumi|stack|policy|state"
)
_TRACEBACK = re.compile(r"\s*(?:Traceback \(most recent call last\)|File \".{1,300}\", line \d)")


def facts_from_console(lines: Iterable[bytes]) -> Facts:
    """What the log says; `lines` are bytes as read, in pieces of any size, line ends included.

    Never raises for what the bytes are. Memory does not grow with the log.
    """
    reader = _ConsoleReader()
    for line in iter_lines(lines):
        reader.feed(line)
    return reader.facts()


class _Entry:
    __slots__ = ("severity", "text")

    def __init__(self, severity: str, first: str) -> None:
        self.severity = severity
        self.text = CappedText()
        self.text.add(first)


class _ConsoleReader:
    def __init__(self) -> None:
        self._earlier: Facts | None = None
        self._preamble: Run | None = None
        self._run = Run()
        self._section = ""
        self._section_indent = 0
        self._block: Block | None = None
        self._entries: list[_Entry] = []
        self._content_indent = -1
        self._loose_left = 0
        self._recent: deque[str] = deque(maxlen=_RECENT_LINES)
        self._policies = PolicySection()

    # -- one line

    def feed(self, line: str) -> None:
        text = line.strip()
        if not text:
            if self._block and self._entries:
                self._entries[-1].text.add("")
            return
        if self._starts_something(line, text):
            return
        if self._block is not None:
            self._in_block(line, text)
        elif self._section == "Resources":
            self._in_counts(line)
        elif self._section == "Policies":
            self._policies.feed(line)
        elif self._section in {"Outputs", "Changes"}:
            self._in_outputs(line)
        else:
            self._loose(line, text)

    def _starts_something(self, line: str, text: str) -> bool:
        """Headings, blocks and rows; each ends what was open before."""
        first = text[0]
        may_head = first in "VPUDRIO-iC" or "stdout:" in text or "View " in text
        if may_head and self._heading(line, text):
            return True
        if first in "PU^eT[s#" and is_cancel(text):
            self._close_block()
            self._run.cancelled(text)
            return True
        if text[-1] == ":" or "→" in text or self._section == "Diagnostics":
            block = find_block(line, in_diagnostics=self._section == "Diagnostics")
            if block and self._is_head(block):
                self._close_block()
                self._block = block
                return True
        if self._block is not None and self._section == "Diagnostics":
            return False
        if self._section in {"Outputs", "Changes"} and "─" not in text:
            return False
        row = find_row(line)
        if row:
            self._close_block()
            self._section = ""
            self._run.row(row)
            return True
        return False

    def _is_head(self, block: Block) -> bool:
        if self._section in {"Outputs", "Changes"}:
            return False
        if self._block is None or not self._block.type or min(self._block.indent, block.indent) < 0:
            return True
        return block.indent <= self._block.indent

    def _heading(self, line: str, text: str) -> bool:
        session = find_session(line)
        if session:
            self._close_block()
            self._next_run(session.kind, session.stack)
            return True
        link = find_link(text)
        if link:
            url, stack, is_preview = link
            self._close_block()
            self._run.link(url, stack, is_preview=is_preview)
            return True
        heading = find_heading(text)
        if heading is None:
            return False
        indent = _indent(line)
        if self._block is not None or self._section in {"Outputs", "Changes"}:
            limit = self._section_indent if self._section else indent
            if indent > limit and not text.startswith("---"):
                return False
        self._close_block()
        self._enter(heading, indent)
        return True

    def _enter(self, heading: Heading, indent: int) -> None:
        self._section, self._section_indent = heading.name, indent
        if heading.name == "Duration":
            self._run.duration_s = heading.duration_s
            self._run.ended = True
            self._section = ""
        elif heading.name == "Resources":
            self._run.counts = {}
            self._run.ended = True
        elif heading.name == "Diagnostics":
            self._run.reached_diagnostics = True

    # -- inside of something

    def _in_counts(self, line: str) -> None:
        count = find_count(line)
        if count and self._run.counts is not None:
            op, number = count
            self._run.counts[op] = self._run.counts.get(op, 0) + number
        elif not line[0].isspace():
            self._section = ""
            self._loose(line, line.strip())

    def _in_outputs(self, line: str) -> None:
        if _indent(line) > self._section_indent:
            return
        error = _LOOSE_ERROR.match(line)
        if error and error["text"]:
            self._run.aside(error["text"])

    def _in_block(self, line: str, text: str) -> None:
        block = self._block
        if block is None or _ASK.search(text):
            return
        if _STEP_FAILED.match(text):
            self._close_block()
            return
        indent = _indent(line)
        if block.indent >= 0 and indent < block.indent and not block.is_error:
            self._close_block()
            self._loose(line, text)
            return
        if self._content_indent < 0:
            self._content_indent = indent
        if self._loose_left:
            self._loose_left -= 1
            if not self._loose_left:
                self._close_block()
                return
        match = _SEVERITY.match(text) if indent <= self._content_indent else None
        if match:
            self._entries.append(_Entry(match["severity"], match["text"]))
            return
        if not self._entries:
            self._entries.append(_Entry("error" if block.is_error else "", text))
            return
        self._entries[-1].text.add(line[min(indent, self._content_indent) :].rstrip())

    def _loose(self, line: str, text: str) -> None:
        error = _LOOSE_ERROR.match(line[:16_000])
        if error:
            self._block = Block("", "", 0)
            self._content_indent = _indent(line)
            self._loose_left = _LOOSE_LINES
            plain = text.startswith("error: ")
            self._entries.append(_Entry("error", error["text"] if plain else text))
            return
        if looks_raised(line[:2_000]) and not _STEP_FAILED.search(text):
            self._block = Block("", "", 0)
            self._content_indent = _indent(line)
            self._loose_left = _LOOSE_LINES
            self._entries.append(_Entry("raised", text))
            return
        if text.startswith("warning: "):
            self._run.warning(text.removeprefix("warning: "))
        self._recent.append(line[:_RECENT_CHARS])

    # -- closing

    def _close_block(self) -> None:
        block, entries = self._block, self._entries
        self._block, self._entries = None, []
        self._content_indent, self._loose_left = -1, 0
        violations = self._policies.close()
        for violation, resource, line in violations:
            self._run.violation(violation, resource, line)
        if block is None or not entries:
            return
        resource = Named("", block.type, block.name)
        if block.type:
            self._close_resource(resource, entries)
        else:
            self._close_loose(entries)
        self._recent.clear()

    def _close_resource(self, resource: Named, entries: list[_Entry]) -> None:
        quiet = self._run.is_quiet(resource.type, resource.name)
        printed: list[str] = []
        failed = False
        for entry in entries:
            message = "\n".join(entry.text.lines()).strip("\n")
            match entry.severity:
                case "error" if not quiet:
                    failed = True
                    self._run.error(message, resource)
                case "warning":
                    self._run.warning(message)
                case "mandatory" | "advisory" | "remediate":
                    self._policy(entry.severity, message, resource)
                case _:
                    self._run.info()
                    printed.append(message)
        if failed:
            self._run.context(resource, "\n".join(printed))
        elif printed and self._section != "Diagnostics" and states_error(printed[0]):
            self._run.raised(resource, "\n".join(printed))

    def _policy(self, enforcement: str, message: str, resource: Named) -> None:
        match = _POLICY.match(message)
        policy = match["policy"] if match else ""
        violation = PolicyViolation(
            policy, "", enforcement, message[match.end("policy") + 2 :] if match else message
        )
        self._run.violation(violation, resource, f"{enforcement}: {message}")

    def _close_loose(self, entries: list[_Entry]) -> None:
        before = self._traceback()
        for entry in entries:
            message = "\n".join(entry.text.lines()).strip("\n")
            if entry.severity == "warning":
                self._run.warning(message)
            elif entry.severity == "raised":
                before = f"{before}\n{message}" if before else message
                if states_cause(before):
                    self._run.raised(Named(), before)
            elif entry.severity == "error":
                if self._run.ended and not _AFTER_END.search(message[:2_000]):
                    self._run.aside(message)
                else:
                    self._run.error(message, Named(), context=before)

    def _traceback(self) -> str:
        """The lines before an exception, from where its traceback begins; else nothing."""
        lines = list(self._recent)
        starts = [at for at, line in enumerate(lines) if _TRACEBACK.match(line)]
        return "\n".join(lines[starts[0] :]) if starts else ""

    def _next_run(self, kind: UpdateKind, stack: str) -> None:
        finished = self._run
        self._run = Run(kind, stack)
        self._section = ""
        self._recent.clear()
        if self._earlier is None and self._preamble is None and not finished.is_told:
            self._preamble = finished
            return
        facts = finished.facts()
        self._earlier = join_runs(self._earlier, facts) if self._earlier else facts

    def facts(self) -> Facts:
        """Everything that was read, closed."""
        self._close_block()
        facts = self._run.facts()
        if self._earlier:
            facts = join_runs(self._earlier, facts)
        if self._preamble and facts.outcome is not Outcome.SUCCEEDED and not facts.root_cause:
            before = self._preamble.facts()
            facts = join_runs(before, facts) if before.failures else facts
        return facts


def states_error(text: str) -> bool:
    """Whether a line without a severity reads as an error: it begins with an error code."""
    return bool(re.match(r"(?:[A-Z][a-z]+){2,}\w*: |.{0,200}\b(?:failed|error)\b", text))


def _indent(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.lstrip().expandtabs(4)) if line[0].isspace() else 0
