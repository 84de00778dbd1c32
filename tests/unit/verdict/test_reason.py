"""One reason for how the run ended: the first of the documented list that applies."""

from __future__ import annotations

from typing import Any

import pytest

from upshot.model import (
    Answer,
    BackendName,
    Breach,
    Facts,
    NoAnswer,
    Outcome,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    TaskState,
    TaskStatus,
    Verdict,
    VerdictStatus,
)
from upshot.verdict.reason import decide_reason

READ = Facts(outcome=Outcome.SUCCEEDED, sources=("events-file",))


def reason(
    status: VerdictStatus = VerdictStatus.SUCCEEDED,
    facts: Facts = READ,
    *,
    breaches: tuple[Breach, ...] = (),
    **over: Any,
) -> ReasonCode:
    verdict = Verdict(status, breaches=breaches)
    return decide_reason(verdict, facts, **{"is_subject_known": True, **over})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (VerdictStatus.SUCCEEDED, ReasonCode.OK),
        (VerdictStatus.NO_CHANGES, ReasonCode.NO_CHANGES),
        (VerdictStatus.FAILED, ReasonCode.DEPLOYMENT_FAILED),
        (VerdictStatus.CANCELLED, ReasonCode.DEPLOYMENT_CANCELLED),
        (VerdictStatus.UNKNOWN, ReasonCode.NO_EVIDENCE),
    ],
)
def test_when_nothing_stood_in_the_way(status: VerdictStatus, code: ReasonCode) -> None:
    answer = Answer(BackendName.COPILOT, "text")
    assert reason(status, reply=answer) is code


def test_nothing_matched() -> None:
    assert reason(facts=Facts(), is_subject_known=False) is ReasonCode.NO_SUBJECT


def test_the_update_is_known_and_nothing_is_known_about_it() -> None:
    assert reason(facts=Facts()) is ReasonCode.NO_EVIDENCE


def test_evidence_without_an_address_is_a_subject() -> None:
    assert reason(is_subject_known=False) is ReasonCode.OK


def test_an_update_that_still_runs() -> None:
    facts = Facts(is_running=True, sources=("pulumi-cloud",))
    assert reason(VerdictStatus.UNKNOWN, facts) is ReasonCode.STILL_RUNNING


def test_the_ai_failed_while_the_deployment_did_too() -> None:
    reply = NoAnswer(BackendName.COPILOT, ReasonCode.AI_USAGE_LIMIT, "over its limit")
    assert reason(VerdictStatus.FAILED, reply=reply) is ReasonCode.AI_USAGE_LIMIT


def test_no_ai_was_asked() -> None:
    assert reason(reply=NoAnswer(BackendName.LOCAL)) is ReasonCode.OK


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (TaskStatus.AWAITING_APPROVAL, ReasonCode.TASK_AWAITS),
        (TaskStatus.AWAITING_ANSWER, ReasonCode.TASK_AWAITS),
        (TaskStatus.TIMED_OUT, ReasonCode.AI_TIMED_OUT),
        (TaskStatus.FAILED, ReasonCode.AI_BAD_REPLY),
        (TaskStatus.CANCELLED, ReasonCode.AI_DECLINED),
        (TaskStatus.FINISHED, ReasonCode.OK),
    ],
)
def test_of_a_task(status: TaskStatus, code: ReasonCode) -> None:
    assert reason(reply=TaskState(status, "task-1")) is code


def test_a_comment_that_failed_outranks_the_ai_and_a_skipped_one_does_not() -> None:
    reply = NoAnswer(BackendName.COPILOT, ReasonCode.AI_TIMED_OUT)
    failed = Receipt("comment", ReceiptStatus.FAILED)
    skipped = Receipt("comment", ReceiptStatus.SKIPPED)
    summary = Receipt("summary", ReceiptStatus.FAILED)
    assert reason(reply=reply, receipts=[failed]) is ReasonCode.COMMENT_FAILED
    assert reason(reply=reply, receipts=[skipped, summary]) is ReasonCode.AI_TIMED_OUT


def test_policy_outranks_what_went_wrong_and_early_ends_outrank_policy() -> None:
    breach = (Breach("delete", "deletes 1 resource"),)
    assert (
        reason(breaches=breach, stopped=(ReasonCode.PULUMI_UNAVAILABLE,))
        is ReasonCode.FORBIDDEN_BY_POLICY
    )
    stopped = [ReasonCode.TIMED_OUT, ReasonCode.BAD_INPUT]
    assert reason(breaches=breach, stopped=stopped) is ReasonCode.BAD_INPUT


def test_pulumi_cloud_could_not_be_read() -> None:
    assert reason(stopped=(ReasonCode.PULUMI_UNAVAILABLE,)) is ReasonCode.PULUMI_UNAVAILABLE
