"""The job: environment, clock, log; the one `except` ladder; exit codes.

0: reported, also when an AI, Pulumi Cloud or GitHub is down. 1: the workflow's author must act, or
`strict` is set and something degraded. 130 and 143: cancelled. A fault of Upshot's own is told as a
bug and never changes the result of a deployment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TextIO

from msgspec import json

from upshot import __version__
from upshot.errors import EventError, InputError, InputErrors, UpshotError
from upshot.event import read_event
from upshot.inputs import Inputs, parse_inputs
from upshot.model import ReasonCode
from upshot.modes.job import Job
from upshot.modes.shared.told import Told, ended_early
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog
from upshot.runner.env_secrets import secrets_in_env
from upshot.runner.randomness import random_share, random_token
from upshot.runner.signals import Interrupted, ignore_signals, raise_on_signals
from upshot.runner.warnings import Warnings, told
from upshot.subject import console_origin
from upshot.timing import Clock, Deadline, SystemClock
from upshot.workspace import Workspace, read_text

EVENT_LIMIT_BYTES = 32 * 1024 * 1024
PUBLISHING_S = 30.0
"""Of `timeout`, kept for publishing what is known by then; at most a quarter of it."""


def main() -> int:
    """Runs the action once, or the command line when there are arguments; the exit code."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    if len(sys.argv) > 1:
        from upshot.cli import run_command

        return run_command(sys.argv[1:], sys.stdout, sys.stderr, env=os.environ)
    return Action(os.environ, sys.stdout, SystemClock(), has_signals=True).climb()


def leave(exit_code: int) -> NoReturn:
    """Ends the process at once: a thread that still waits for GitHub must not hold up a cancelled
    run, nor meet an interpreter that is being taken down.
    """
    sys.stdout.flush()
    os._exit(exit_code)


