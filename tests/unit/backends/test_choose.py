"""Which backend is asked: the whole decision, case by case."""

from __future__ import annotations

import pytest

from upshot.backends.choose import choose_backend
from upshot.model import BackendName, NoAnswer, ReasonCode

AUTO = "auto"
COPILOT, NEO, LOCAL = BackendName.COPILOT, BackendName.NEO, BackendName.LOCAL


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
def test_auto_asks_copilot_where_it_can_and_a_chosen_backend_is_asked(
    choice: str, *, has_token: bool, organization: str, is_asking: bool, chosen: object
) -> None:
    picked = choose_backend(
        choice, has_token=has_token, organization=organization, is_asking=is_asking
    )
    assert picked == chosen


@pytest.mark.parametrize("choice", [COPILOT, NEO])
def test_a_chosen_ai_without_a_token_is_reported_and_does_not_fail(choice: str) -> None:
    picked = choose_backend(choice, has_token=False, organization="acme", is_asking=True)
    assert isinstance(picked, NoAnswer)
    assert picked.reason_code is ReasonCode.AI_TOKEN
    assert picked.backend == choice
    assert "id-token: write" in picked.hint


@pytest.mark.parametrize("choice", [COPILOT, NEO])
def test_a_chosen_ai_without_an_organization_is_reported(choice: str) -> None:
    picked = choose_backend(choice, has_token=True, organization="", is_asking=True)
    assert isinstance(picked, NoAnswer)
    assert picked.reason_code is ReasonCode.AI_NOT_FOUND
    assert "`organization`" in picked.hint
