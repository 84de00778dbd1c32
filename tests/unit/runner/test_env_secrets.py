"""Which variables of the environment are secrets."""

from __future__ import annotations

import pytest

from upshot.runner.env_secrets import secrets_in_env


@pytest.mark.parametrize(
    "name",
    [
        "PULUMI_ACCESS_TOKEN",
        "INPUT_GITHUB-TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "ARM_CLIENT_SECRET",
        "GOOGLE_CREDENTIALS",
        "PULUMI_CONFIG_PASSPHRASE",
        "DATABASE_PASSWORD",
        "NPM_PAT",
        "SMTP_PASS",
        "SLACK_WEBHOOK_URL",
        "SENTRY_DSN",
        "COOKIE_SECRET_KEY",
    ],
)
def test_a_variable_named_like_a_secret_is_one(name: str) -> None:
    assert [secret.reveal() for secret in secrets_in_env({name: "a value of some length"})] == [
        "a value of some length"
    ]


@pytest.mark.parametrize("name", ["PATH", "PWD", "OLDPWD", "GITHUB_REPOSITORY", "INPUT_LOG-FILE", "INPUT_COMMENT-KEY", "AWS_REGION"])  # fmt: skip
def test_ordinary_variables_are_not(name: str) -> None:
    assert list(secrets_in_env({name: "a value of some length"})) == []


@pytest.mark.parametrize(
    "name", ["AGENT_PULUMI_TOKEN", "production/AGENT_PULUMI_TOKEN", "eu/west 1/X"]
)
def test_where_a_secret_is_stored_is_none(name: str) -> None:
    assert list(secrets_in_env({"INPUT_ACCOUNT-SECRET": name})) == []


def test_a_token_in_the_place_of_that_name_is_one() -> None:
    given = {"INPUT_ACCOUNT-SECRET": "pul-0123456789abcdef"}
    assert [secret.reveal() for secret in secrets_in_env(given)] == ["pul-0123456789abcdef"]
