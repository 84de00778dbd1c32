"""Lines that belong together: a resource's diagnostics, or an error without a resource.

A message goes to the run as soon as the next one begins, so a block of any length needs the memory
of one message. Must not know of sections and runs of the log.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from upshot.evidence.console.leftovers import failed_command
from upshot.evidence.console.run import ConsoleRun
from upshot.evidence.console.sections import Block, is_host_error
from upshot.evidence.failure.bare import is_command
from upshot.evidence.failure.cause import Standing, standing_of
from upshot.evidence.failure.failures import Named
from upshot.evidence.text import CappedText
from upshot.evidence.urn import STACK_TYPE
from upshot.model import PolicyViolation, UpdateKind
from upshot.text import pattern

if TYPE_CHECKING:
    from upshot.evidence.console.policies import PolicySection

LOOSE_LINES: Final = 80
"""Lines after an error without a resource that may belong to it."""

_WARNED_LINES: Final = 40
"""Lines of warnings kept for each resource: some errors only refer to them."""

_SEVERITY = pattern(
    r"(?:stderr: ?)?(?P<severity>error|warning|info|debug|mandatory|advisory|remediate): ?(?P<text>.*)"
)
_POLICY = pattern(r"\[(?P<policy>[^\]\n]{1,200})\] ?")
# An error code, or a word for failure: then a message without a severity is an error.
_READS_AS_ERROR = pattern(r"[A-Z][a-z]{1,40}[A-Z]\w{1,80}: |.{0,200}\b(?:failed|error)\b")
_AFTER_END = pattern(
    r"no changes were expected|(?:update|preview|destroy|refresh|import) failed|snapshot|checkpoint"
    r"|pulumi|stack|policy|state"
)


class _Messages(ABC):
    """Splits lines into messages: a line begins one with its severity, or continues the last one."""

    def __init__(self, severity: str = "") -> None:
        self._default = severity
        self._severity = ""
        self._text: CappedText | None = None
        self._indent = -1
        self._last = ""

    def add(self, line: str, text: str, indent: int) -> None:
        if self._indent < 0:
            self._indent = indent
        match = _SEVERITY.match(text) if indent <= self._indent else None
        if match:
            self.begin(match["severity"], match["text"], indent)
        elif self._text is None:
            self.begin(self._default, text, indent)
        else:
            self._text.add(line[min(indent, self._indent) :].rstrip())
            self._last = text

    def begin(self, severity: str, first: str, indent: int) -> None:
        self._finish()
        self._indent = indent if self._indent < 0 else self._indent
        self._severity = severity
        self._text = CappedText()
        self._text.add(first)
        self._last = first

    @property
    def is_open(self) -> bool:
        """Whether the last line only opens the next one, which may stand anywhere."""
        return self._last.endswith(":")

    @property
    def indent(self) -> int:
        """Columns before the first message; -1 where none has come."""
        return self._indent

    def blank(self) -> None:
        if self._text is not None:
            self._text.add("")
            self._last = ""

    def _finish(self) -> None:
        if self._text is not None:
            self.say(self._severity, "\n".join(self._text.lines()).strip("\n"))
        self._text = None

    @abstractmethod
    def say(self, severity: str, message: str) -> None:
        """One whole message."""


class ResourceBlock(_Messages):
    """The lines under `aws:s3:Bucket (assets):`."""

    def __init__(self, run: ConsoleRun, head: Block, *, in_diagnostics: bool) -> None:
        super().__init__("error" if head.is_error else "")
        self.head = head
        self._run = run
        self._resource = Named("", head.type, head.name)
        self._in_diagnostics = in_diagnostics
        self._printed = CappedText()
        self._warned: list[str] = []
        self._failed = False

    def belongs(self, indent: int) -> bool:
        return self.head.is_error or indent >= self.head.indent or self.is_open

    def say(self, severity: str, message: str) -> None:
        if severity == "error" and not self._run.is_quiet(self.head.type, self.head.name):
            self._failed = True
            self._run.error(message, self._resource)
        elif severity == "warning":
            self._run.warning(message)
            if self.head.type != STACK_TYPE:
                self._warned.extend(message.split("\n")[:_WARNED_LINES])
        elif not severity and self._in_diagnostics and is_host_error(message):
            self._failed = True
            self._run.error(message, self._resource)
        elif severity in {"mandatory", "advisory", "remediate"}:
            self._policy(severity, message)
        else:
            is_alone = self.head.type == STACK_TYPE and not self._run.has_resources
            self._run.info(is_doubtful=is_alone or message.startswith("Error: "))
            for line in message.split("\n"):
                self._printed.add(line)

    def close(self) -> None:
        self._finish()
        printed = "\n".join(self._printed.lines())
        if self._failed:
            context = "\n".join([*self._warned[:_WARNED_LINES], printed])
            self._run.context(self._resource, context)
        elif not self._in_diagnostics and _READS_AS_ERROR.match(printed):
            self._run.left.add_raised(self._resource, printed)
        else:
            self._run.left.add_block(self._resource, printed)

    def _policy(self, enforcement: str, message: str) -> None:
        match = _POLICY.match(message)
        violation = PolicyViolation(
            match["policy"] if match else "",
            "",
            enforcement,
            message[match.end() :] if match else message,
        )
        self._run.violation(violation, self._resource, f"{enforcement}: {message}")


class LooseBlock(_Messages):
    """An error, or an exception as a language host prints it, that is under no resource."""

    def __init__(
        self, run: ConsoleRun, before: str, *, is_engine: bool = False, is_last: bool = False
    ) -> None:
        """`before`: a traceback's lines before the exception. `is_engine`: it has the form of the
        CLI's own last line, `error: …` at the start of a line; `is_last`: it also stands where that
        line stands, right after the end of the display.
        """
        super().__init__()
        self._run = run
        self._before = before
        # A preview that went well is followed by its update, which may be refused at once.
        self._ends_run = is_engine and run.kind is UpdateKind.PREVIEW and not is_last
        self._is_last = is_engine and is_last
        self._left = LOOSE_LINES

    def belongs(self, indent: int) -> bool:  # noqa: ARG002 - raw errors keep no indentation
        self._left -= 1
        return self._left > 0

    def say(self, severity: str, message: str) -> None:
        if severity == "warning":
            self._run.warning(message)
        elif severity == "raised":
            if self._before and standing_of(message) is not Standing.CAUSE:
                self._before = ""  # where a wrapper of the command was called says nothing
            self._before = f"{self._before}\n{message}".strip("\n")
            if is_host_error(message) and not self._run.ended:
                self._run.error(message, Named())
            elif standing_of(self._before) is Standing.CAUSE:
                self._run.left.add_raised(Named(), self._before)
            elif is_command(message) or failed_command(message.split("\n")):
                self._run.failed()
        elif severity == "error":
            is_late = self._run.ended and not self._ends_run
            if is_late and not (self._is_last or _AFTER_END.search(message[:2_000])):
                self._run.left.add_error(message)
            else:
                self._run.error(message, Named(), context=self._before, is_late=is_late)

    def close(self) -> None:
        self._finish()


class PolicyLines:
    """Violations, in their section or on one line each; few runs have any, so the grammar is loaded late."""

    def __init__(self) -> None:
        self._section: PolicySection | None = None

    def feed(self, line: str) -> None:
        """A line of the section."""
        if self._section is None:
            from upshot.evidence.console.policies import PolicySection

            self._section = PolicySection()
        self._section.feed(line)

    def holds_one(self, text: str, run: ConsoleRun) -> bool:
        """Whether a line outside of the section was a violation; if so, the run has it."""
        if "]  " not in text or "@" not in text:
            return False
        from upshot.evidence.console.policies import find_violation

        found = find_violation(text)
        if found:
            run.violation(*found)
        return found is not None

    def close(self, run: ConsoleRun) -> None:
        """The end of the section: the run gets what it held."""
        for found in self._section.close() if self._section else ():
            run.violation(*found)
