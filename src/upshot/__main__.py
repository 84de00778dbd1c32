"""The process: environment, clock, signals, exit codes.

0: reported, also when an AI, Pulumi Cloud or GitHub is down. 1: the workflow has to be changed, or
`strict` is set and a step was degraded. 130 and 143: cancelled. A bug in Upshot is reported as one
and never changes the result of a deployment, except in a mode that fails closed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from upshot import __version__
from upshot.errors import (
    EventError,
    GitHubError,
    InputError,
    InputErrors,
    NothingGiven,
    UpshotError,
)
from upshot.inputs.names import variable
from upshot.job import Job, Keep
from upshot.model import ReasonCode, ReceiptStatus
from upshot.registry import MODES
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog, random_token
from upshot.runner.env_secrets import secrets_in_env
from upshot.runner.signals import Interrupted, ignore_signals, raise_on_signals
from upshot.runner.warnings import Warnings, format_message
from upshot.timing import Clock, SystemClock

if TYPE_CHECKING:
    from upshot.http.client import Transport
    from upshot.result.run_result import RunResult


def main(keep: Keep | None = None) -> int:
    """Runs the action once, or the command line when there are arguments; the exit code."""
    if len(sys.argv) > 1:
        from upshot.cli.main import main as run_command

        return run_command()
    prepare_output()
    return Action(os.environ, sys.stdout, SystemClock(), has_signals=True, keep=keep).run()


def prepare_output() -> None:
    """Standard output takes every text, whatever the container's locale is."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def leave(exit_code: int) -> NoReturn:
    """Ends the process at once: a thread that still waits for GitHub must not hold up a cancelled
    run, nor meet an interpreter that is being taken down.
    """
    sys.stdout.flush()
    os._exit(exit_code)


class Action:
    """One run of the action, and the exit code for everything that can go wrong in it."""

    def __init__(
        self,
        env: Mapping[str, str],
        stream: TextIO,
        clock: Clock,
        *,
        http: Transport | None = None,
        has_signals: bool = False,
        keep: Keep | None = None,
    ) -> None:
        """`http` is for tests; `has_signals`: SIGINT and SIGTERM cancel the run, since the process
        runs nothing else. `keep` is where a job notes what it knows, should it be ended.
        """
        self._keep = keep
        self._env = env
        self._http = http
        self._has_signals = has_signals
        self._clock = clock
        self._started_at = clock.now()
        self._redactor = Redactor(secrets_in_env(env))
        self._log = RunnerLog(
            stream,
            redact=self._redactor.redact,
            token=random_token,
            is_debug=env.get("RUNNER_DEBUG") == "1",
        )
        self._warnings = Warnings(self._log)
        self._is_strict = False
        self._has_problems = False
        spec = MODES.get(env.get(variable("mode"), "").strip())
        self._failure_code = spec.failure_code(self._input) if spec else 0
        self._failure_outputs = dict(spec.failure_outputs) if spec else {}

    def _input(self, name: str) -> str:
        return self._env.get(variable(name), "").strip()

    def run(self) -> int:
        """Runs, explains what went wrong, sets every output; the exit code."""
        from upshot.runner.streams import install_guards

        install_guards(self._log)
        try:
            result = self._attempt()
            if self._has_signals:
                ignore_signals()
        except Interrupted as cancelled:  # at the very end of the attempt
            cancelled.take()
            result = self._early(ReasonCode.CANCELLED, cancelled.exit_code)
        try:
            return self._end(result)
        except Exception as bug:  # noqa: BLE001 - the deployment stays what it was
            self._report_bug(bug)
            return result.exit_code or self._failure_code

    def _attempt(self) -> RunResult:
        """Each `except` names what it catches; the error itself says what to do."""
        try:
            if self._has_signals:
                raise_on_signals()
            return self._run()
        except InputErrors as fault:
            return self._refused(ReasonCode.BAD_INPUT, *fault.problems)
        except (InputError, NothingGiven) as fault:
            return self._refused(ReasonCode.BAD_INPUT, fault)
        except EventError as fault:
            return self._refused(ReasonCode.BAD_EVENT, fault)
        except GitHubError as fault:  # only a mode that cannot do without GitHub lets it through
            self._log.error(format_message(fault.message, fault.hint, fault.anchor), title="Upshot")
            return self._early(ReasonCode.GITHUB_UNAVAILABLE, self._failure_code)
        except Interrupted as cancelled:
            cancelled.take()
            self._log.info("Cancelled.")
            return self._early(ReasonCode.CANCELLED, cancelled.exit_code)
        except Exception as bug:  # noqa: BLE001 - a bug of Upshot, reported as one
            self._report_bug(bug)
            return self._early(ReasonCode.INTERNAL_ERROR, self._failure_code)

    def _refused(self, code: ReasonCode, *faults: UpshotError) -> RunResult:
        """One error annotation a fault, and all of them in the job summary."""
        for fault in faults:
            message = format_message(fault.message, fault.hint, fault.anchor)
            self._log.error(message, title="Upshot")
        self._summarize("Upshot was not started", [fault.message for fault in faults])
        return self._early(code, 1)

    def _report_bug(self, bug: Exception) -> None:
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
        """A few lines in the job summary; they may repeat hostile input."""
        from upshot.publish.summary import publish_summary
        from upshot.report.markdown.escape import fence

        text = fence("\n".join(self._redactor.redact(line) for line in lines))
        publish_summary(self._env.get("GITHUB_STEP_SUMMARY", ""), f"### {title}\n\n{text}\n")

    def _run(self) -> RunResult:
        job = Job.from_env(
            self._env,
            log=self._log,
            redactor=self._redactor,
            warnings=self._warnings,
            clock=self._clock,
            http=self._http,
            keep=self._keep,
        )
        self._is_strict = job.inputs.run.strict
        self._has_problems = bool(job.inputs.problems)
        self._log.info(f"Upshot {__version__}: mode {job.inputs.mode}, event {job.event.name}")
        from upshot.app import run

        return run(job)

    def _early(self, code: ReasonCode, exit_code: int) -> RunResult:
        """The end of a run without a report."""
        from upshot.result.run_result import RunResult

        return RunResult(
            reason_code=code,
            exit_code=exit_code,
            own_outputs=self._failure_outputs,
            redacted_count=self._redactor.count,
            duration_s=self._clock.now() - self._started_at,
        )

    def _end(self, result: RunResult) -> int:
        """Sets all outputs; `strict` turns a degraded step into exit code 1."""
        from upshot.publish.outputs import publish_outputs
        from upshot.result import output_values

        values = output_values(result, redact=self._redactor.redact)
        path = self._env.get("GITHUB_OUTPUT", "")
        receipt = publish_outputs(path, values, log=self._log, token=random_token)
        exit_code = result.exit_code
        if receipt.status is ReceiptStatus.FAILED:
            exit_code = exit_code or self._failure_code
        if receipt.why:
            self._warnings.degraded(None, receipt.why)
        self._log.info(
            f"Done in {result.duration_s:.1f} s: verdict {result.verdict.status}, "
            f"reason {result.reason_code}"
        )
        is_refused = self._is_strict and self._warnings.is_degraded
        return exit_code or int(is_refused or self._has_problems)


if __name__ == "__main__":
    leave(main())