class Action:
    """One run of the action, and what becomes of everything that can go wrong in it."""

    def __init__(
        self,
        env: Mapping[str, str],
        stream: TextIO,
        clock: Clock,
        *,
        http: Any = None,
        has_signals: bool = False,
    ) -> None:
        """`http` is an `httpx.BaseTransport` in tests; `has_signals`: the process is ours alone, so
        that SIGINT and SIGTERM cancel the run.
        """
        self._env = env
        self._http = http
        self._has_signals = has_signals
        self._clock = clock
        self._started_at = clock.now()
        self._redactor = Redactor(secrets_in_env(env))
        self._log = RunnerLog(
            stream,
            redact=self._redact,
            token=random_token,
            is_debug=env.get("RUNNER_DEBUG") == "1",
        )
        self._warnings = Warnings(self._log)
        self._inputs: Inputs | None = None

    def _redact(self, text: str) -> str:
        """By the redactor of the moment: inputs add to what is known."""
        return self._redactor.redact(text)

    def climb(self) -> int:
        """Runs, tells what went wrong, sets every output; the exit code."""
        from upshot.runner.streams import install_guards

        install_guards(self._log)
        try:
            done, exit_code = self._attempt()
            if self._has_signals:
                ignore_signals()
        except Interrupted as cancelled:  # at the very end of the attempt
            done, exit_code = self._early(ReasonCode.CANCELLED), cancelled.exit_code
        try:
            return self._end(done, exit_code)
        except Exception as bug:  # noqa: BLE001 - even then the deployment stays what it was
            self._tell_bug(bug)
            return exit_code

    def _attempt(self) -> tuple[Told, int]:
        """The rungs: each names what it catches, and who must act is in the error."""
        try:
            if self._has_signals:
                raise_on_signals()
            done = self._run()
        except InputErrors as fault:
            return self._told_early(ReasonCode.BAD_INPUT, *fault.problems), 1
        except InputError as fault:
            return self._told_early(ReasonCode.BAD_INPUT, fault), 1
        except EventError as fault:
            return self._told_early(ReasonCode.BAD_EVENT, fault), 1
        except Interrupted as cancelled:
            self._log.info("Cancelled.")
            return self._early(ReasonCode.CANCELLED), cancelled.exit_code
        except Exception as bug:  # noqa: BLE001 - the last rung: a bug of ours, told as one
            self._tell_bug(bug)
            return self._early(ReasonCode.INTERNAL_ERROR), 0
        return done, 1 if done.is_forbidden else 0

    def _told_early(self, code: ReasonCode, *faults: UpshotError) -> Told:
        """One error annotation a fault, and all of them in the job summary."""
        for fault in faults:
            self._log.error(told(fault.message, fault.hint, fault.anchor), title="Upshot")
        self._summarize("Upshot was not started", [fault.message for fault in faults])
        return self._early(code)

    def _tell_bug(self, bug: Exception) -> None:
        from upshot.runner.streams import print_traceback

        words = f"This is a bug in Upshot ({type(bug).__name__}); the deployment is not affected."
        hint = "Please report it with the log of this step."
        self._warnings.degraded(
            ReasonCode.INTERNAL_ERROR, words, hint=hint, anchor="something-else"
        )
        self._summarize("Upshot failed", [words, hint])
        with self._log.group("Traceback"):
            print_traceback(self._log, bug)

    def _summarize(self, title: str, lines: Sequence[str]) -> None:
        """A few lines for whoever looks at the job summary; they may repeat hostile input."""
        from upshot.publish.summary import publish_summary
        from upshot.report.markdown.escape import fence

        text = fence("\n".join(self._redact(line) for line in lines))
        publish_summary(self._env.get("GITHUB_STEP_SUMMARY", ""), f"### {title}\n\n{text}\n")

    def _run(self) -> Told:
        env, workspace = self._env, Workspace.from_env(self._env)
        inputs = self._inputs = parse_inputs(env, workspace)
        for secret in inputs.secrets:
            self._log.mask(secret)
        known = (*secrets_in_env(env), *inputs.secrets)
        self._redactor = Redactor(known, inputs.policy.mask_patterns)
        for warning in inputs.warnings:
            self._log.warning(warning, title="Upshot")
        event = read_event(env, _read_payload(env), pr_number=inputs.publish.pr_number)
        timeout_s = inputs.run.timeout_s
        job = Job(
            env=env,
            workspace=workspace,
            clock=self._clock,
            deadline=Deadline.after(self._clock, timeout_s - min(PUBLISHING_S, timeout_s / 4)),
            publish_deadline=Deadline.after(self._clock, timeout_s),
            console=console_origin(inputs.pulumi.cloud_url, inputs.pulumi.console_url, env),
            log=self._log,
            redactor=self._redactor,
            warnings=self._warnings,
            started_at=self._started_at,
            token=random_token,
            jitter=random_share,
            http=self._http,
        )
        self._log.info(f"Upshot {__version__}: mode {inputs.mode}, event {event.name}")
        from upshot.app import run

        return run(inputs, event, job)

    def _early(self, code: ReasonCode) -> Told:
        return Told(
            ended_early(
                code,
                redacted_count=self._redactor.count,
                duration_s=self._clock.now() - self._started_at,
            )
        )

    def _end(self, done: Told, exit_code: int) -> int:
        """Sets all outputs; `strict` turns what degraded into exit code 1."""
        from upshot.publish.outputs import publish_outputs
        from upshot.result import output_values

        values = output_values(done.ending, redact=self._redactor.redact)
        path = self._env.get("GITHUB_OUTPUT", "")
        receipt = publish_outputs(path, values, log=self._log, token=random_token)
        if receipt.why:
            self._warnings.degraded(None, receipt.why)
        ending = done.ending
        self._log.info(
            f"Done in {ending.duration_s:.1f} s: verdict {ending.verdict.status}, "
            f"reason {ending.reason_code}"
        )
        is_strict = self._inputs is not None and self._inputs.run.strict
        return 1 if is_strict and self._warnings.is_degraded and exit_code == 0 else exit_code


def _read_payload(env: Mapping[str, str]) -> dict[str, object]:
    """The event's payload; empty where the runner names none. Raises EventError."""
    path = env.get("GITHUB_EVENT_PATH", "")
    if not path:
        return {}
    try:
        payload = json.decode(read_text(path, limit_bytes=EVENT_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError) as fault:
        raise EventError(
            f"the event payload in GITHUB_EVENT_PATH cannot be read: {type(fault).__name__}"
        ) from None
    if not isinstance(payload, dict):
        raise EventError("the event payload in GITHUB_EVENT_PATH is not a JSON object")
    return payload


if __name__ == "__main__":
    leave(main())
