"""Addresses of chats: where they may lead, and that they are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from upshot.errors import InputErrors
from upshot.inputs import Inputs, parse_inputs
from upshot.inputs.names import variable
from upshot.inputs.publishers.announce import AnnounceOn
from upshot.workspace import Workspace

RIGHT = {
    "slack-webhook-url": [
        "https://hooks.slack.com/services/T0/B0/abc",
        "https://hooks.slack.com:443/services/T0/B0/abc",
        "http://127.0.0.1:8080/services/T0/B0/abc",
        "http://[::1]:8080/x",
    ],
    "teams-webhook-url": [
        "https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
        "https://prod-12.westeurope.logic.azure.com:443/workflows/a/paths/invoke?sp=%2Frun&sig=abc",
        "https://default0.12.environment.api.powerplatform.com:443/powerautomate/x?sig=abc",
        "http://localhost:1/x",
    ],
    "webhook-url": ["https://ops.acme.example/hooks/upshot?x=1", "http://127.0.0.1:1/x"],
}
WRONG = {
    "slack-webhook-url": [
        "https://hooks.slack.com.evil.example/services/a",
        "https://evil.example/hooks.slack.com",
        "https://x.hooks.slack.com/a",
        "http://hooks.slack.com/services/a",
        "https://hooks.slack.com:8443/services/a",
        "https://user@hooks.slack.com/a",
        "https://hooks.slack.com@evil.example/a",
        "https://hooks.slack.com\\@evil.example/a",
        "https://169.254.169.254/latest",
        "hooks.slack.com/services/a",
        "file:///etc/passwd",
        "https://hooks.slack.com/a#b",
        "https://hooks.slack.com:x/a",
    ],
    "teams-webhook-url": [
        "https://webhook.office.com/a",
        "https://evilwebhook.office.com/a",
        "https://a.logic.azure.com.evil.example/a",
        "http://a.logic.azure.com/a",
    ],
    "webhook-url": [
        "http://ops.acme.example/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://2852039166/latest",
        "https://0xa9fea9fe/latest",
        "https://[fd00:ec2::254]/latest",
        "https://metadata/computeMetadata",
        "https://ops.acme.example:8443/hook",
        "ftp://ops.acme.example/hook",
    ],
}


def read(folder: Path, given: dict[str, str]) -> Inputs:
    env = {variable(name): value for name, value in given.items()}
    return parse_inputs(env, Workspace(str(folder)))


@pytest.mark.parametrize(("name", "url"), [(n, u) for n, urls in RIGHT.items() for u in urls])
def test_a_right_address_is_a_secret(tmp_path: Path, name: str, url: str) -> None:
    inputs = read(tmp_path, {name: url})
    own = inputs.own[name.partition("-webhook")[0].removesuffix("-url")]
    assert own.on is AnnounceOn.FAILURE
    assert url in [secret.reveal() for secret in inputs.secrets]
    assert url not in repr(inputs)


@pytest.mark.parametrize(("name", "url"), [(n, u) for n, urls in WRONG.items() for u in urls])
def test_t68_an_address_that_leads_elsewhere_or_inward_stops_the_run_and_is_not_shown(
    tmp_path: Path, name: str, url: str
) -> None:
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, {name: url})
    [problem] = caught.value.problems
    assert problem.name == name
    shown = f"{problem.message} {problem.hint}"
    assert url not in shown
    assert "evil" not in shown
    assert "169.254" not in shown


def test_nothing_is_read_while_no_address_is_given(tmp_path: Path) -> None:
    assert read(tmp_path, {"announce-on": "whenever"}).own == {}


def test_a_word_that_is_none_is_one_error_for_all_three(tmp_path: Path) -> None:
    given = {name: urls[0] for name, urls in RIGHT.items()}
    inputs = read(tmp_path, {**given, "announce-on": "sometimes"})
    assert [problem.name for problem in inputs.problems] == ["announce-on"]
    assert set(inputs.own) == {"slack", "teams", "webhook"}


def test_a_lone_webhook_secret_is_masked_all_the_same(tmp_path: Path) -> None:
    inputs = read(tmp_path, {"webhook-secret": "correct-horse-battery"})
    assert [secret.reveal() for secret in inputs.secrets] == ["correct-horse-battery"]
