"""The publishers that write to the runner: summary, outputs, annotations; and the state of a commit."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest

from upshot.model import (
    Breach,
    Facts,
    Failure,
    PolicyViolation,
    ReceiptStatus,
    SourceLocation,
    Verdict,
    VerdictStatus,
)
from upshot.publish.annotations import Annotation, build_annotations, publish_annotations
from upshot.publish.outputs import publish_outputs
from upshot.publish.status import commit_state
from upshot.publish.summary import publish_summary
from upshot.runner.commands import RunnerLog
from upshot.secret import Secret
from upshot_sandbox.oracle import annotations_in, parse_file_commands


class Printed:
    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.count = itertools.count()
        self.log = RunnerLog(self.stream, redact=str, token=self.token)

    def token(self) -> str:
        return f"{next(self.count):032x}"

    @property
    def annotations(self) -> list[tuple[str, str]]:
        return [(a.level, a.message) for a in annotations_in(self.stream.getvalue().encode())]


@pytest.fixture
def printed() -> Printed:
    return Printed()


def test_every_output_is_set(tmp_path: Path, printed: Printed) -> None:
    path = tmp_path / "output"
    values = {"verdict": "failed", "answer": "two\nlines with \"quotes\" and 'more'"}
    receipt = publish_outputs(str(path), values, log=printed.log, token=printed.token)
    assert receipt.status is ReceiptStatus.POSTED
    found = dict(parse_file_commands(path.read_bytes()))
    assert found == values


def test_t7_an_output_that_is_no_plain_name_is_a_bug(tmp_path: Path, printed: Printed) -> None:
    path = tmp_path / "output"
    with pytest.raises(ValueError, match="PATH"):
        publish_outputs(str(path), {"PATH": "/evil"}, log=printed.log, token=printed.token)
    assert not path.exists()


def test_t13_an_output_with_a_masked_value_is_emptied_on_purpose(
    tmp_path: Path, printed: Printed
) -> None:
    printed.log.mask(Secret("s3cr3t-s3cr3t"))
    path = tmp_path / "output"
    values = {"verdict": "failed", "answer": "it is s3cr3t-s3cr3t"}
    receipt = publish_outputs(str(path), values, log=printed.log, token=printed.token)
    found = dict(parse_file_commands(path.read_bytes()))
    assert (found["answer"], found["verdict"]) == ("", "failed")
    assert "answer" in receipt.why
    assert [level for level, _ in printed.annotations] == ["warning"]


def test_a_runner_without_files_is_no_fault(printed: Printed) -> None:
    assert publish_outputs("", {}, log=printed.log, token=printed.token).status == "skipped"
    assert publish_summary("", "text").status == "skipped"


def test_a_full_disk_is_reported_and_not_raised(tmp_path: Path, printed: Printed) -> None:
    nowhere = str(tmp_path / "missing" / "file")
    summary = publish_summary(nowhere, "text")
    outputs = publish_outputs(nowhere, {"verdict": "failed"}, log=printed.log, token=printed.token)
    assert (summary.status, outputs.status) == (ReceiptStatus.FAILED, ReceiptStatus.FAILED)
    assert "No such file" in summary.why


def test_a_summary_that_was_cut_says_so(tmp_path: Path) -> None:
    path = str(tmp_path / "summary")
    assert publish_summary(path, "a\n" * 10).why == ""
    assert publish_summary(path, "a\n" * 600_000).why == "its end was cut off"


def failure(n: int, **more: object) -> Failure:
    return Failure(
        message=f"m{n}\nmore",
        headline=f"m{n}",
        type="aws:s3/bucket:Bucket",
        name=f"b{n}",
        operation="create",
        is_resource=True,
        **more,  # type: ignore[arg-type]
    )


def test_annotations_name_what_failed_by_itself_and_broken_policies() -> None:
    facts = Facts(
        failures=(
            failure(1, location=SourceLocation("index.ts", 14)),
            failure(2, is_cascade=True),
            Failure("boom", "boom"),
        ),
        policy_violations=(
            PolicyViolation("no-public", "aws", "mandatory", "bucket is public"),
            PolicyViolation("tags", "aws", "advisory", "no tags"),
        ),
    )
    assert build_annotations(facts) == (
        Annotation("error", "m1", "Pulumi: create aws:s3/bucket:Bucket b1 failed", "index.ts", 14),
        Annotation("error", "boom", "Pulumi"),
        Annotation("error", "bucket is public", "Pulumi policy aws: no-public"),
        Annotation("warning", "no tags", "Pulumi policy aws: tags"),
    )


def test_t40_files_go_through_the_workspace(printed: Printed) -> None:
    known = {"/home/runner/work/shop/shop/index.ts": "index.ts"}
    annotations = [
        Annotation("error", "a", file="/home/runner/work/shop/shop/index.ts", line=3),
        Annotation("error", "b", file="/etc/passwd", line=3),
    ]
    publish_annotations(printed.log, annotations, relative_path=known.get)
    found = annotations_in(printed.stream.getvalue().encode())
    assert [(a.file, a.line) for a in found] == [("index.ts", "3"), ("", "")]


def test_t40_two_places_are_left_and_the_rest_is_counted(printed: Printed) -> None:
    annotations = build_annotations(Facts(failures=tuple(map(failure, range(30)))))
    receipt = publish_annotations(printed.log, annotations, relative_path=lambda _: None)
    assert receipt.status is ReceiptStatus.POSTED
    assert len(printed.annotations) == 9
    assert printed.annotations[-1] == ("error", "22 more in the job summary")


def test_nothing_to_annotate(printed: Printed) -> None:
    receipt = publish_annotations(printed.log, (), relative_path=lambda _: None)
    assert receipt.status is ReceiptStatus.SKIPPED
    assert printed.annotations == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (VerdictStatus.SUCCEEDED, "success"),
        (VerdictStatus.NO_CHANGES, "success"),
        (VerdictStatus.FAILED, "failure"),
        (VerdictStatus.CANCELLED, "failure"),
        (VerdictStatus.UNKNOWN, "error"),
    ],
)
def test_the_state_of_a_commit(status: VerdictStatus, state: str) -> None:
    assert commit_state(Verdict(status)) == state
    assert commit_state(Verdict(status), is_waiting=True) == "pending"
    assert (
        commit_state(Verdict(status, breaches=(Breach("delete", "x"),)), is_waiting=True)
        == "failure"
    )
