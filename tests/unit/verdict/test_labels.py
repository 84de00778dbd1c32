"""Which labels a report gives a pull request."""

from __future__ import annotations

import pytest

from upshot.model import Facts, Outcome, ResourceChange, TaskStatus, UpdateKind, Verdict
from upshot.model import VerdictStatus as Status
from upshot.verdict.labels import Label, find_labels, read_labels, write_labels

TABLE = ResourceChange("urn:t", "aws:dynamodb:Table", "t", "delete", stateful=True)
BUCKET = ResourceChange("urn:b", "aws:s3:Bucket", "b", "replace", stateful=True)
ALARM = ResourceChange("urn:a", "aws:cloudwatch:MetricAlarm", "a", "delete")


def names(facts: Facts, status: Status = Status.SUCCEEDED, task: str = "none") -> list[str]:
    return sorted(find_labels(facts, Verdict(status), TaskStatus(task)))


def test_a_run_that_changes_nothing_has_none() -> None:
    assert names(Facts(counts={"same": 14}), Status.NO_CHANGES) == []
    assert names(Facts(), Status.UNKNOWN) == []


@pytest.mark.parametrize("status", ["cancelled", "unknown", "succeeded", "no-changes"])
def test_only_a_failure_is_one(status: str) -> None:
    assert names(Facts(), Status(status)) == []
    assert names(Facts(outcome=Outcome.FAILED), Status.FAILED) == ["failed"]


def test_what_is_deleted_or_replaced_and_may_hold_data() -> None:
    assert names(Facts(changes=(ALARM,), counts={"delete": 1})) == ["deletes"]
    assert names(Facts(changes=(TABLE,), counts={"delete": 1})) == ["data-loss-risk", "deletes"]
    assert names(Facts(changes=(BUCKET,), counts={"replace": 1})) == ["data-loss-risk", "replaces"]


def test_what_is_counted_and_not_listed_may_hold_data() -> None:
    assert names(Facts(counts={"delete": 2}, changes=(ALARM,))) == ["data-loss-risk", "deletes"]


def test_a_refresh_deletes_nothing_and_may_find_drift() -> None:
    gone = ResourceChange(
        "urn:t", "aws:dynamodb:Table", "t", "refresh", stateful=True, is_gone=True
    )
    found = Facts(kind=UpdateKind.REFRESH, changes=(gone,), counts={"delete": 1})
    assert names(found) == ["drift"]


def test_a_task_that_waits_for_a_person() -> None:
    assert names(Facts(), task="awaiting-approval") == ["waits-for-person"]
    assert names(Facts(), task="awaiting-answer") == ["waits-for-person"]
    assert names(Facts(), task="running") == []


def test_each_label_is_within_githubs_limits() -> None:
    for label in Label:
        assert label.full_name.startswith("upshot:")
        assert len(label.full_name) <= 50
        assert len(label.about) <= 100
        assert len(bytes.fromhex(label.colour)) == 3


def test_they_are_kept_as_an_id_and_read_back() -> None:
    assert write_labels([Label.REPLACES, Label.FAILED]) == "failed.replaces"
    assert write_labels([]) == ""
    assert read_labels("failed.replaces") == {Label.FAILED, Label.REPLACES}
    assert read_labels("") == frozenset()


def test_words_of_a_later_version_are_left_out() -> None:
    assert read_labels("failed.on-fire") == {Label.FAILED}
