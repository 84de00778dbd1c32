"""Storing a token as a GitHub secret: sealed, found out early when it cannot be, never shown."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from msgspec.structs import replace
from tests.stage import StillClock

from upshot.errors import GitHubError
from upshot.event import parse_addresses
from upshot.inputs.secret_name import parse_secret_name
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import connect
from upshot.publish.github.secrets import SecretStore, open_store, store_secret
from upshot.pulumi.agents.exposure import shows
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.github.secrets import Vault
from upshot_sandbox.scenario import GitHubPlan, load_scenario
from upshot_sandbox.server import Sandbox

TOKEN = Secret("pul-" + "0123456789" * 4)
KEY = "GET /repos/acme/shop/actions/secrets/public-key"
PUT = "PUT /repos/acme/shop/actions/secrets/AGENT_TOKEN"


class Hub:
    def __init__(self, sandbox: Sandbox, github: GitHub) -> None:
        self.sandbox = sandbox
        self.github = github
        self.vault: Vault = sandbox.world.extensions["secrets"]

    @property
    def lines(self) -> list[str]:
        return [sent.line for sent in self.sandbox.world.journal.requests]

    def store(self, text: str, value: Secret = TOKEN) -> None:
        store = open_store(self.github, parse_secret_name(text))
        store_secret(self.github, store, value)

    def fail(self, route: str, **more: Any) -> None:
        self.sandbox.world.faults.add(Fault(route, FaultKind.STATUS, **more))


MakeHub = Callable[..., Hub]


@pytest.fixture
def make_hub() -> Iterator[MakeHub]:
    with ExitStack() as stack:

        def make(token: str = "app") -> Hub:
            scenario = replace(load_scenario("failed-update"), github=GitHubPlan(token=token))
            sandbox = stack.enter_context(Sandbox(scenario))
            github = connect(
                Secret(sandbox.world.github.workflow_token),
                parse_addresses(sandbox.github_url),
                repository="acme/shop",
                deadline=Deadline.after(StillClock(), 600),
                jitter=lambda: 0.0,
            )
            stack.callback(github.close)
            return Hub(sandbox, github)

        yield make


@pytest.mark.parametrize(
    ("text", "place", "folder"),
    [
        ("agent_token", ("", "AGENT_TOKEN"), "actions"),
        ("production/AGENT_TOKEN", ("production", "AGENT_TOKEN"), "environments/production"),
        ("eu/my shop/AGENT_TOKEN", ("eu/my shop", "AGENT_TOKEN"), "environments/eu%2Fmy%20shop"),
    ],
)
def test_a_token_reaches_its_secret_and_only_github_can_open_it(
    make_hub: MakeHub, text: str, place: tuple[str, str], folder: str
) -> None:
    hub = make_hub()
    hub.vault.environments.add("eu/my shop")
    hub.store(text)
    assert hub.vault.stored == {place: TOKEN.reveal()}
    base = f"/repos/acme/shop/{folder}/secrets"
    assert hub.lines == [f"GET {base}/public-key", f"PUT {base}/AGENT_TOKEN"]
    assert TOKEN.reveal().encode() not in hub.sandbox.world.journal.requests[-1].body
    assert hub.sandbox.world.journal.violations == []


def test_it_replaces_what_was_there(make_hub: MakeHub) -> None:
    hub = make_hub()
    hub.store("AGENT_TOKEN", Secret("old-0123456789"))
    hub.store("agent_token")
    assert hub.vault.stored == {("", "AGENT_TOKEN"): TOKEN.reveal()}


@pytest.mark.parametrize(
    ("token", "text", "right"),
    [
        ("write", "AGENT_TOKEN", '"Secrets: Read and write"'),
        ("write", "production/AGENT_TOKEN", '"Environments: Read and write"'),
        ("bad", "AGENT_TOKEN", '"Secrets: Read and write"'),
        ("app", "nowhere/AGENT_TOKEN", "that the environment 'nowhere' exists"),
    ],
)
def test_what_cannot_be_stored_is_found_out_before_there_is_anything_to_store(
    make_hub: MakeHub, token: str, text: str, right: str
) -> None:
    hub = make_hub(token)
    with pytest.raises(GitHubError, match="public key for the secret") as caught:
        open_store(hub.github, parse_secret_name(text))
    assert right in caught.value.hint
    assert "the job's own token cannot store secrets" in caught.value.hint
    assert caught.value.anchor == "account-secret"
    assert [line.partition(" ")[0] for line in hub.lines] == ["GET"]


def test_a_fault_of_github_is_asked_again_and_is_no_matter_of_rights(make_hub: MakeHub) -> None:
    hub = make_hub()
    hub.fail(KEY, status=500, nth=(1,))
    hub.fail(PUT, status=502, nth=(1,))
    hub.store("AGENT_TOKEN")
    assert hub.lines == [KEY, KEY, PUT, PUT]
    hub.fail(PUT, status=500)
    with pytest.raises(GitHubError) as caught:
        hub.store("AGENT_TOKEN")
    assert caught.value.anchor != "account-secret"


def test_t66_no_error_of_storing_shows_the_token(make_hub: MakeHub) -> None:
    hub = make_hub()
    store = open_store(hub.github, parse_secret_name("AGENT_TOKEN"))
    for number, status in enumerate((401, 403, 404, 422), start=1):
        hub.fail(PUT, status=status, nth=(1,), body=f'{{"message": "{number} problems"}}')
        with pytest.raises(GitHubError) as caught:
            store_secret(hub.github, store, TOKEN)
        shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint + repr(store)
        assert not shows(shown, TOKEN)


class Fixed:
    """A GitHub whose public key is whatever a test says."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def get(self, path: str, *, doing: str) -> Any:
        return self.found

    def put(self, path: str, body: Any, *, doing: str) -> Any:
        raise AssertionError("nothing may be sent")


@pytest.mark.parametrize(
    "found",
    [
        None, [], "x", {}, {"key": 7, "key_id": "1"}, {"key": "eA==", "key_id": "1"},
        {"key": "no base64", "key_id": "1"}, {"key": "\ud800", "key_id": "1"},
        {"key": "A" * 43 + "=", "key_id": "1"}, {"key": "A" * 44, "key_id": None},
    ],
)  # fmt: skip
def test_something_else_than_a_public_key_is_refused(found: Any) -> None:
    with pytest.raises(GitHubError, match="something else than a public key"):
        open_store(Fixed(found), parse_secret_name("AGENT_TOKEN"))


def test_a_key_that_changed_meanwhile_seals_nothing_readable() -> None:
    store = SecretStore(parse_secret_name("AGENT_TOKEN"), "1", "eA==")
    with pytest.raises(GitHubError, match="something else than a public key"):
        store_secret(Fixed({}), store, TOKEN)
