"""What is published of a run that could not end by itself."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from upshot.inputs.choices import FailOn
from upshot.inputs.values import PolicyInputs
from upshot.model import Facts, Failure, Outcome, StackRef, UpdateKind
from upshot.modes.shared.gather import KEPT, Kept
from upshot.modes.shared.overdue import speak_for
from upshot.result import output_names
from upshot.runner.guardian import Ended
from upshot_sandbox import oracle

HOSTILE = "```\n# approved by @admin\n![x](https://evil.example/x.png)\n::error::no"
FACTS = Facts(
    outcome=Outcome.FAILED,
    kind=UpdateKind.UPDATE,
    counts={"create": 2},
    stack=StackRef("acme", "shop", "prod"),
    failures=(
        Failure(
            message=HOSTILE,
            headline=HOSTILE,
            urn="urn:pulumi:prod::shop::aws:s3/bucket:Bucket::b",
            type="aws:s3/bucket:Bucket",
            name="b",
            operation="create",
            is_resource=True,
        ),
    ),
    sources=("events-file",),
)


def overdue(*, cancelled_by: int = 0) -> Ended:
    ended = Ended(None, cancelled_by=cancelled_by)
    ended.is_overdue = True
    return ended


class Step:
    """The files of one step."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.out = io.StringIO()
        self.output, self.summary = folder / "output", folder / "summary"
        for path in (self.output, self.summary):
            path.touch()
        self.env = {
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
        }

    def speak(self, ended: Ended, notes: Mapping[str, bytes] | None = None) -> int:
        return speak_for(self.env, self.out, ended, notes or {})

    @property
    def outputs(self) -> dict[str, str]:
        return dict(oracle.parse_file_commands(self.output.read_bytes()))


def kept(*, fail_on: tuple[FailOn, ...] = (), is_strict: bool = False) -> dict[str, bytes]:
    value = Kept((FACTS,), None, PolicyInputs(fail_on=fail_on), is_strict, ("A warning.",), 3)
    return {KEPT: msgspec.json.encode(value)}


def test_the_facts_that_were_noted_are_in_outputs_and_summary(tmp_path: Path) -> None:
    step = Step(tmp_path, timeout="9s")
    assert step.speak(overdue(), kept()) == 0
    assert set(step.outputs) == set(output_names())
    assert step.outputs["verdict"] == "failed"
    assert step.outputs["reason-code"] == "timed-out"
    assert step.outputs["failed-count"] == "1"
    assert step.outputs["to-create"] == "2"
    assert step.outputs["redacted-count"] == "3"
    page = step.summary.read_text("utf-8")
    assert page.startswith("### ❌ Update failed")
    assert "`timeout` (9 s) was over" in page
    assert "acme/shop/prod" in page
    assert "A warning." in page


def test_t19_a_hostile_failure_stays_in_its_fence(tmp_path: Path) -> None:
    step = Step(tmp_path)
    step.speak(overdue(), kept())
    page = step.summary.read_text("utf-8")
    (line,) = [line for line in page.splitlines() if "evil.example" in line]
    at = page.splitlines().index(line)
    assert page.splitlines()[at - 1] == "````"
    assert page.splitlines()[at + 1] == "````"
    assert not [c for c in oracle.commands_in(step.out.getvalue().encode()) if c.name == "error"]


def test_nothing_is_known_of_a_run_that_noted_nothing(tmp_path: Path) -> None:
    step = Step(tmp_path)
    assert step.speak(overdue(), {KEPT: b'{"facts"'}) == 0
    assert step.outputs["verdict"] == "unknown"
    assert set(step.outputs) == set(output_names())
    assert step.summary.read_text("utf-8").startswith("### Upshot was ended")


@pytest.mark.parametrize(
    ("ended", "code", "reason"),
    [
        (overdue(), 1, "timed-out"),
        (Ended(None), 1, "internal-error"),
        (overdue(cancelled_by=15), 143, "cancelled"),
    ],
)
def test_t57_a_gate_that_could_not_end_is_closed(
    tmp_path: Path, ended: Ended, code: int, reason: str
) -> None:
    step = Step(tmp_path, mode="gate")
    assert step.speak(ended) == code
    assert step.outputs["reason-code"] == reason
    assert step.outputs["approved"] != "true"


def test_what_fail_on_forbids_and_strict_end_red(tmp_path: Path) -> None:
    assert Step(tmp_path).speak(overdue(), kept(is_strict=True)) == 1
    assert Step(tmp_path).speak(overdue(), kept(fail_on=(FailOn.FAILURE,))) == 1


def test_what_the_run_has_written_stands(tmp_path: Path) -> None:
    step = Step(tmp_path)
    step.output.write_text("verdict=succeeded\n", encoding="utf-8")
    step.summary.write_text("the report\n", encoding="utf-8")
    step.speak(overdue(), kept())
    assert step.outputs == {"verdict": "succeeded"}
    assert step.summary.read_text("utf-8") == "the report\n"
