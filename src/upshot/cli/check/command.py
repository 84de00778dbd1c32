"""`upshot check [FILE …]`: the rules over workflow files, and how their findings are shown."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, to_builtins

from upshot.cli.check.finding import Finding, Level
from upshot.cli.check.names import check_expressions, check_names
from upshot.cli.check.parse import MOST_BYTES, Tree, Unreadable, parse_yaml
from upshot.cli.check.rights import check_forks, check_rights
from upshot.cli.check.wiring import check_pulumi_step, check_wiring
from upshot.cli.check.workflow import Workflow
from upshot.cli.desk import Desk, Refused
from upshot.cli.sources import shown
from upshot.cli.terminal.screen import Screen
from upshot.report.redact.redact import Redactor
from upshot.workspace import open_regular

VERSION: Final = 1
"""Of the JSON; it grows when a field changes its meaning or goes away."""
_FOLDER: Final = ".github/workflows"
_MOST_FILES: Final = 500


class Checked(Struct, frozen=True):
    """One file."""

    path: str
    uses_upshot: bool
    findings: tuple[Finding, ...]


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Exit code 1 when there is an error; Refused where there is no file to check."""
    paths = options.files or _default_files()
    if not paths:
        raise Refused(
            f"there is no workflow in {_FOLDER}, here or above", hint="upshot check FILE …"
        )
    redactor = desk.redactor()
    checked = [_redacted(check_file(path), redactor) for path in paths]
    if options.json:
        screen.data(_document(checked))
    else:
        screen.findings(checked)
    has_error = any(each.level is Level.ERROR for file in checked for each in file.findings)
    return 1 if has_error else 0


def _default_files() -> list[str]:
    """The workflows of the repository that the working directory is in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        found = sorted(folder.glob(f"{_FOLDER}/*.y*ml"))
        if found or (folder / ".git").exists():
            return [os.path.relpath(path) for path in found if path.is_file()][:_MOST_FILES]
    return []


def check_file(path: str) -> Checked:
    """Every finding of one file, in the order of its lines. Raises Refused for what is no file."""
    try:
        with open_regular(str(Path(path).resolve())) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise Refused(f"{shown(path)} cannot be read: {fault.strerror or fault}") from None
    return check_text(path, data)


def check_text(path: str, data: bytes) -> Checked:
    """The same, of bytes."""
    try:
        value = parse_yaml(data)
    except Unreadable as fault:
        return Checked(path, uses_upshot=False, findings=(_unreadable(str(fault), fault.line),))
    if not isinstance(value, Tree) or not value.tree("jobs").entries:
        found = _unreadable("it has no jobs", value.line)
        return Checked(path, uses_upshot=False, findings=(found,))
    workflow = Workflow(value)
    if not any(True for _ in workflow.upshot_steps):
        return Checked(path, uses_upshot=False, findings=())
    found_once = dict.fromkeys(_findings(workflow))
    order: Callable[[Finding], Any] = lambda each: (each.line, each.level.rank, each.rule)  # noqa: E731
    return Checked(path, uses_upshot=True, findings=tuple(sorted(found_once, key=order)))


def _findings(workflow: Workflow) -> Iterator[Finding]:
    for step in workflow.upshot_steps:
        yield from check_wiring(step)
        yield from check_rights(step)
        yield from check_names(step)
    for job in workflow.jobs.values():
        for step in job.steps:
            yield from check_pulumi_step(step)
    yield from check_forks(workflow)
    yield from check_expressions(workflow)


def _unreadable(why: str, line: int) -> Finding:
    return Finding(
        "yaml", Level.ERROR, line or 1, f"this is no workflow: {why}", "GitHub does not run it."
    )


def _redacted(checked: Checked, redactor: Redactor) -> Checked:
    from upshot.report.content import map_texts

    return map_texts(checked, redactor.redact)


def _document(checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "files": [{"path": each.path, "uses_upshot": each.uses_upshot} for each in checked],
        "findings": [
            {"file": file.path, **to_builtins(each)} for file in checked for each in file.findings
        ],
    }
