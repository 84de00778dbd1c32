"""Plays one run of the reliability run: a sandbox of its own, the run that goes wrong, one after it.

The run afterwards meets no fault: it must find our comment, or make it, and leave one behind.
"""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.soak.accounts import PREFIX, judge_accounts, look
from bench.soak.chance import Chance
from bench.soak.hostile import Input, spoil_comment, spoil_files
from bench.soak.rules import TIMEOUT_S, Finding, Healthy, Seen, judge, judge_after, repeats
from msgspec import Struct
from msgspec.structs import replace

from upshot.publish.comment.marker import Kind, find_marker
from upshot.registry import MODES
from upshot_sandbox.faults import Fault, Faults
from upshot_sandbox.machine import ROOT, Machine, prepare, variables
from upshot_sandbox.oracle import FileCommandError, parse_file_commands
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

_INPUTS: Final = {"timeout": f"{TIMEOUT_S}s", "max-wait": "6s"}
"""What a person would set who cannot wait; it bounds each run."""
_PATIENCE_S: Final = 120.0


class Record(Struct, frozen=True):
    """One run, for the table."""

    number: int
    scenario: str
    kinds: tuple[str, ...]
    exit_code: int | None
    seconds: float
    findings: tuple[Finding, ...] = ()


class Trial:
    """One sandbox and the job's runs in it: attempts of one workflow run, later ones higher."""

    def __init__(self, chance: Chance, folder: Path) -> None:
        self._chance = chance
        self._folder = folder
        # Without its own faults: what goes wrong is drawn, and the run afterwards meets none.
        scenario = replace(load_scenario(chance.scenario), faults=())
        self._is_account = chance.scenario.startswith(PREFIX)
        if self._is_account:  # a service that repeats every token wherever it can
            scenario = replace(scenario, accounts={**scenario.accounts, "repeats": True})
        self._scenario = scenario
        self._attempt = 0

    def play(self, healthy: Healthy) -> Record:
        """The run that goes wrong, with one before it where the lot says so, and one after it."""
        chance = self._chance
        with Sandbox(self._scenario) as sandbox:
            self._begin(sandbox)
            if chance.is_repeated and not self._begins:
                self._run(sandbox, "before")
            before = visible(sandbox)
            if Input.COMMENT in chance.inputs:
                for comment in before:
                    comment.body = spoil_comment(comment.body, chance.number)
            bodies = [comment.body for comment in before]
            seen = self._run(sandbox, "run", chance.faults, chance)
            after = self._run(sandbox, "after")
        findings = (
            *judge(chance, seen, healthy, before=bodies),
            *judge_after(chance, after, healthy),
        )
        return Record(
            chance.number, chance.scenario, chance.kinds, seen.exit_code, seen.seconds, findings
        )

    def healthy(self) -> Healthy:
        """How it ends when nothing goes wrong, once and again."""
        with Sandbox(self._scenario) as sandbox:
            self._begin(sandbox)
            seen = self._run(sandbox, "healthy")
            again = None
            if self._is_account:
                again = self._run(sandbox, "again").exit_code
        assert seen.outputs is not None
        inputs = self._scenario.inputs
        return Healthy(
            seen.exit_code or 0,
            seen.outputs["verdict"],
            len(seen.comments),
            again,
            _failure_code(inputs),
        )

    @property
    def _begins(self) -> Sequence[Mapping[str, str]]:
        """A claim needs the word of its preview; other jobs also start without an earlier run."""
        return self._scenario.earlier if self._is_account else ()

    def _begin(self, sandbox: Sandbox) -> None:
        """The runs that the scenario says came first."""
        for number, inputs in enumerate(self._begins, start=1):
            self._run(sandbox, f"earlier-{number}", given=inputs)

    def _run(
        self,
        sandbox: Sandbox,
        name: str,
        faults: Sequence[Fault] = (),
        chance: Chance | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Seen:
        self._attempt += 1
        world = sandbox.world
        world.faults = Faults(faults)
        tasks, violations = _tasks(sandbox), len(world.journal.violations)
        machine = prepare(world, self._folder / name)
        inputs = {**_INPUTS, "comment-mode": self._chance.mode, **(given or {})}
        if chance:
            kinds = frozenset(chance.inputs)
            if self._scenario.event.name == "repository_dispatch":
                kinds -= {Input.SPARSE}  # its payload names what the run is about
            inputs |= spoil_files(machine.workspace, self._scenario.inputs, kinds)
        accounts = look(sandbox, machine, {})
        extra = {"GITHUB_RUN_ATTEMPT": str(self._attempt)}
        if self._is_account:
            extra["RUNNER_DEBUG"] = "1"
        env = variables(world, machine, inputs, extra)
        started = time.monotonic()
        exit_code, log = run_process(machine, env, chance)
        seconds = round(time.monotonic() - started, 2)
        (self._folder / name / "log.txt").write_text(log, encoding="utf-8")
        comments = visible(sandbox)
        outputs = _outputs(machine)
        now = look(sandbox, machine, outputs or {})
        # Tokens of accounts that earlier runs made are secrets that this run was never told.
        tokens = tuple(
            token for token in now.tokens if token not in accounts.tokens or token in env.values()
        )
        return Seen(
            exit_code,
            log,
            outputs,
            tuple(comment.body for comment in comments),
            tuple(one.id for one in sandbox.world.github.by_bot() if not one.minimized),
            tasks=_tasks(sandbox) - tasks,
            violations=tuple(world.journal.violations[violations:]),
            secrets=(*world.cloud.tokens, *world.github.tokens, *tokens),
            lies=tuple(
                judge_accounts(
                    self._chance.scenario if given is None else "",
                    accounts,
                    now,
                    exit_code=exit_code,
                    outputs=outputs or {},
                    is_repeated=chance is not None and repeats(chance),
                )
            ),
            parts=tokens if self._is_account else (),
            shown=_shown(machine, [comment.body for comment in comments]),
            seconds=seconds,
        )


def _failure_code(inputs: Mapping[str, str]) -> int:
    """Exit code of a run that could not do what was asked. A command that a token may not carry out is 1:
    the workflow has to be changed.
    """
    mode = inputs.get("mode", "explain")
    fails = MODES[mode].failure_code(lambda name: inputs.get(name, ""))
    return max(fails, int(mode == "command"))


def run_process(
    machine: Machine, env: dict[str, str], chance: Chance | None
) -> tuple[int | None, str]:
    """The exit code, None for one that hung, and what was printed.

    The log goes through a pipe, as the runner's does: it is not on the disk that is full.
    """
    # -B: on the full disk Python would leave half of the byte code that it writes, for every later run.
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", str(ROOT / "entrypoint.py")],
        cwd=machine.workspace,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if chance and chance.file_limit >= 0:
        limit = (chance.file_limit, chance.file_limit)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limit)
    if chance and chance.signal:
        # It does nothing when the process has ended by then.
        timer = threading.Timer(chance.signal_after_s, process.send_signal, [chance.signal])
        timer.daemon = True
        timer.start()
    try:
        printed, _ = process.communicate(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, _ = process.communicate()
        return None, printed.decode("utf-8", "replace")
    return process.returncode, printed.decode("utf-8", "replace")


def visible(sandbox: Sandbox) -> list[Any]:
    """Our sticky comments that are not hidden, and any of which the marker is broken."""
    ours = []
    for comment in sandbox.world.github.by_bot():
        marker = find_marker(comment.body)
        if not comment.minimized and (marker is None or marker.kind is Kind.STICKY):
            ours.append(comment)
    return ours


def _outputs(machine: Machine) -> dict[str, str] | None:
    try:
        return dict(parse_file_commands(machine.command_file("GITHUB_OUTPUT").read_bytes()))
    except FileCommandError:
        return None


def _shown(machine: Machine, comments: Sequence[str]) -> str:
    written = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH")
    files = [machine.command_file(name) for name in written]
    files += [path for path in machine.temp.rglob("upshot/**/*") if path.is_file()]
    return "\n".join([*comments, *(path.read_text("utf-8", "replace") for path in files)])


def _tasks(sandbox: Sandbox) -> int:
    neo = sandbox.world.extensions.get("neo")
    return len(neo.tasks) if neo is not None else 0
