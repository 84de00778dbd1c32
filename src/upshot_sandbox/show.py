"""Shows a person what a run did: the log as the runner would show it, and the comment."""

from __future__ import annotations

import json
from typing import IO, Final

from upshot.runner.terminal import paint, plain, terminal_lines
from upshot_sandbox import oracle
from upshot_sandbox.runner import RunResult

_HIDDEN: Final = frozenset({"add-mask", "stop-commands", "endgroup", "debug", "save-state"})
_WIDTH: Final = 100
_MOST_LINES: Final = 120
_LONGEST_VALUE: Final = 80


class Pen:
    """Writes to a terminal, with colour where there is one."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._colour = stream.isatty()

    def line(self, text: str = "", style: str = "") -> None:
        """One line; `style` is an SGR code such as `1` for bold."""
        styled = f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text
        print(styled, file=self._stream)

    def report(self, markdown: str) -> None:
        """A comment or a summary, as a terminal can show it."""
        for line in terminal_lines(markdown, paint=paint if self._colour else plain):
            self.line(f"  {line}".rstrip())

    def title(self, text: str) -> None:
        self.line()
        self.line(f"── {text} ".ljust(_WIDTH, "─"), "1")


def show_run(pen: Pen, result: RunResult, *, number: int, folder: str) -> None:
    """The log, the comment or why there is none, and where everything lies."""
    pen.title("What the job's log shows")
    for line in log_lines(result.log.rstrip("\n")):
        pen.line(f"  {line}".rstrip())
    if result.comments:
        for body in result.comments:
            pen.title(f"The comment on pull request #{number}")
            pen.report(body)
    for issue in result.issues:
        pen.title(f"Issue #{issue.number} ({issue.state}): {issue.title}")
        pen.report(issue.body)
        for comment in issue.comments:
            pen.line()
            pen.report(comment.body)
    for message in result.messages:
        pen.title(f"What {message.to} got")
        for line in json.dumps(message.body, indent=1, ensure_ascii=False).splitlines()[
            :_MOST_LINES
        ]:
            pen.line(f"  {line}")
    if not result.comments and not result.issues:
        pen.title("No comment was posted; this is the job summary")
        pen.report(result.summary)
    _show_places(pen, result, folder)


def _show_places(pen: Pen, result: RunResult, folder: str) -> None:
    machine = result.machine
    pen.title("Where everything is")
    pen.line(f"  exit code   {result.exit_code}   ({result.duration_s:.2f} s)", "1")
    if result.comments:
        pen.line(f"  comment     {folder}/comment.md   (the Markdown as it was posted)")
    pen.line(f"  job summary {machine.command_file('GITHUB_STEP_SUMMARY')}")
    pen.line(f"  outputs     {machine.command_file('GITHUB_OUTPUT')}")
    pen.line(f"  log         {machine.folder / 'log.txt'}")
    pen.line(f"  the rest    {folder}")
    pen.title("What the action asked the sandbox")
    for line in _requests(result) or ["nothing"]:
        pen.line(f"  {line}")
    pen.title("Outputs (without the empty and the long ones)")
    for name, value in result.outputs.items():
        if value and len(value) <= _LONGEST_VALUE:
            pen.line(f"  {name:<20} {value}")
    for violation in result.violations:
        pen.line(f"  WIRE VIOLATION  {violation}", "31")


def _requests(result: RunResult) -> list[str]:
    return [f"{r.line} ({r.status or 'no answer'})" for r in result.requests]


def log_lines(log: str) -> list[str]:
    """The log as the job's page shows it: commands turned into what they do, masks applied."""
    printed = log.encode()
    acted = {command.line: command for command in oracle.commands_in(printed)}
    hidden = sorted(oracle.masks_in(printed), key=len, reverse=True)
    ends = {c.data.strip().lower() for c in acted.values() if c.name == "stop-commands"}
    shown: list[str] = []
    for number, line in enumerate(oracle.lines_of(printed)):
        command = acted.get(number)
        text = line if command is None else _as_shown(command)
        if text is None or line.strip(":").lower() in ends:
            continue
        for mask in hidden:
            text = text.replace(mask, "***")
        shown += text.splitlines() or [""]
    return shown


def _as_shown(command: oracle.Command) -> str | None:
    if command.name in _HIDDEN:
        return None
    if command.name == "group":
        return f"▸ {command.data}"
    place = f"{command.properties.get('file', '')}:{command.properties.get('line', '')}".strip(":")
    title = command.properties.get("title", "")
    head = " ".join(part for part in (command.name.capitalize(), place, title) if part)
    return f"{head}: {command.data}"
