"""The sandbox's agent accounts: what they refuse, what ends, and what a wrong client gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from upshot_sandbox.accounts.plan import DAY_S, HOUR_S, parse_plan
from upshot_sandbox.accounts.signup import proves
from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox
from upshot_sandbox.world import World

SIGN_UP = "/api/agents/signup"
CLAIM = "/api/agents/acme/claim"


class Service:
    """The sandbox, asked by a client without opinions."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.state: AccountsState = sandbox.world.extensions["accounts"]
        self.violations = sandbox.world.journal.violations
        self.human = sandbox.world.cloud.workflow_token
        self._client = client

    def ask(self, method: str, path: str, token: str = "", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"token {token}"} if token else {}
        return self._client.request(method, path, headers=headers, **more)

    def challenge(self) -> tuple[str, str]:
        """Id, and the right answer."""
        found = self.ask("GET", SIGN_UP).json()
        data = found["challengeData"]
        answer = next(n for n in range(10**6) if proves(data, str(n)))
        return found["challengeID"], str(answer)

    def sign_up(self, challenge: str, answer: str) -> httpx.Response:
        body = {"challengeID": challenge, "challengeResult": answer}
        return self.ask("POST", SIGN_UP, json=body)


@pytest.fixture
def make() -> Iterator[Callable[..., Service]]:
    with ExitStack() as stack:

        def service(**accounts: Any) -> Service:
            scenario = replace(load_scenario("failed-update"), accounts=accounts)
            sandbox = stack.enter_context(Sandbox(scenario))
            client = stack.enter_context(httpx.Client(base_url=sandbox.cloud_url))
            return Service(sandbox, client)

        yield service


Make = Callable[..., Service]


def test_a_challenge_is_used_once(make: Make) -> None:
    service = make()
    challenge, answer = service.challenge()
    assert service.sign_up(challenge, answer).status_code == 200
    assert service.sign_up(challenge, answer).status_code == 400
    assert len(service.state.agents) == 1
    assert service.violations == [f"POST {SIGN_UP}: a challenge was answered twice"]


def test_a_challenge_expires(make: Make) -> None:
    service = make(challenge_s=30)
    challenge, answer = service.challenge()
    service.state.let_pass(30)
    reply = service.sign_up(challenge, answer)
    assert (reply.status_code, service.state.agents) == (400, [])
    assert "expired" in reply.json()["message"]


@pytest.mark.parametrize("answer", ["", "x", "-1", "0x7", str(2**64)])
def test_a_wrong_answer_makes_no_account(make: Make, answer: str) -> None:
    service = make(difficulty=16)
    challenge, _ = service.challenge()
    assert service.sign_up(challenge, answer).status_code == 400
    assert service.sign_up("unknown", "0").status_code == 400
    assert service.state.agents == []


def test_a_body_that_is_none_is_refused_and_an_unknown_field_is_noted(make: Make) -> None:
    service = make()
    assert service.ask("POST", SIGN_UP, json={"challengeID": "x"}).status_code == 400
    challenge, answer = service.challenge()
    body = {"challengeID": challenge, "challengeResult": answer, "agentKind": "x"}
    assert service.ask("POST", SIGN_UP, json=body).status_code == 200
    assert any("unknown field agentKind" in line for line in service.violations)


def test_a_token_at_the_sign_up_is_noted(make: Make) -> None:
    service = make()
    service.ask("GET", SIGN_UP, token=service.human)
    assert service.violations == [f"GET {SIGN_UP}: a sign-up carries no Authorization"]


def signed_up(service: Service) -> dict[str, Any]:
    reply: dict[str, Any] = service.sign_up(*service.challenge()).json()
    return reply


def test_an_agent_s_token_may_write_then_only_read(make: Make) -> None:
    service = make()
    account = signed_up(service)
    token, login = account["accessToken"], account["userInfo"]["githubLogin"]
    project = f"/api/stacks/{login}/shop"
    assert service.ask("GET", "/api/user", token).json()["isAgent"] is True
    assert service.ask("POST", project, token, json={"stackName": "dev"}).status_code == 200
    assert service.ask("POST", project, token, json={"stackName": "dev"}).status_code == 409
    service.state.let_pass(72 * HOUR_S)
    assert service.ask("POST", project, token, json={"stackName": "late"}).status_code == 403
    assert service.ask("GET", f"{project}/dev", token).status_code == 200
    assert service.ask("GET", f"{project}/late", token).status_code == 404


