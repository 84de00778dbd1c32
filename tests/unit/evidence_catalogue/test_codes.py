"""Error codes are judged by their words; publishers' own models are the oracle."""

from __future__ import annotations

import pytest
from tools.mine_codes import PAGE, class_of, judge, load, render

from upshot.evidence.signals import words_of

SOURCES = load()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SubnetLimitExceededFault", " subnet limit exceeded fault "),
        ("RESOURCE_EXHAUSTED", " resource exhausted "),
        ("InvalidVpcID.NotFound", " invalid vpc id not found "),
        ("DBInstanceAlreadyExists", " db instance already exists "),
        ("KMSKeyNotAccessibleFault", " kms key not accessible fault "),
        ("AddFlowOutputs420Exception", " add flow outputs 420 exception "),
        ("", "  "),
    ],
)
def test_a_code_is_split_into_words(code: str, words: str) -> None:
    assert words_of(code) == words


@pytest.mark.parametrize(
    ("code", "failure_class"),
    [
        ("GizmoLimitExceededFault", "quota-capacity"),
        ("TooManyGizmosException", "quota-capacity"),
        ("GizmoAlreadyExistsException", "already-exists"),
        ("GizmoInUseException", "dependency-violation"),
        ("GizmoNotReadyException", "not-ready"),
        ("GizmoNotYetPropagatedException", "eventual-consistency"),
        ("GIZMO_PROPAGATION", "eventual-consistency"),
        ("Gone", "not-found"),
        ("GizmoUnavailable", "service-error"),
        ("GizmoThrottledException", "service-error"),
        ("GizmoImmutableException", "immutable-property"),
    ],
)
def test_a_code_of_no_list_is_judged_by_its_words(code: str, failure_class: str) -> None:
    assert class_of(code, None, "aws") == failure_class


def test_an_exact_code_beats_its_words() -> None:
    assert class_of("RequestLimitExceeded", None, "aws") == "service-error"


@pytest.mark.parametrize("name", SOURCES)
def test_nearly_every_published_code_has_a_class_that_agrees(name: str) -> None:
    share, missed = judge(SOURCES[name])
    assert share.classified >= 0.99, missed
    assert share.agree >= 0.97 or not share.judged, missed


def test_the_page_states_the_shares() -> None:
    shares = {name: (source, judge(source)[0]) for name, source in SOURCES.items()}
    assert render(shares) in PAGE.read_text(encoding="utf-8")
