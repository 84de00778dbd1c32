"""A mode, a backend and a publisher are a module and a line in the registry, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from upshot_sandbox.oracle import parse_file_commands

ROOT = Path(__file__).parents[2]
TOYS = """
import os, signal
from msgspec import Struct
from upshot.model import Answer, ReasonCode, Receipt, ReceiptStatus

class ToyInputs(Struct, frozen=True):
    colour: str = ""

def parse(read):
    return ToyInputs(read.text("toy-colour"))

def run(job, lookup):
    from upshot.result import RunResult
    return RunResult(
        reason_code=ReasonCode.OK,
        run=job.event.run,
        own_outputs={"toy-answer": job.inputs.own["toy"].colour},
    )

def fail(job, lookup):
    raise RuntimeError("a bug")

def die(job, lookup):
    os.kill(os.getpid(), signal.SIGTERM)
    raise AssertionError("the signal did not arrive")

class ToyBackend:
    def ask(self, question, *, on_sent):
        on_sent()
        return Answer("toy", "The toy says **why**.")

def build(job, cloud, progress):
    return ToyBackend()

def publish(publication, context, job):
    job.log.info(f"toy: {publication.verdict.status}")
    return Receipt("toy", ReceiptStatus.POSTED)

def crash(publication, context, job):
    raise RuntimeError("a bug")
"""
START = """
import runpy, sys
sys.path.insert(0, {folder!r})
from upshot import registry
from upshot.registry import BackendSpec, InputGroup, ModeSpec, PublisherSpec
{lines}
runpy.run_path({entrypoint!r}, run_name="__main__")
"""
OWN = "own_inputs=InputGroup('toys:parse', ('toy-colour',))"
LOG = "Updating (prod)\n\nDiagnostics:\n  aws:s3:Bucket (assets):\n    error: AccessDenied: no\n"


def start(folder: Path, lines: str, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """The entry point with `lines` added to the registry: exit code, log, outputs."""
    (folder / "toys.py").write_text(TOYS, encoding="utf-8")
    (folder / "pulumi.log").write_text(LOG, encoding="utf-8")
    output = folder / "output"
    script = START.format(folder=str(folder), lines=lines, entrypoint=str(ROOT / "entrypoint.py"))
    env = {
        "PATH": os.environ["PATH"],
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_GRAPHQL_URL": "http://127.0.0.1:9/graphql",
        "RUNNER_TEMP": str(folder),
        **{f"INPUT_{name.upper().replace('_', '-')}": value for name, value in inputs.items()},
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], env=env, check=False, capture_output=True, text=True
    )
    return (
        done.returncode,
        done.stdout + done.stderr,
        dict(parse_file_commands(output.read_bytes())),
    )


def test_a_mode_with_inputs_and_outputs_of_its_own(tmp_path: Path) -> None:
    line = f"registry.MODES['toy'] = ModeSpec('toys:run', {OWN}, outputs=('toy-answer',))"
    code, log, outputs = start(tmp_path, line, mode="toy", toy_colour="red")
    assert (code, outputs["toy-answer"], outputs["reason-code"]) == (0, "red", "ok")
    assert "did you mean" not in log
    assert outputs["verdict"] == "unknown", "every other output is set, too"


def test_another_modes_output_is_empty(tmp_path: Path) -> None:
    line = f"registry.MODES['toy'] = ModeSpec('toys:run', {OWN}, outputs=('toy-answer',))"
    code, _, outputs = start(tmp_path, line, log_file="pulumi.log")
    assert (code, outputs["verdict"], outputs["toy-answer"]) == (0, "failed", "")


def test_a_backend_is_asked_by_its_name_and_named_in_the_report(tmp_path: Path) -> None:
    line = "registry.BACKENDS['toy'] = BackendSpec('toys:build', title='The toy', is_ai=False)"
    code, log, outputs = start(tmp_path, line, log_file="pulumi.log", backend="toy")
    assert (code, outputs["backend-used"]) == (0, "toy")
    assert "The toy says **why**." in outputs["answer"]
    assert "The toy" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert "::error" not in log.replace("::error title=Pulumi", "")


def test_a_publisher_gets_every_report(tmp_path: Path) -> None:
    line = "registry.PUBLISHERS['toy'] = PublisherSpec('toys:publish')"
    code, log, _ = start(tmp_path, line, log_file="pulumi.log")
    assert code == 0
    assert "toy: failed" in log
    assert "toy posted" in log


def test_a_publisher_that_crashes_stops_no_other(tmp_path: Path) -> None:
    line = "registry.PUBLISHERS['summary'] = PublisherSpec('toys:crash')"
    code, log, outputs = start(tmp_path, line, log_file="pulumi.log", strict="true")
    assert code == 1, "strict: a degraded step"
    assert "The summary was not written: this is a bug in Upshot (RuntimeError)" in log
    assert "annotations posted" in log
    assert outputs["report-file"]


@pytest.mark.parametrize(
    ("run", "inputs", "code", "reason"),
    [
        ("fail", {"github_token": "t" * 40}, 1, "internal-error"),
        ("die", {"github_token": "t" * 40}, 143, "cancelled"),
        ("run", {}, 1, "github-unavailable"),
        ("run", {"github_token": "t" * 40, "pr_number": "7"}, 1, "github-unavailable"),
    ],
    ids=["bug", "signal", "no token", "outage"],
)
def test_a_mode_that_fails_closed_is_red_whatever_happens(
    tmp_path: Path, run: str, inputs: dict[str, str], code: int, reason: str
) -> None:
    line = f"registry.MODES['toy'] = ModeSpec('toys:{run}', {OWN}, fails_closed=True)"
    found, _, outputs = start(tmp_path, line, mode="toy", timeout="2", **inputs)
    assert (found, outputs["reason-code"]) == (code, reason)


def test_a_bug_in_any_other_mode_leaves_the_deployment_green(tmp_path: Path) -> None:
    line = f"registry.MODES['toy'] = ModeSpec('toys:fail', {OWN})"
    code, _, outputs = start(tmp_path, line, mode="toy")
    assert (code, outputs["reason-code"]) == (0, "internal-error")


def test_nothing_of_the_registry_is_loaded_by_looking_at_it(tmp_path: Path) -> None:
    script = "import sys; import upshot.registry; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True
    )
    ours = {name for name in done.stdout.split() if name.startswith("upshot")}
    assert ours == {"upshot", "upshot.registry"}
