"""The inputs of the sticky issue."""

from __future__ import annotations

from pathlib import Path

import pytest

from upshot.errors import InputError
from upshot.inputs import parse_inputs
from upshot.inputs.names import variable
from upshot.inputs.publishers.issue import IssueInputs, IssueWhen
from upshot.workspace import Workspace


def read(folder: Path, **given: str) -> tuple[IssueInputs | None, tuple[InputError, ...]]:
    env = {variable(name.replace("_", "-")): value for name, value in given.items()}
    inputs = parse_inputs(env, Workspace(str(folder)))
    return inputs.own.get("issue"), inputs.problems


def test_without_issue_the_others_are_not_even_read(tmp_path: Path) -> None:
    assert read(tmp_path, issue_title="Nightly") == (None, ())
    assert read(tmp_path, issue="never") == (None, ())


def test_all_of_them(tmp_path: Path) -> None:
    found, problems = read(
        tmp_path,
        issue="on-failure",
        issue_title=" Nightly ",
        issue_labels="ops, pulumi\nops,, needs triage",
        issue_reopen="false",
    )
    labels = ("ops", "pulumi", "needs triage")
    assert found == IssueInputs(IssueWhen.ON_FAILURE, "Nightly", labels, is_reopened=False)
    assert problems == ()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("issue", "sometimes", "never, on-failure, always"),
        ("issue_title", "a\nb", "one line of at most 256 characters"),
        ("issue_title", "x" * 257, "one line of at most 256 characters"),
        ("issue_labels", "x" * 51, "at most 20 labels of at most 50 characters"),
        ("issue_labels", ",".join(map(str, range(21))), "at most 20 labels of at most 50"),
        ("issue_reopen", "perhaps", "true, false"),
    ],
)
def test_a_wrong_one_is_an_error_and_its_default_stands(
    tmp_path: Path, name: str, value: str, allowed: str
) -> None:
    found, problems = read(tmp_path, **{"issue": "always", name: value})
    assert found is not None
    assert [problem.name for problem in problems] == [name.replace("_", "-")]
    assert allowed in problems[0].allowed
    assert found.title == ""
    assert found.labels == ()
