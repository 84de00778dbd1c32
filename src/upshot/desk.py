"""A run without a runner: one file or two, the offline rules, the report on the terminal.

A terminal gets plain lines, whoever reads from a pipe gets the Markdown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import TextIO

from msgspec import json

from upshot.event import read_event
from upshot.inputs import parse_inputs
from upshot.model import BackendName, NoAnswer, Outcome
from upshot.modes.job import Job
from upshot.modes.shared.gather import gather_evidence
from upshot.modes.shared.lookup import PullRequestContext
from upshot.modes.shared.publish_report import ReportPublisher
from upshot.report.redact.redact import Redactor
from upshot.result import build_result
from upshot.runner.commands import RunnerLog
from upshot.runner.env_secrets import secrets_in_env
from upshot.runner.randomness import random_share, random_token
from upshot.runner.terminal import paint, terminal_lines
from upshot.runner.text import strip_invisible
from upshot.runner.warnings import Warnings
from upshot.subject import console_origin
from upshot.timing import Deadline, SystemClock
from upshot.workspace import Workspace, open_regular

_TIMEOUT_S = 600.0
_NARROWEST, _WIDEST = 40, 120
_NO_EVENT = {"GITHUB_REPOSITORY": "nobody/nothing", "GITHUB_EVENT_NAME": "desk"}


class LocalRun:
    """Explains files of anywhere on this machine; nothing is asked, nothing is posted."""

    def __init__(self, out: TextIO, err: TextIO, *, env: Mapping[str, str]) -> None:
        """`out` gets the report and nothing else; `env` may hold secrets to be masked."""
        self._out = out
        self._err = err
        self._env = env

    def explain(self, log_file: str, events_file: str, *, as_json: bool) -> int:
        """Prints the report, or the result as JSON; exit code 1 when nothing is told."""
        redactor = Redactor(secrets_in_env(self._env))
        clock = SystemClock()
        workspace = Workspace(root="/")
        given = {"INPUT_BACKEND": "local", "INPUT_COMMENT-MODE": "off"}
        for name, path in (("LOG", log_file), ("EVENTS", events_file)):
            if not path:
                continue
            if why := _why_unreadable(path):
                self._err.write(f"{strip_invisible(path)} cannot be read: {why}\n")
                return 1
            given[f"INPUT_{name}-FILE"] = os.path.realpath(path)
        inputs = parse_inputs(given, workspace)
        log = RunnerLog(self._err, redact=redactor.redact, token=random_token)
        deadline = Deadline.after(clock, _TIMEOUT_S)
        job = Job(
            env={},
            workspace=workspace,
            clock=clock,
            deadline=deadline,
            publish_deadline=deadline,
            console=console_origin(inputs.pulumi.cloud_url),
            log=log,
            redactor=redactor,
            warnings=Warnings(_Notes()),  # the report itself tells them
            started_at=clock.now(),
            token=random_token,
            jitter=random_share,
        )
        event = read_event(_NO_EVENT, {})
        case = gather_evidence(inputs, event, None, job)
        teller = ReportPublisher(inputs, event, job)
        report = teller.report(case, NoAnswer(BackendName.LOCAL), PullRequestContext())
        if as_json:
            ending = teller.ending(case, report)
            result = build_result(ending, redact=redactor.redact)
            self._out.write(json.format(json.encode(result)).decode() + "\n")
        else:
            self._show(teller.render(report).summary.text)
        facts = case.facts
        is_told = facts.is_running or facts.outcome is not Outcome.UNKNOWN
        return 0 if is_told else 1

    def _show(self, markdown: str) -> None:
        if not self._out.isatty():
            self._out.write(markdown)
            return
        width = min(max(get_terminal_size().columns, _NARROWEST), _WIDEST)
        for line in terminal_lines(markdown, paint=paint, width=width):
            self._out.write(f"{line}\n")


class _Notes:
    """Warnings that go nowhere but into the report."""

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """Nothing is printed."""


def _why_unreadable(path: str) -> str:
    try:
        open_regular(os.path.realpath(path)).close()
    except OSError as fault:
        return fault.strerror or str(fault)
    return ""
