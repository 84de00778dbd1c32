"""What tools put before every line is taken off, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.evidence import facts_from_console
from upshot.evidence.wrappers import unwrapped
from upshot.model import Outcome

LOG = dedent(
    """\
    Updating (acme/prod):

     +  pulumi:pulumi:Stack shop-prod creating (0s)
     +  aws:sqs:Queue orders creating (0s)
     +  aws:sqs:Queue orders **creating failed** error: creating SQS Queue (orders): AccessDenied: no
     +  pulumi:pulumi:Stack shop-prod **creating failed** 1 error
    Diagnostics:
      aws:sqs:Queue (orders):
        error: creating SQS Queue (orders): api error AccessDenied: no

    Resources:
        + 1 created
        1 errored

    Duration: 3s
    """
).splitlines()
LEVELS = ("INFO", "ERROR", "WARN", "DEBUG")
WRAPPERS: dict[str, Callable[[int, str], str]] = {
    "a task runner": lambda n, line: f"infra:deploy: {line}",
    "compose": lambda n, line: f"deploy-1  | {line}".rstrip(),
    "a logger": lambda n, line: f"[2026-03-01 08:11:{n:02d},{n * 7} INFO] {line}",
    "levels": lambda n, line: f"[08:11:{n:02d} {LEVELS[n % 4]}] {line}",
    "padded levels": lambda n, line: f"08:11:{n:02d} {LEVELS[n % 4]:<6}deploy - {line}",
    "padding last": lambda n, line: f"08:11:{n:02d} {LEVELS[n % 4]:<6}{line}",
    "levels of four letters": lambda n, line: f"{('INFO', 'ERRO', 'DEBU')[n % 3]} {line}  ",
    "a container runtime": lambda n, line: f"2026-03-01T08:11:{n:02d}.{n}1Z stdout F {line}",
    "syslog": lambda n, line: f"Mar  1 08:11:{n:02d} runner pulumi[{900 + n}]: {line}",
    "another CI": lambda n, line: f"2026-03-01T08:11:{n:02d}.000000Z {n % 2:02d}O {line}",
    "a box": lambda n, line: f"│ {line}",
    "logfmt": lambda n, line: f"time=08:11:{n:02d} level=info msg={json.dumps(line)}",
    "a log driver": lambda n, line: json.dumps({"log": line + "\n", "stream": "stdout", "n": n}),
    "records": lambda n, line: json.dumps({"level": 30, "msg": line}),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_a_wrapped_log_is_read_as_if_it_were_not(wrap: Callable[[int, str], str]) -> None:
    wrapped = "\n".join(wrap(n, line) for n, line in enumerate(LOG))
    facts = facts_from_console([wrapped.encode()])
    assert facts == facts_from_console(["\n".join(LOG).encode()])
    assert facts.outcome is Outcome.FAILED


@pytest.mark.parametrize("before", [0, 1, 500])
def test_lines_of_other_tasks_between_are_left_as_they_are(before: int) -> None:
    lines = ["web:build: compiled"] * before + [f"infra:up: {line}" for line in LOG]
    lines.insert(before + 4, "web:build: error: a tool's own")
    found = list(unwrapped(lines))
    assert "web:build: error: a tool's own" in found
    assert [line for line in found if not line.startswith("web:")] == LOG


def test_two_wrapped_tasks_are_both_read() -> None:
    good = ["Updating (dev):", " +  aws:s3:Bucket a created (1s)", "Resources:", "    + 1 created"]
    lines = [f"net: {line}" for line in good] + [f"app: {line}" for line in LOG]
    assert list(unwrapped(lines)) == good + LOG


def test_a_log_without_a_wrapper_passes_unchanged() -> None:
    assert list(unwrapped(LOG)) == LOG


def test_a_sentence_that_ends_like_a_heading_is_no_wrapper() -> None:
    lines = ["see the section named Diagnostics:", *LOG]
    assert list(unwrapped(lines)) == lines


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*LOG, "{", '{"msg": 1', "a | Updating (x)", "[[[", '"', "( :"])))
def test_any_lines_pass(lines: list[str]) -> None:
    assert len(list(unwrapped(lines))) == len(lines)


@pytest.mark.parametrize("atom", ["a ", "1", "[", "INFO ", "| ", "Updating (", "{"])
def test_t38_a_hostile_prefix_takes_linear_time(atom: str) -> None:
    line = atom * (30_000 // len(atom)) + "Updating (dev):"
    short = atom * (150 // len(atom)) + "Updating (dev):"
    assert len(list(unwrapped([line] * 50))) == 50
    assert len(list(unwrapped([short] * 400 + [line] * 50))) == 450


def test_words_before_every_line_are_taken_off_where_one_begins_an_error() -> None:
    lines = [
        "job cd error: the stack is locked",
        "       by ci@runner",
        "job cd Update failed in 21s",
    ]
    assert list(unwrapped(lines)) == [
        "error: the stack is locked",
        lines[1],
        "Update failed in 21s",
    ]
    other = ["npm warn error: no", "tsc has run"]
    assert list(unwrapped(other)) == other


def test_a_record_may_hold_many_lines_and_be_cut_off() -> None:
    record = json.dumps(
        {"level": "error", "error": "exit status 255\nstderr: error: it is locked\n"}
    )
    whole = ["exit status 255", "stderr: error: it is locked"]
    assert list(unwrapped([record])) == whole
    assert list(unwrapped([record.removesuffix('"}')]))[:2] == whole


def test_the_output_of_a_command_is_read_from_the_property_that_holds_it() -> None:
    lines = ["{", '  "stderr": "error: no \\"x\\"\\n  at y\\n",', '  "code": 255', "}"]
    assert list(unwrapped(lines)) == ["{", 'error: no "x"', "  at y", "", lines[2], "}"]


def test_a_part_of_a_wrapped_log_shows_its_wrapper_by_the_line_of_progress() -> None:
    facts = facts_from_console(
        [
            (
                b"INFO  +  aws:sqs:Queue jobs creating (0s)\n"
                b"INFO @ updating.......  \n"
                b"INFO  +  aws:sqs:Queue jobs creating (2s) error: api error Denied: no \n"
                b"INFO  +  aws:sqs:Queue jobs **creating failed** error: api error Denied: no \n"
            )
        ]
    )
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("jobs", "create")]


def test_a_name_in_brackets_may_stand_between_the_time_and_the_line() -> None:
    before = "task 2026-03-01T08:11:12.43Z [run=a7] "
    lines = [
        f"{before}    error: update failed",
        before.rstrip(),
        f"{before}  aws:sqs:Queue (jobs):",
    ]
    lines.append(f"{before}    error: api error Denied: no")
    assert list(unwrapped(lines))[2:] == [
        "  aws:sqs:Queue (jobs):",
        "    error: api error Denied: no",
    ]
