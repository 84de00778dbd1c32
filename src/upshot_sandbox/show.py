"""Shows a person what a run did: the log as the runner would show it, and the comment."""

from __future__ import annotations

import re
from typing import IO, Final

from upshot_sandbox import oracle
from upshot_sandbox.runner import RunResult

_HIDDEN: Final = frozenset({"add-mask", "stop-commands", "endgroup", "debug", "save-state"})
_MARKER: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_SUMMARY: Final = re.compile(r"<details(?: open)?>\s*<summary>(.*?)</summary>", re.DOTALL)
_TAG: Final = re.compile(r"</?(?:details|summary|sub|sup|b|i|code|br|p|picture|source|img)\b[^>]*>")
_ROW: Final = re.compile(r"^\s*\|.*\|\s*$")
_RULE_ROW: Final = re.compile(r"^\s*\|[\s:|-]+\|\s*$")
_BREAK: Final = re.compile(r"<br\s*/?>")
_WIDTH: Final = 100
_WIDEST_CELL: Final = 60


class Pen:
    """Writes to a terminal, with colour where there is one."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._colour = stream.isatty()

    def line(self, text: str = "", style: str = "") -> None:
        """One line; `style` is an SGR code such as `1` for bold."""
        styled = f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text
        print(styled, file=self._stream)

    def title(self, text: str) -> None:
        self.line()
        self.line(f"── {text} ".ljust(_WIDTH, "─"), "1")


def show_run(pen: Pen, result: RunResult, *, number: int, folder: str) -> None:
    """The log, the comment or why there is none, and where everything lies."""
    pen.title("What the job's log shows")
    for line in log_lines(result.log):
        pen.line(f"  {line}")
    if result.comments:
        for body in result.comments:
            pen.title(f"The comment on pull request #{number}")
            for line in comment_lines(body):
                pen.line(f"  {line}".rstrip())
    else:
        pen.title("No comment was posted; this is the job summary")
        for line in comment_lines(result.summary):
            pen.line(f"  {line}".rstrip())
    _show_places(pen, result, folder)


def _show_places(pen: Pen, result: RunResult, folder: str) -> None:
    machine = result.machine
    pen.title("Where everything is")
    pen.line(f"  exit code   {result.exit_code}   ({result.duration_s:.2f} s)", "1")
    pen.line(f"  job summary {machine.command_file('GITHUB_STEP_SUMMARY')}")
    pen.line(f"  outputs     {machine.command_file('GITHUB_OUTPUT')}")
    pen.line(f"  log         {machine.folder / 'log.txt'}")
    pen.line(f"  comment     {machine.folder / 'comment.md'}")
    pen.line(f"  everything  {folder}")
    pen.line(f"  requests    {', '.join(_requests(result)) or 'none'}")
    short = {name: value for name, value in result.outputs.items() if value and len(value) <= 80}
    pen.line("  outputs that are short:")
    for name, value in short.items():
        pen.line(f"    {name:<20} {value}")
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


def comment_lines(body: str) -> list[str]:
    """Markdown for a terminal: markers and tags away, tables straight."""
    text = _MARKER.sub("", body)
    text = _SUMMARY.sub(lambda match: f"▸ {_TAG.sub('', match[1]).strip()}", text)
    lines = _TAG.sub("", _BREAK.sub(" ", text)).strip().splitlines()
    shown: list[str] = []
    table: list[str] = []
    for line in [*lines, ""]:
        if _ROW.match(line):
            table.append(line)
            continue
        shown += _straight(table)
        table = []
        if line.strip() or (shown and shown[-1].strip()):
            shown.append(line)
    return shown


def _straight(table: list[str]) -> list[str]:
    rows = [[_cut(cell) for cell in row.strip().strip("|").split("|")] for row in table]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    shown: list[str] = []
    for row, line in zip(rows, table, strict=True):
        if _RULE_ROW.match(line):
            shown.append("  ".join("─" * width for width in widths))
        else:
            cells = zip(row, widths, strict=False)
            shown.append("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
    return shown


def _cut(cell: str) -> str:
    cell = cell.strip()
    return cell if len(cell) <= _WIDEST_CELL else cell[: _WIDEST_CELL - 1] + "…"
