"""`python -m upshot` on a developer's machine: the readers, rules and report of the action.

    python -m upshot explain --log-file pulumi.log
    python -m upshot explain --events-file events.json --json

No network and no token: the options become the inputs that a workflow would give. The report goes
to standard output, everything else to standard error.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import TextIO

from upshot import __version__

_TIMEOUT_S = 600.0
_NARROWEST, _WIDEST = 40, 120
_NO_RUNNER = {
    "GITHUB_REPOSITORY": "local/files",
    "GITHUB_EVENT_NAME": "command-line",
    "GITHUB_WORKSPACE": "/",
    "INPUT_BACKEND": "local",
    "INPUT_COMMENT-MODE": "off",
}


def run_command(
    arguments: Sequence[str], out: TextIO, err: TextIO, *, env: Mapping[str, str]
) -> int:
    """Runs one command; the exit code: 0 reported, 1 a file cannot be read, 2 bad usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.log_file or options.events_file):
        parser.error("give --log-file or --events-file")
    given = {}
    for name, path in (("LOG", options.log_file), ("EVENTS", options.events_file)):
        if not path:
            continue
        if why := _why_unreadable(path):
            from upshot.text import strip_invisible

            err.write(f"{strip_invisible(path)} cannot be read: {why}\n")
            return 1
        given[f"INPUT_{name}-FILE"] = os.path.realpath(path)
    return explain(given, out, err, env=env, as_json=options.json)


def explain(
    given: Mapping[str, str], out: TextIO, err: TextIO, *, env: Mapping[str, str], as_json: bool
) -> int:
    """Prints the report, or the result as JSON; exit code 1 when the outcome is not known.

    A terminal gets plain lines, a pipe the Markdown. `given` are inputs as the runner passes them,
    `env` may hold secrets to be masked.
    """
    from msgspec import json

    from upshot.job import Job
    from upshot.model import BackendName, NoAnswer, Outcome
    from upshot.modes.shared.finish import build_result
    from upshot.modes.shared.gather import gather_evidence
    from upshot.modes.shared.report import ReportMaker
    from upshot.publish.interface import PullRequestContext
    from upshot.report.redact.redact import Redactor
    from upshot.result import build_document
    from upshot.runner.commands import RunnerLog, random_token
    from upshot.runner.env_secrets import secrets_in_env
    from upshot.runner.warnings import Warnings
    from upshot.timing import SystemClock

    redactor = Redactor(secrets_in_env(env))
    job = Job.from_env(
        {**_NO_RUNNER, **given},
        log=RunnerLog(err, redact=redactor.redact, token=random_token),
        redactor=redactor,
        warnings=Warnings(_Silent()),  # the report itself shows them
        clock=SystemClock(),
        timeout_s=_TIMEOUT_S,
    )
    maker, nowhere = ReportMaker(job), PullRequestContext()
    is_known = False
    for case in gather_evidence(job, None, is_expected=True):
        report = maker.build(case, NoAnswer(BackendName.LOCAL), nowhere)
        if as_json:
            document = build_document(build_result(job, report), redact=redactor.redact)
            out.write(json.format(json.encode(document)).decode() + "\n")
        else:
            _show(maker.renderer().summary(report).text, out)
        is_known |= case.facts.is_running or case.facts.outcome is not Outcome.UNKNOWN
    return 0 if is_known else 1


def _show(markdown: str, out: TextIO) -> None:
    if not out.isatty():
        out.write(markdown)
        return
    from shutil import get_terminal_size

    from upshot.runner.terminal import paint, terminal_lines

    width = min(max(get_terminal_size().columns, _NARROWEST), _WIDEST)
    out.writelines(f"{line}\n" for line in terminal_lines(markdown, paint=paint, width=width))


class _Silent:
    """Prints no warning."""

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """Does nothing."""


def _why_unreadable(path: str) -> str:
    from upshot.workspace import open_regular

    try:
        open_regular(os.path.realpath(path)).close()
    except OSError as fault:
        return fault.strerror or str(fault)
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m upshot",
        description="Explain a Pulumi update from its log, without network.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    explain = commands.add_parser("explain", help="print the report of an update or preview")
    source = explain.add_argument_group("evidence (at least one)")
    source.add_argument("--log-file", default="", help="console output of pulumi up, preview, …")
    source.add_argument("--events-file", default="", help="event log (pulumi … --event-log FILE)")
    explain.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser
