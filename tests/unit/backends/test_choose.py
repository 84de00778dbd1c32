"""Who is asked: the whole decision, case by case."""

from __future__ import annotations

import pytest

from upshot.backends.choose import choose_backend
from upshot.inputs.choices import BackendChoice
from upshot.model import BackendName, NoAnswer, ReasonCode

AUTO, COPILOT, NEO, LOCAL = (
    BackendChoice.AUTO,
    BackendChoice.COPILOT,
    BackendChoice.NEO,
    BackendChoice.LOCAL,
)


@pytest.mark.parametrize(
    ("choice", "has_token", "organization", "is_asking", "chosen"),
    [
        (AUTO, True, "acme", True, BackendName.COPILOT),
        (AUTO, True, "acme", False, BackendName.LOCAL),
        (AUTO, True, "", True, BackendName.LOCAL),
        (AUTO, False, "acme", True, BackendName.LOCAL),
        (COPILOT, True, "acme", False, BackendName.COPILOT),
        (NEO, True, "acme", False, BackendName.NEO),
        (LOCAL, True, "acme", True, BackendName.LOCAL),
    ],
)
def test_the_choice(
    choice: BackendChoice, *, has_token: bool, organization: str, is_asking: bool, chosen: object
) -> None:
    picked = choose_backend(
        choice, has_token=has_token, organization=organization, is_asking=is_asking
    )
    assert picked is chosen


@pytest.mark.parametrize("choice", [COPILOT, NEO])
def test_a_chosen_ai_without_a_token_is_told_and_does_not_fail(choice: BackendChoice) -> None:
    picked = choose_backend(choice, has_token=False, organization="acme", is_asking=True)
    assert isinstance(picked, NoAnswer)
    assert picked.reason_code is ReasonCode.AI_TOKEN
    assert picked.backend.value == choice.value
    assert "id-token: write" in picked.hint


@pytest.mark.parametrize("choice", [COPILOT, NEO])
def test_a_chosen_ai_without_an_organization_is_told(choice: BackendChoice) -> None:
    picked = choose_backend(choice, has_token=True, organization="", is_asking=True)
    assert isinstance(picked, NoAnswer)
    assert picked.reason_code is ReasonCode.AI_NOT_FOUND
    assert "`organization`" in picked.hint
