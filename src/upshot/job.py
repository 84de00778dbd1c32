"""One run of Upshot: what was asked for, what happened on GitHub, and what may touch the world.

Four of its parts have effects: `log` writes to the job log, `http` carries requests, `workspace`
says which files may be opened, `clock` waits. Everything else is a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from upshot.errors import InputErrors
from upshot.event import Event, load_payload, read_event
from upshot.inputs import Inputs, parse_inputs
from upshot.inputs.names import variable
from upshot.model import ReasonCode
from upshot.model.stamp import name_unknown
from upshot.registry import MODES, ModeSpec
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog, random_token
from upshot.runner.warnings import Warnings, format_message
from upshot.secret import Secret
from upshot.timing import Clock, Deadline, random_share
from upshot.workspace import Workspace

if TYPE_CHECKING:
    from upshot.http.client import Transport

Keep = Callable[[str, bytes], None]
"""Takes a name and a note; the last note of a name counts."""
PUBLISHING_S = 30.0
"""Seconds of `timeout` that are kept for publishing; a quarter of `timeout` at most."""


class Job(Struct):
    """Built once, by `Job.from_env`, for the action, its post stage and the command line."""

    inputs: Inputs
    event: Event
    env: Mapping[str, str]
    workspace: Workspace
    clock: Clock
    deadline: Deadline
    """For evidence and the AI: `timeout`, less what publishing needs."""
    publish_deadline: Deadline
    """For publishing: the whole of `timeout`."""
    log: RunnerLog
    redactor: Redactor
    warnings: Warnings
    started_at: float
    """Seconds since the Unix epoch."""
    token: Callable[[], str]
    """32 or more random letters and digits, different each time."""
    jitter: Callable[[], float]
    """A random number from 0.0 to 1.0."""
    http: Transport | None = None
    """None for the network; a function in tests."""
    keep: Keep | None = None
    """Notes what is known by now, for a run that is ended at its hard end."""

    @classmethod
    def from_env(
        cls,
        env: Mapping[str, str],
        *,
        log: RunnerLog,
        redactor: Redactor,
        warnings: Warnings,
        clock: Clock,
        http: Transport | None = None,
        timeout_s: float | None = None,
        keep: Keep | None = None,
    ) -> Job:
        """Reads inputs and event, and hides every secret among the inputs.

        `redactor` is the one that `log` prints through. `timeout_s` replaces the input `timeout`.
        Raises InputErrors and EventError.
        """
        started_at = clock.now()
        workspace = Workspace.from_env(env)
        dispatched: tuple[str, ...] = ()
        if env.get("GITHUB_EVENT_NAME") == "repository_dispatch":
            from upshot.inputs.dispatched import with_dispatched  # no other event pays for it

            env, dispatched, refused = with_dispatched(env, load_payload(env))
            if refused:
                raise InputErrors(refused)
        inputs = parse_inputs(env, workspace)
        for secret in inputs.secrets:
            log.mask(secret)
            redactor.add(secret)
        redactor.add_patterns(inputs.policy.mask_patterns)
        for why in redactor.refused:
            log.debug(f"Not masked: {why}.")
        for warning in (*inputs.warnings, *dispatched):
            log.warning(warning, title="Upshot")
        for problem in inputs.problems:
            words = format_message(problem.message, problem.hint, problem.anchor)
            log.error(words, title="Upshot")
            warnings.refused(ReasonCode.BAD_INPUT, f"{problem.message}; the default was used")
        event = read_event(env, load_payload(env), pr_number=inputs.publish.pr_number)
        if inputs.subject.log_from:
            event = event.of_source_run()
        whole_s = timeout_s or inputs.run.timeout_s
        return cls(
            inputs=inputs,
            event=event,
            env=env,
            workspace=workspace,
            clock=clock,
            deadline=Deadline.after(clock, whole_s - min(PUBLISHING_S, whole_s / 4)),
            publish_deadline=Deadline.after(clock, whole_s),
            log=log,
            redactor=redactor,
            warnings=warnings,
            started_at=started_at,
            token=random_token,
            jitter=random_share,
            http=http,
            keep=keep,
        )

    @property
    def mode(self) -> ModeSpec:
        return MODES[self.inputs.mode]

    @property
    def failure_code(self) -> int:
        """Exit code of a run that could not do what was asked for."""
        return self.mode.failure_code(lambda name: self.env.get(variable(name), "").strip())

    @property
    def comment_key(self) -> str:
        """Name of our comment; `/` stands in no `comment-key`, so a mode's own is nobody else's."""
        key, mode = self.inputs.publish.comment_key, self.inputs.mode
        return f"{mode}/{key}" if self.mode.has_own_comment else key

    @property
    def unknown_stack(self) -> str:
        """Name of this job's section where nothing names its stack: no other job has it."""
        redact, matrix = self.redactor.redact, self.inputs.publish.matrix_values
        shown = {
            name: redact(value) if isinstance(value, str) else value
            for name, value in matrix.items()
        }
        return name_unknown(redact(self.event.run.job), shown)

    @property
    def console(self) -> str:
        """Origin of Pulumi Cloud's console, empty when unknown."""
        return self.inputs.pulumi.console

    @property
    def duration_s(self) -> float:
        return self.clock.now() - self.started_at

    def hide(self, secret: Secret) -> None:
        """Masks a secret that was obtained just now, before anything else happens with it."""
        self.log.mask(secret)
        self.redactor.add(secret)
