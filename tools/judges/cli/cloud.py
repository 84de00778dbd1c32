"""The real CLI makes updates in the sandbox's Pulumi Cloud, and Upshot explains them from there.

Each program runs on a stack of its own; nothing but the service tells Upshot what happened: no log, no
event log. Its truth is the one that its recording has.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from tools.judges.cli.build import Judge
from tools.judges.cli.place import EARLIER, STACK, TODAY, Place
from tools.judges.cli.programs import Program, Truth

from upshot_sandbox.runner import RunResult
from upshot_sandbox.server import Sandbox

_BY_FILES: Final = ("LOCK ", "BREAK ", "EDIT ", "INIT ", "NOSTACK ")
_SAID_OTHERWISE: Final = ("stack-reference-missing",)
"""The service wants a stack's full name, and the CLI complains of that."""
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


def judge_cloud(judge: Judge, programs: Sequence[Program], jobs: int) -> list[str]:
    """What is not as it should be, a line each."""
    fit = [each for each in programs if _fits(each)]
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda each: list(_explained(judge, each)), fit)
        lines = [line for one in found for line in one]
    if len(fit) == len(programs):
        return lines
    print(f"{len(fit)} of {len(programs)} programs run against the sandbox's Pulumi Cloud")
    return lines


def _fits(program: Program) -> bool:
    """Its truth is in what the engine tells the service about our stack, without a folder of states: a
    CLI that stops before its first event, or speaks after its last one, tells nothing; of a stack that
    was removed nothing is kept.
    """
    truth = program.truth
    untold = truth.in_log_only or truth.before_events or truth.kind == "unknown"
    if program.name in _SAID_OTHERWISE:
        return False
    return not untold and all(
        not run.command.startswith(_BY_FILES)
        and not {"--stack", "--remove"} & set(run.command.split())
        and "PULUMI_CONFIG_PASSPHRASE" not in run.env
        for run in program.runs
    )


def _explained(judge: Judge, program: Program) -> Iterator[str]:
    with Sandbox(TODAY) as sandbox, tempfile.TemporaryDirectory(prefix="judged-") as folder:
        place = Place(judge, sandbox, Path(folder))
        place.pulumi(f"stack init {STACK}")
        *earlier, last = program.runs
        for run in earlier:
            place.act(run, EARLIER)
        place.act(last)
        result = place.upshot()
        broken = [*sandbox.world.journal.violations, *_complaints(sandbox)]
    for line in (*_differences(result, program.truth), *dict.fromkeys(broken)):
        yield f"{program.name}: {line}"


def _complaints(sandbox: Sandbox) -> Iterator[str]:
    """The engine compares what it saved with what it meant to save, and says where they differ."""
    for stack in sandbox.world.extensions["protocol"].stacks.values():
        for update in stack.updates:
            for event in update.events():
                said = event.get("errorEvent", {}).get("error", "")
                if "snapshot mismatch" in said:
                    yield f"the engine says: {said[:200]}"


def _differences(result: RunResult, truth: Truth) -> Iterator[str]:
    if not result.outputs.get("result"):
        yield f"no result: {result.outputs.get('reason-code', 'exit code')} {result.exit_code}"
        return
    found = json.loads(result.outputs["result"])
    facts = found["facts"]
    expected: dict[str, Any] = {
        "sources": ["pulumi-cloud"],
        "outcome": truth.outcome,
        "kind": truth.kind,
    }
    for name, value in expected.items():
        if facts[name] != value:
            yield f"{name}: {facts[name]!r}, and it was {value!r}"
    resources = {
        (one["type"], one["name"], one["operation"])
        for one in facts["failures"]
        if one["is_resource"] and one["type"] != _STACK_TYPE
    }
    if resources != set(truth.failed):
        yield f"failed: {sorted(resources)}, and it was {sorted(truth.failed)}"
    root = next((one["headline"] for one in facts["failures"] if not one["is_cascade"]), "")
    if truth.cause and truth.cause not in root:
        yield f"cause: {root!r}, and it was {truth.cause!r}"
    classes = {truth.failure_class, *truth.also} - {"success", "unknown"}
    if classes and found["diagnosis"]["failure_class"] not in classes:
        yield f"class: {found['diagnosis']['failure_class']}, and it was {sorted(classes)}"
