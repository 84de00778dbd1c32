"""How one signal meets one piece of evidence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.evidence.signals import (
    MAX_TEXT,
    Clue,
    Signal,
    clue_from_failure,
    clue_from_text,
    codes_in,
)
from upshot.model import Failure


def clue(message: str, **fields: object) -> Clue:
    failure = Failure(message=message, headline=message.split("\n", maxsplit=1)[0])
    found = clue_from_failure(failure, rank=1.0)
    return Clue(**{**{f: getattr(found, f) for f in Clue.__struct_fields__}, **fields})


def test_every_given_condition_must_hold() -> None:
    signal = Signal(weight=50, phrases=("denied",), providers=("aws",), status=(403,))
    assert signal.matches(clue("Access denied", provider="aws", status=403))
    assert not signal.matches(clue("Access denied", provider="gcp", status=403))
    assert not signal.matches(clue("Access denied", provider="aws", status=404))
    assert not signal.matches(clue("all is well", provider="aws", status=403))


@pytest.mark.parametrize("provider", ["", "pulumi"])
def test_an_unknown_provider_is_in_every_scope(provider: str) -> None:
    assert Signal(weight=50, phrases=("x",), providers=("aws",)).matches(
        clue("x", provider=provider)
    )


def test_types_and_operations_narrow() -> None:
    signal = Signal(weight=50, types=("docker:",), operations=("create",), phrases=("x",))
    assert signal.matches(clue("x", type="docker:index:Image", operation="create"))
    assert not signal.matches(clue("x", type="", operation="create"))
    assert not signal.matches(clue("x", type="docker:index:Image", operation="delete"))
    assert not Signal(weight=50, phrases=("x",), except_types=("docker:",)).matches(
        clue("x", type="docker:index:Image")
    )


def test_a_second_phrase_can_be_asked_for_and_a_third_forbidden() -> None:
    signal = Signal(weight=50, phrases=("quota",), together=("exceeded",), unless=("per minute",))
    assert signal.matches(clue("Quota exceeded"))
    assert not signal.matches(clue("Quota page"))
    assert not signal.matches(clue("Quota exceeded: reads per minute"))


def test_a_phrase_is_found_across_wrapped_lines_and_cases() -> None:
    assert Signal(weight=50, phrases=("access denied",)).matches(clue("ACCESS\n      denied"))


def test_a_signal_looks_at_its_own_source_only() -> None:
    signal = Signal(weight=50, phrases=("pending",), source="warning")
    assert signal.matches(clue_from_text("Pending operations", "warning"))
    assert not signal.matches(clue("Pending operations"))


def test_codes_are_words_that_can_be_nothing_else() -> None:
    found = codes_in("api error NoSuchBucket: The bucket Conflict RESOURCE_EXHAUSTED a.B")
    assert {"NoSuchBucket", "RESOURCE_EXHAUSTED"} <= found
    assert "Conflict" not in found


@pytest.mark.parametrize(
    "text",
    ['Code="Conflict" Message', "api error Conflict: x", "reason: Conflict", "code: Conflict"],
)
def test_a_plain_word_is_a_code_where_codes_stand(text: str) -> None:
    assert "Conflict" in codes_in(text)


def test_stack_frames_show_where_and_never_why() -> None:
    message = "Error: no such thing\n    at accessDenied (/srv/quota.js:1:2)"
    assert not Signal(weight=50, phrases=("accessdenied",)).matches(clue(message))


def test_slots_keep_their_own_case() -> None:
    signal = Signal(weight=50, phrases=("key",), pattern=r"key '(?P<key>[a-z:]{1,40})'")
    assert signal.slots(clue("Missing Key 'Shop:dbName'")) == {"key": "Shop:dbName"}


def test_t23_a_slot_never_holds_what_a_shell_or_markdown_would_act_on() -> None:
    signal = Signal(weight=50, phrases=("key",), pattern=r"key '(?P<key>[^']{1,80})'")
    assert signal.slots(clue("key '`rm -rf ~`; @octocat'")) == {}


def test_t38_a_long_message_is_cut_before_anything_looks_at_it() -> None:
    message = "start " + "x" * 10 * MAX_TEXT + " end"
    found = clue(message)
    assert len(found.text) <= MAX_TEXT + 1
    assert found.text.startswith("start")
    assert found.text.endswith("end")


def test_the_headline_survives_the_cut_wherever_it_stands() -> None:
    noise = "noise " * MAX_TEXT
    failure = Failure(message=f"{noise}AccessDenied: no{noise}", headline="AccessDenied: no")
    assert "AccessDenied" in clue_from_failure(failure, rank=1.0).codes
    assert "AccessDenied" in clue_from_failure(failure, rank=0.5).codes


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_both_spellings_of_a_clue_stay_aligned(text: str) -> None:
    found = clue_from_text(text, "warning")
    assert len(found.text) == len(found.original)
