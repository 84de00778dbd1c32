"""`account-secret`: what GitHub would refuse is found before any account is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.errors import InputError
from upshot.inputs.secret_name import SecretName, parse_secret_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PULUMI_ACCESS_TOKEN", SecretName("PULUMI_ACCESS_TOKEN")),
        ("agent_token", SecretName("AGENT_TOKEN")),
        ("_A1", SecretName("_A1")),
        ("production/AGENT_TOKEN", SecretName("AGENT_TOKEN", "production")),
        ("eu/production/AGENT_TOKEN", SecretName("AGENT_TOKEN", "eu/production")),
        ("my environment/AGENT_TOKEN", SecretName("AGENT_TOKEN", "my environment")),
        ("githubber/TOKEN", SecretName("TOKEN", "githubber")),
    ],
)
def test_a_name_that_github_takes(text: str, name: SecretName) -> None:
    assert parse_secret_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1TOKEN",
        "GITHUB_TOKEN",
        "github_token",
        "production/GITHUB_TOKEN",
        "AGENT-TOKEN",
        "AGENT TOKEN",
        "AGENT.TOKEN",
        "TÖKEN",
        "TOKEN\n",
        "production/",
        "/TOKEN",
        " production/TOKEN",
        "../TOKEN",
        "pro\nduction/TOKEN",
        "e" * 256 + "/TOKEN",
        "T" * 256,
    ],
)
def test_a_name_that_github_would_refuse(text: str) -> None:
    with pytest.raises(InputError, match="NAME or environment/NAME") as caught:
        parse_secret_name(text)
    assert caught.value.name == "account-secret"
    assert "\n" not in caught.value.message


def test_it_is_shown_as_it_is_written() -> None:
    assert str(parse_secret_name("production/agent_token")) == "production/AGENT_TOKEN"
    assert str(parse_secret_name("agent_token")) == "AGENT_TOKEN"


@given(st.text())
def test_whatever_is_given_is_a_name_or_refused(text: str) -> None:
    try:
        found = parse_secret_name(text)
    except InputError:
        return
    assert found.name.isascii()
    assert parse_secret_name(str(found)) == found