def test_an_agent_sees_no_other_organization_and_no_other_user_sees_its_own(make: Make) -> None:
    service = make(agents=[{"owns": {"stacks": ["shop/dev"]}}])
    agent = service.state.agents[0]
    path = f"/api/stacks/{agent.login}/shop/dev"
    assert service.ask("GET", path, agent.access_token).status_code == 200
    assert service.ask("GET", path, service.human).status_code == 404
    assert service.ask("GET", "/api/stacks/acme/shop/prod", service.human).status_code == 200
    assert service.ask("GET", "/api/stacks/acme/shop/prod", agent.access_token).status_code == 404
    assert service.ask("GET", "/api/stacks/acme/shop/prod").status_code == 401


def test_a_claim_token_is_known_for_thirty_days_and_until_it_is_used(make: Make) -> None:
    service = make(agents=[{}, {"login": "agent-2"}])
    first, second = service.state.agents
    path = f"{SIGN_UP}/validate/"
    assert service.ask("GET", path + first.claim_token).status_code == 200
    assert service.ask("GET", path + "unknown").status_code == 404
    body = {"claimToken": first.claim_token}
    service.ask("POST", CLAIM, service.human, json=body)
    for _ in range(2):
        service.ask("GET", f"{CLAIM}/status", service.human)
    assert service.ask("GET", path + first.claim_token).status_code == 404
    assert service.ask("POST", CLAIM, service.human, json=body).status_code == 404
    assert service.ask("GET", path + second.claim_token).status_code == 200
    service.state.let_pass(30 * DAY_S)
    assert service.ask("GET", path + second.claim_token).status_code == 404


def test_while_it_is_claimed_an_organization_is_locked(make: Make) -> None:
    service = make(agents=[{"owns": {"stacks": ["shop/dev"]}}], looks=9)
    agent = service.state.agents[0]
    body = {"claimToken": agent.claim_token}
    started = service.ask("POST", CLAIM, service.human, json=body).json()
    assert started["transferToken"] in service.state.claims
    project = f"/api/stacks/{agent.login}/shop"
    new = {"stackName": "late"}
    assert service.ask("POST", project, agent.access_token, json=new).status_code == 409
    assert service.ask("POST", CLAIM, service.human, json=body).status_code == 409
    listed = service.ask("GET", f"{CLAIM}/status", service.human).json()["claims"]
    assert [len(claim["entities"]) for claim in listed.values()] == [1]


def test_two_entities_must_not_get_one_name(make: Make) -> None:
    stacks = ["shop/prod", "shop/dev"]
    service = make(agents=[{"owns": {"stacks": stacks}}])
    rename = {
        "kind": "TransferEntityStackRename", "projectName": "shop", "stackName": "prod",
        "renameAs": {"kind": "TransferEntityStack", "projectName": "shop", "stackName": "dev"},
    }  # fmt: skip
    body = {"claimToken": service.state.agents[0].claim_token, "conflictsResolution": [rename]}
    found = service.ask("POST", CLAIM, service.human, json=body).json()
    assert [one["stackName"] for one in found["conflicts"]] == ["prod", "dev"]
    assert service.state.claims == {}


@pytest.mark.parametrize(
    "resolution",
    [
        [7],
        [{"kind": "TransferEntityStack"}],
        [{"kind": "TransferEntityStackRename", "projectName": "shop"}],
        [{"kind": "TransferEntityStackRename", "projectName": "shop", "stackName": "prod",
          "renameAs": {"kind": "TransferEntityEnvironment", "projectName": "a",
                       "environmentName": "b"}}],
        [{"kind": "TransferEntityStackRename", "projectName": "shop", "stackName": "nowhere",
          "renameAs": {"kind": "TransferEntityStack", "projectName": "shop", "stackName": "x"}}],
    ],
)  # fmt: skip
def test_a_resolution_that_is_none_is_refused(make: Make, resolution: list[Any]) -> None:
    service = make(agents=[{"owns": {"stacks": ["shop/prod"]}}])
    token = service.state.agents[0].claim_token
    body = {"claimToken": token, "conflictsResolution": resolution}
    assert service.ask("POST", CLAIM, service.human, json=body).status_code == 400


def test_a_misspelled_plan_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="dificulty"):
        parse_plan({"dificulty": 8})
    scenario = load_scenario("failed-update")
    plan = parse_plan({"agents": [{"owns": {"stacks": ["shop"]}}]})
    with pytest.raises(ValueError, match="'shop' is no"):
        AccountsState(plan, scenario, World(scenario).cloud)
