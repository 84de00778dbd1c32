"""Rules about how Upshot hangs together with the steps around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from upshot.cli.check.finding import Finding, Level
from upshot.cli.check.workflow import Job, Step, status_calls

_REPORTS: Final = frozenset({"explain", "ask", "task", "collect"})
"""Modes whose report is wanted after a failure above all."""
_RUNS_AFTER_FAILURE: Final = frozenset({"always", "failure", "not-cancelled"})
_EVIDENCE: Final = (
    "update-url",
    "stack-name",
    "events-file",
    "log-file",
    "log",
    "log-from",
    "stacks",
    "deployment-url",
    "replay-file",
)
_FILES: Final = ("log-file", "events-file")
_TEE: Final = re.compile(r"pulumi[^\n|]*(?:\\\n[^\n|]*)*(\|&?)\s*(?:\\?\n\s*)?tee\b")
_PIPEFAIL: Final = re.compile(r"pipefail|PIPESTATUS")
_EVENT_LOG: Final = "--event-log"
_DEBUG: Final = "PULUMI_DEBUG_COMMANDS"


def check_wiring(step: Step) -> Iterator[Finding]:
    """What is wrong between an Upshot step and those before it."""
    yield from _always(step)
    yield from _evidence(step)
    yield from _order(step)
    yield from _files(step)
    yield from _outcome(step)
    yield from _swallowed(step)


def check_pulumi_step(step: Step) -> Iterator[Finding]:
    """What is wrong about a step whose output goes to a log for Upshot."""
    run = step.run
    if run is None or not step.is_pulumi or step.job.is_on_windows:
        return
    found = _TEE.search(run.text)
    if found is None:
        return
    line = run.line_of(found.start())
    has_pipefail = "pipefail" in step.shell or step.shell == "bash" or _PIPEFAIL.search(run.text)
    if not has_pipefail and step.shell in {"", "sh"}:
        yield Finding(
            "pipefail",
            Level.ERROR,
            line,
            "the step is green when Pulumi fails",
            "Without `shell: bash` the runner's shell has no pipefail: the exit code is that of `tee`, so a "
            "failed deployment looks like a good one.",
            "shell: bash",
        )
    if found[1] == "|" and "2>&1" not in found[0]:
        yield Finding(
            "stderr",
            Level.WARNING,
            line,
            "the log lacks what Pulumi writes to standard error",
            "Errors of the CLI itself, such as a missing stack or a refused token, go there.",
            "pulumi … 2>&1 | tee pulumi.log",
        )
    if _EVENT_LOG in run.text and not (step.has_variable(_DEBUG) or _DEBUG in run.text):
        yield Finding(
            "event-log",
            Level.ERROR,
            run.line_of(run.text.find(_EVENT_LOG)),
            "Pulumi does not know --event-log here",
            "The CLI hides this option and refuses it, unless PULUMI_DEBUG_COMMANDS is set.",
            'env:\n  PULUMI_DEBUG_COMMANDS: "true"',
        )


def _always(step: Step) -> Iterator[Finding]:
    if step.mode not in _REPORTS:
        return
    pulumi = step.job.pulumi_before(step)
    calls = status_calls(step.condition)
    if pulumi is not None and not pulumi.goes_on:
        if not calls & _RUNS_AFTER_FAILURE:
            yield Finding(
                "always",
                Level.ERROR,
                step.condition.line,
                "Upshot is skipped when the Pulumi step fails",
                "A step runs only after steps that went well, unless its `if` says otherwise: the report is "
                "missing exactly when it is needed.",
                "if: always()",
            )
        elif step.mode == "explain" and not calls & {"always", "not-cancelled"}:
            yield Finding(
                "always",
                Level.WARNING,
                step.condition.line,
                "Upshot runs only after a failure",
                "The comment keeps saying that it failed when a later run goes well.",
                "if: always()",
            )
    yield from _always_in_job(step)


def _always_in_job(step: Step) -> Iterator[Finding]:
    job = step.job
    needed = job.workflow.needed_by(job)
    may_fail = [each for each in needed if _runs_pulumi(each)]
    is_about_them = step.mode == "collect" or bool(step.value("log-from"))
    if not (may_fail or (needed and is_about_them)):
        return
    if status_calls(job.condition) & _RUNS_AFTER_FAILURE:
        return
    names = ", ".join(each.name for each in may_fail or needed)
    yield Finding(
        "always",
        Level.ERROR,
        job.condition.line,
        f"the job '{job.name}' is skipped when a job that it needs fails ({names})",
        "A job runs only after jobs that went well, unless its `if` says otherwise.",
        "if: always()",
    )


def _runs_pulumi(job: Job) -> bool:
    return any(step.is_pulumi and not step.goes_on for step in job.steps)


def _evidence(step: Step) -> Iterator[Finding]:
    is_told_by_event = "repository_dispatch" in step.job.workflow.triggers
    if step.mode != "explain" or step.has(*_EVIDENCE) or is_told_by_event:
        return
    yield Finding(
        "evidence",
        Level.ERROR,
        step.line,
        "Upshot is given nothing to look at",
        "Without a log, an event log, a stack or an address the step ends with an error.",
        "with:\n  log-file: pulumi.log # pulumi up 2>&1 | tee pulumi.log",
    )


def _order(step: Step) -> Iterator[Finding]:
    job = step.job
    if not step.has(*_FILES) or job.pulumi_before(step) is not None:
        return
    later = next((each for each in job.steps[step.place :] if each.is_pulumi), None)
    if later is not None:
        yield Finding(
            "order",
            Level.ERROR,
            step.line,
            f"Upshot runs before Pulumi does (line {later.line})",
            "The log that it reads is not written yet, or is an older one.",
        )


def _files(step: Step) -> Iterator[Finding]:
    """Only where the steps before it show what they write: a script of the repository does not."""
    pulumi = step.job.pulumi_before(step)
    if pulumi is None or pulumi.run is None:
        return
    text = "\n".join(_visible(each) for each in step.job.before(step))
    for name in _FILES:
        path = step.value(name)
        last = path.rpartition("/")[2]
        if not path or "${{" in last or last in text:
            continue
        how = (
            f"pulumi up 2>&1 | tee {last}"
            if name == "log-file"
            else f'pulumi up {_EVENT_LOG} "$RUNNER_TEMP/{last}"'
        )
        yield Finding(
            "log",
            Level.WARNING,
            step.line_of(name),
            f"no step before this one names {last}, which {name} is to be",
            "A file that is not there is no evidence: the report says that nothing was found.",
            f"run: {how}",
        )


def _visible(step: Step) -> str:
    scripts = [step.run.text] if step.run else []
    return "\n".join([*scripts, *(text.text for text in step.given.values())])


def _outcome(step: Step) -> Iterator[Finding]:
    pulumi = step.job.pulumi_before(step)
    is_asked = step.mode == "explain" and step.has(*_FILES, "log")
    if pulumi is None or not is_asked or step.value("outcome"):
        return
    name = pulumi.id or "up"
    more = "" if pulumi.id else f"\n# and on the Pulumi step: id: {name}"
    yield Finding(
        "outcome",
        Level.WARNING if pulumi.goes_on else Level.NOTE,
        step.line,
        "Upshot is not told how the Pulumi step ended",
        "A step that fails before Pulumi writes anything leaves no evidence; with `outcome` it is still "
        "reported as failed.",
        f"with:\n  outcome: ${{{{ steps.{name}.outcome }}}}{more}",
    )


def _swallowed(step: Step) -> Iterator[Finding]:
    if not step.goes_on:
        return
    fail_on = step.value("fail-on", "never")
    if step.mode == "gate" or fail_on != "never":
        what = "the gate" if step.mode == "gate" else "`fail-on`"
        yield Finding(
            "swallowed",
            Level.ERROR if step.mode == "gate" else Level.WARNING,
            step.tree.keys.get("continue-on-error", step.line),
            f"`continue-on-error` lets the job go on whatever {what} says",
            "What was to be stopped is not.",
        )
