"""`python -I entrypoint.py` in a world where everything is hostile, judged sink by sink.

One run holds all of `attacks.py` and a secret in all of its disguises, at once: in the answer and
its program, in names, errors, diagnostics and policies, in the prompt, the title and the branch.
"""

from __future__ import annotations

import json
import re

import pytest
from tests.process.conftest import Start
from tests.security.leaks import tells
from tests.security.page import faults_of_prose, faults_of_report
from tests.security.world import SECRET, all_sinks, hostile, hostile_task, markdown_sinks

from upshot_sandbox import oracle
from upshot_sandbox.runner import RunResult

HOSTS = {"app.pulumi.com", "www.pulumi.com", "github.com"}


@pytest.fixture(scope="session")
def result(start: Start) -> RunResult:
    return start(hostile()).run()


def test_the_report_is_there_anyway(result: RunResult) -> None:
    assert result.exit_code == 1, "fail-on is the author's rule, and it holds"
    assert result.outputs["verdict"] == "failed"
    assert result.outputs["backend-used"] == "copilot"
    assert result.outputs["comment-action"] == "created"
    assert len(result.comments) == 1
    assert result.comments[0].rstrip().endswith("</sub>\n\n<!-- upshot-section-end -->")


def test_t1_t2_t3_no_command_but_ours_whatever_is_printed(result: RunResult) -> None:
    printed = result.machine.folder.joinpath("log.txt").read_bytes()
    commands = oracle.commands_in(printed)
    assert {command.name for command in commands} <= {
        "add-mask",
        "debug",
        "error",
        "warning",
        "notice",
    }
    assert all(command.form == "v2" for command in commands)
    masked = [command.data for command in commands if command.name == "add-mask"]
    assert all(len(value) >= 40 for value in masked), "only our tokens"


def test_t6_t7_t24_no_text_sets_an_output(result: RunResult) -> None:
    outputs = result.outputs
    assert outputs["approved"] == outputs["approved-by"] == outputs["task-id"] == ""
    assert outputs["risk-level"] in {"medium", "high", "critical"}
    assert json.loads(outputs["result"])["verdict"] == "failed"


def test_t14_to_t22_nothing_acts_on_any_page(result: RunResult) -> None:
    sinks = markdown_sinks(result)
    assert len(sinks) == 3
    found = {name: faults_of_report(text, hosts=HOSTS) for name, text in sinks.items()}
    assert found == {name: [] for name in sinks}


def test_t14_to_t22_the_answer_is_harmless_in_its_output_too(result: RunResult) -> None:
    answer = result.outputs["answer"]
    assert len(answer) > 5_000
    assert faults_of_prose(answer, hosts=HOSTS) == []


def test_t9_t10_t50_the_secret_is_in_no_sink(result: RunResult) -> None:
    sinks = all_sinks(result)
    assert len(sinks) > 40
    assert {name: told for name, text in sinks.items() if (told := tells(text, SECRET))} == {}


def test_t20_a_marker_is_ours_or_it_is_not_there(result: RunResult) -> None:
    body = result.comments[0]
    assert body.startswith('<!-- upshot {"v":')
    assert len(re.findall(r"<!--\s*upshot", body)) == 3
    assert not re.search(r"<!--\s*upshot", result.summary)


def test_t40_annotations_name_no_file_and_have_short_titles(result: RunResult) -> None:
    assert {note.file for note in result.annotations} == {""}
    for note in result.annotations:
        assert len(note.title) <= 255
        assert "\n" not in note.title
        assert len(note.message) <= 4_096


def test_t42_one_comment_and_few_requests(result: RunResult) -> None:
    writes = [r.line for r in result.to("github") if r.method in {"POST", "PATCH", "PUT"}]
    comments = [line for line in writes if line.endswith("/comments")]
    assert len(comments) == 1
    assert len(result.to("github")) <= 6


def test_t8_t46_nothing_is_written_where_nothing_belongs(result: RunResult) -> None:
    assert result.tampered == ()
    written = {p.name for p in result.machine.workspace.rglob("*") if p.is_file()}
    assert written == {"events.json", "pulumi.log", "prompt.txt", "transcript.jsonl"}
    assert list(result.machine.home.rglob("*")) == []


@pytest.fixture(scope="session")
def task(start: Start) -> RunResult:
    return start(hostile_task()).run()


def test_t1_t24_a_hostile_task_waits_for_a_person_and_runs_no_command(task: RunResult) -> None:
    assert task.exit_code == 0
    assert task.outputs["task-status"] == "awaiting-approval"
    assert task.outputs["approved"] == ""
    assert {command.form for command in task.commands} == {"v2"}
    names = {command.name for command in task.commands}
    assert names <= {"add-mask", "debug", "endgroup", "error", "group", "stop-commands", "warning"}
    assert not any(request.path.endswith("/respond") for request in task.requests)


def test_t14_to_t22_nothing_of_a_task_acts_on_any_page(task: RunResult) -> None:
    found = {n: faults_of_report(t, hosts=HOSTS) for n, t in markdown_sinks(task).items()}
    assert found == {name: [] for name in found}


def test_t9_t10_t49_a_task_shows_no_secret_in_debug_mode_either(task: RunResult) -> None:
    sinks = all_sinks(task)
    assert {name: told for name, text in sinks.items() if (told := tells(text, SECRET))} == {}


@pytest.mark.parametrize(
    "payload",
    [b"[" * 300_000, b"::error::evil ##[error]x", b"[1]", b"\xff\xfe", b'{"pull_request":7}'],
    ids=["deep", "commands", "a list", "no text", "of other types"],
)
def test_t35_a_payload_that_cannot_be_read_is_reported(start: Start, payload: bytes) -> None:
    result = start("log-only").run(event=payload)
    assert result.outputs["reason-code"] in {"bad-event", "deployment-failed"}
    assert "evil" not in result.log + result.summary
    assert result.comments == ()


@pytest.mark.parametrize("unit", ["[", "\x1b[", "://a:", "eyJa.", "\r\n"])
def test_t38_a_log_of_two_megabytes_is_explained(start: Start, unit: str) -> None:
    head = "Updating (acme/prod)\nDiagnostics:\n  a:b:C (x):\n    error: boom "
    log = (head + unit * (2_000_000 // len(unit))).encode()
    result = start("log-only").run(files={"pulumi.log": log})
    assert result.exit_code == 0
    assert result.outputs["verdict"] == "failed"
    assert faults_of_report(result.comments[0], hosts=HOSTS) == []
