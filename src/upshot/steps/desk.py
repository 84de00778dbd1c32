"""A run without a runner: one file, the offline rules, the report on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from msgspec import json

from upshot.errors import InputErrors
from upshot.event import read_event
from upshot.inputs import parse_inputs
from upshot.model import BackendName, NoAnswer
from upshot.report.redact import Redactor
from upshot.result import build_result
from upshot.runner.commands import RunnerLog
from upshot.steps.case import open_case
from upshot.steps.chance import random_share, random_token
from upshot.steps.ledger import Ledger
from upshot.steps.secrets import secrets_of
from upshot.steps.telling import Teller
from upshot.steps.visit import Visit
from upshot.steps.world import World
from upshot.subject import console_origin
from upshot.timing import Deadline, SystemClock
from upshot.workspace import Workspace

_TIMEOUT_S = 600.0
_NO_EVENT = {"GITHUB_REPOSITORY": "nobody/nothing", "GITHUB_EVENT_NAME": "desk"}


class _Notes:
    """What would be annotations on a runner: lines in front of the report."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:  # noqa: ARG002 - the interface
        self._out.write(f"note: {message.splitlines()[0]}\n")


class Desk:
    """Explains files of anywhere on this machine; nothing is asked, nothing is posted."""

    def __init__(self, out: TextIO, *, env: Mapping[str, str]) -> None:
        self._out = out
        self._env = env

    def explain(self, log_file: str, events_file: str, *, as_json: bool) -> int:
        """Prints the report, or the result as JSON; exit code 1 when no file could be read."""
        redactor = Redactor(secrets_of(self._env))
        clock = SystemClock()
        workspace = Workspace(root="/")
        given = {"INPUT_BACKEND": "local", "INPUT_COMMENT-MODE": "off"}
        for name, path in (("LOG", log_file), ("EVENTS", events_file)):
            if path:
                given[f"INPUT_{name}-FILE"] = _absolute(path)
        try:
            inputs = parse_inputs(given, workspace)
        except InputErrors as problems:
            self._out.write(f"{problems.message}\n")
            return 1
        notes = Ledger(_Notes(self._out))
        deadline = Deadline.after(clock, _TIMEOUT_S)
        world = World(
            env={},
            workspace=workspace,
            clock=clock,
            deadline=deadline,
            last_call=deadline,
            console=console_origin(inputs.pulumi.cloud_url),
            log=RunnerLog(self._out, redact=redactor.redact, token=random_token),
            redactor=redactor,
            ledger=notes,
            started_at=clock.now(),
            token=random_token,
            jitter=random_share,
        )
        event = read_event(_NO_EVENT, {})
        case = open_case(inputs, event, None, world)
        teller = Teller(inputs, event, world)
        report = teller.report(case, NoAnswer(BackendName.LOCAL), Visit())
        if as_json:
            ending = teller.ending(case, report)
            result = build_result(ending, redact=redactor.redact)
            self._out.write(json.format(json.encode(result)).decode() + "\n")
        else:
            self._out.write(teller.render(report).summary.text)
        return 0 if case.facts.sources else 1


def _absolute(path: str) -> str:
    import os.path

    return os.path.realpath(path)
