"""The image as the runner starts it: what comes out is what the process tier sees without it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.runner import SignalAt

if TYPE_CHECKING:
    from tests.image.conftest import Start

pytestmark = pytest.mark.image

ASKING = "POST /api/ai/chat/preview"
TRAP = b"import pathlib\npathlib.Path('trapped').touch()\nraise SystemExit('trapped')\n"


def test_a_failed_update_is_explained_in_comment_summary_outputs_and_files(start: Start) -> None:
    result = start("failed-update").run()
    assert result.exit_code == 0
    (comment,) = result.comments
    assert "iam:CreateRole" in comment
    assert "not allowed to create IAM roles" in comment
    assert "iam:CreateRole" in result.summary
    assert result.outputs["verdict"] == "failed"
    assert result.outputs["backend-used"] == "copilot"
    assert result.outputs["comment-action"] == "created"
    for name in ("report-file", "result-file"):
        assert (result.machine.temp / result.outputs[name]).stat().st_size > 100


def test_a_second_run_brings_the_comment_up_to_date(start: Start) -> None:
    job = start("failed-update")
    job.run()
    result = job.run()
    assert len(result.comments) == 1
    assert result.outputs["comment-action"] in {"unchanged", "updated"}


def test_a_mistake_of_the_workflow_author_is_an_error(start: Start) -> None:
    result = start("failed-update").run(inputs={"mode": "explian"})
    assert result.exit_code == 1
    assert "mode" in result.errors[0]
    assert result.requests == ()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_t47_a_cancelled_container_ends_at_once_with_its_outputs(
    start: Start, number: int, code: int
) -> None:
    slow = Fault(route=ASKING, kind=FaultKind.DELAY, delay_s=30.0)
    result = start("failed-update", faults=(slow,)).run(signal_at=SignalAt(ASKING, number))
    assert result.exit_code == code
    assert result.duration_s < 7.5, "the runner kills after 7.5 s"
    assert result.outputs["reason-code"] == "cancelled"


def test_t37_no_module_of_the_workspace_is_imported(start: Start) -> None:
    names = ["httpx.py", "github.py", "jinja2.py", "msgspec.py", "json.py", "ssl.py", "upshot.py"]
    paths = {"PYTHONPATH": "/github/workspace", "PYTHONHOME": "/github/workspace"}
    result = start("failed-update").run(files=dict.fromkeys(names, TRAP), env=paths)
    assert result.exit_code == 0
    assert not (result.machine.workspace / "trapped").exists()
    assert result.outputs["comment-action"] == "created"


def test_nothing_is_written_to_the_workspace_or_the_home_folder(start: Start) -> None:
    result = start("log-only").run()
    files = [path.name for path in result.machine.workspace.rglob("*")]
    assert files == list(start("log-only").world.scenario.files)
    assert list(result.machine.home.iterdir()) == []
