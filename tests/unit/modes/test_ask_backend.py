"""Whom a run asks, with which memory, and what a failed AI leaves behind."""

from __future__ import annotations

import pytest
from tests.stage import Stage

from upshot.errors import ServiceAuthError
from upshot.job import Job
from upshot.model import (
    BackendName,
    Facts,
    NoAnswer,
    Outcome,
    ReasonCode,
    StackRef,
    Stamp,
    Subject,
    UpdateKind,
)
from upshot.modes.asking.ask_backend import (
    build_question,
    choose,
    describe_sent,
    is_worth_asking,
    warn_of_missing_answer,
)
from upshot.modes.shared.gather import Case
from upshot.modes.shared.token import Access
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.thread import OwnComment
from upshot.secret import Secret

STACK = StackRef("acme", "web", "prod")
TOKEN = Access(Secret("pul-" + "a" * 40))
FAILED = Facts(outcome=Outcome.FAILED, sources=("log-file",))
CALM = Facts(outcome=Outcome.SUCCEEDED, counts={"same": 3}, sources=("log-file",))
CHANGES = Facts(
    outcome=Outcome.SUCCEEDED, kind=UpdateKind.PREVIEW, counts={"create": 1}, sources=("log-file",)
)


def chosen_by(job: Job, asked: Case, access: Access) -> str | NoAnswer:
    question = build_question(job, asked, None)
    return choose(job, asked, question, choice=job.inputs.ask.backend, access=access)


def case(facts: Facts = FAILED, *, is_refused: bool = False) -> Case:
    return Case(facts, Subject(STACK, version=4), STACK, "acme", is_refused=is_refused)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [(FAILED, True), (CHANGES, True), (CALM, False)],
    ids=["failed", "changes", "no changes"],
)
def test_no_ai_is_asked_about_nothing(stage: Stage, facts: Facts, expected: bool) -> None:  # noqa: FBT001 - a table
    question = build_question(stage.job(), case(facts), None)
    assert is_worth_asking(question, case(facts)) is expected


def test_a_person_who_asks_is_answered_even_when_nothing_changed(stage: Stage) -> None:
    job = stage.job(mode="ask", prompt="Who owns this stack?")
    assert is_worth_asking(build_question(job, case(CALM), None), case(CALM))


def test_auto_is_copilot_with_a_token_and_silent_local_without(stage: Stage) -> None:
    assert chosen_by(stage.job(), case(), TOKEN) == BackendName.COPILOT
    assert chosen_by(stage.job(), case(), Access()) == BackendName.LOCAL


def test_a_chosen_ai_without_a_token_says_who_must_act(stage: Stage) -> None:
    chosen = chosen_by(stage.job(backend="copilot"), case(), Access())
    assert isinstance(chosen, NoAnswer)
    assert chosen.reason_code is ReasonCode.AI_TOKEN
    assert "pulumi-access-token" in chosen.hint


def test_a_refused_exchange_is_said_once_and_no_ai_is_asked(stage: Stage) -> None:
    """Why it was refused is a notice of the report already."""
    fault = ServiceAuthError("GitHub gave no id token", hint="Add `id-token: write`.")
    chosen = chosen_by(stage.job(), case(), Access(fault=fault))
    assert isinstance(chosen, NoAnswer)
    assert (chosen.why, chosen.hint) == ("there is no Pulumi access token", fault.hint)


def test_a_token_that_pulumi_cloud_refused_is_not_tried_on_an_ai(stage: Stage) -> None:
    chosen = chosen_by(stage.job(), case(is_refused=True), TOKEN)
    assert isinstance(chosen, NoAnswer)
    assert chosen.reason_code is ReasonCode.AI_TOKEN


def test_a_dry_run_asks_no_ai(stage: Stage) -> None:
    job = stage.job(dry_run="true", backend="copilot")
    assert chosen_by(job, case(), TOKEN) == BackendName.LOCAL


def comment_about(stack: str, conversation: str, task: str = "") -> OwnComment:
    stamp = Stamp(stack=stack, conversation=conversation, task=task)
    marker = build_marker("default", stamp)
    return OwnComment(1, "n", "", "", is_hidden=False, marker=marker)


def test_a_remembered_conversation_goes_on_for_the_same_stack_only(stage: Stage) -> None:
    job = stage.job()
    same = comment_about("acme/web/prod", conversation="c-1", task="t-1")
    other = comment_about("acme/web/dev", conversation="c-1", task="t-1")
    assert build_question(job, case(), same).conversation_id == "c-1"
    assert build_question(job, case(), other).conversation_id == ""


def test_an_explicit_conversation_wins_over_the_remembered_one(stage: Stage) -> None:
    earlier = comment_about("acme/web/prod", conversation="c-1")
    question = build_question(stage.job(conversation_id="c-2"), case(), earlier)
    assert question.conversation_id == "c-2"


def test_an_ai_that_declined_is_no_warning(stage: Stage) -> None:
    job = stage.job()
    warn_of_missing_answer(
        job, NoAnswer(BackendName.COPILOT, ReasonCode.AI_DECLINED, why="no answer")
    )
    assert not job.warnings.is_degraded


def test_an_ai_that_failed_is_a_warning(stage: Stage) -> None:
    job = stage.job()
    warn_of_missing_answer(
        job, NoAnswer(BackendName.COPILOT, ReasonCode.AI_USAGE_LIMIT, why="limit")
    )
    assert job.warnings.codes == (ReasonCode.AI_USAGE_LIMIT,)
    assert "Pulumi Copilot did not answer: limit" in stage.out.getvalue()
    assert job.warnings.notices == (), "the report has a line of its own for it"


def test_t50_what_an_ai_may_read_is_redacted_before_it_is_sent(stage: Stage) -> None:
    secret = Secret("correct-horse-battery")
    job = stage.job()
    job.redactor.add(secret)
    facts = Facts(outcome=Outcome.FAILED, pending_operations=(f"creating with {secret.reveal()}",))
    question = build_question(job, case(facts), None)
    assert secret.reveal() not in question.evidence.cut(4_000)


def test_t50_what_is_sent_is_named_without_its_content(stage: Stage) -> None:
    job = stage.job(mode="ask", prompt="Why does orders-db change?")
    words = describe_sent(build_question(job, case(), None))
    assert "a prompt of 26 characters" in words
    assert "orders-db" not in words
