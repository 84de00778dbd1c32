"""The word for `confirm`: one for each content of a claim, and for no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from tests.unit.accounts.shapes import ENVIRONMENT, INSIGHTS, STACK, UNKNOWN, stack
from tests.unit.accounts.test_claims import read

from upshot.pulumi.agents.claims import Claim
from upshot.pulumi.agents.confirm import build_word, digest_claim, is_confirmed
from upshot.pulumi.agents.entities import Renamed
from upshot.pulumi.agents.renames import resolve_renames


def digest(
    found: Claim | None = None, renames: Sequence[Renamed] = (), destination: str = "acme"
) -> str:
    return digest_claim(found or read(), tuple(renames), destination=destination)


def test_a_word_that_people_can_type() -> None:
    word = build_word(digest())
    assert re.fullmatch(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", word)
    assert build_word(digest()) == word


@pytest.mark.parametrize("form", ["{}", " {} ", "{}\n"])
def test_it_is_taken_with_or_without_hyphens_in_any_case(form: str) -> None:
    word = build_word(digest())
    for given in (word, word.upper(), word.replace("-", ""), word.replace("-", " ")):
        assert is_confirmed(form.format(given), digest())


@pytest.mark.parametrize("given", ["", "-", "yes", "true", "claim"])
def test_no_other_word_confirms(given: str) -> None:
    assert not is_confirmed(given, digest())
    assert not is_confirmed(build_word(digest())[:-1], digest())


def test_the_order_of_the_service_does_not_matter() -> None:
    forwards, backwards = [STACK, ENVIRONMENT, UNKNOWN], [UNKNOWN, ENVIRONMENT, STACK]
    assert digest(read(entities=forwards)) == digest(read(entities=backwards))
    assert digest(destination="Acme") == digest(destination="acme")


FAILURE = {"entity": INSIGHTS, "failureDetails": "x"}


@pytest.mark.parametrize(
    "changes",
    [
        {"entities": []},
        {"entities": [STACK, STACK]},
        {"entities": [STACK, UNKNOWN]},
        {"entities": [STACK, UNKNOWN | {"size": 4}]},
        {"entities": [STACK | {"resourceCount": 8}]},
        {"entities": [STACK | {"lastUpdate": "2026-11-21T10:00:01Z"}]},
        {"entities": [stack("dev")]},
        {"entities": [ENVIRONMENT]},
        {"conflicts": [STACK]},
        {"failures": [FAILURE]},
        {"failures": [FAILURE | {"failureDetails": "y"}]},
        {"claimExpiresAt": "2026-12-21T09:00:00Z"},
        {"agent": {"login": "b", "orgName": "agent-3f9c1d", "createdAt": "2026-11-20T09:00:00Z"}},
        {"agent": {"login": "agent-3f9c1d", "orgName": "b", "createdAt": "2026-11-20T09:00:00Z"}},
        {"agent": {"login": "agent-3f9c1d", "orgName": "agent-3f9c1d"}},
    ],
)
def test_another_content_has_another_word(changes: dict[str, Any]) -> None:
    assert build_word(digest(read(**changes))) != build_word(digest())


def test_renames_and_the_destination_are_content() -> None:
    found = read(conflicts=[STACK])
    one = resolve_renames(found, {"shop/prod": "prod-2"})
    other = resolve_renames(found, {"shop/prod": "prod-3"})
    words = {digest(), digest(renames=one), digest(renames=other), digest(destination="beta")}
    assert len(words) == 4


def test_what_only_says_how_far_a_claim_is_does_not_change_it() -> None:
    assert digest(read(transferToken="t-1")) == digest()
