"""Signing up against the sandbox: one challenge, one answer, one account, whatever happens."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from tests.integration.accounts.conftest import Cloud, MakeCloud
from tests.stage import StillClock

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceUnavailable,
)
from upshot.pulumi.agents.accounts import SIGN_UP, AgentAccount, AgentAccounts
from upshot.pulumi.agents.faults import ChallengeSpent, SignupLost
from upshot.pulumi.agents.proof.challenge import Challenge, ChallengeRefused
from upshot.pulumi.agents.proof.solve import ProofFailed, solve
from upshot.pulumi.agents.signup import sign_up
from upshot.secret import Secret
from upshot.timing import Deadline

GET, POST = f"GET {SIGN_UP}", f"POST {SIGN_UP}"


def signed_up(
    cloud: Cloud, masked: list[Secret] | None = None, agent_name: str = ""
) -> AgentAccount:
    return sign_up(
        cloud.accounts(),
        agent_name=agent_name,
        deadline=cloud.deadline(),
        on_secret=(masked if masked is not None else []).append,
    )


def test_an_account_from_nothing(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    masked: list[Secret] = []
    account = signed_up(cloud, masked)
    (agent,) = cloud.state.agents
    assert (account.login, account.organization) == (agent.login, agent.login)
    assert account.access_token.reveal() == agent.access_token
    assert account.claim_token.reveal() == agent.claim_token
    assert account.claim_address
    assert account.claim_address.reveal().endswith(f"/claim/{agent.claim_token}")
    assert masked == [account.access_token, account.claim_token, account.claim_address]
    assert cloud.lines == [GET, POST]
    assert cloud.violations == []


@pytest.mark.parametrize("serves", [["table"], ["prose"], ["table", "prose"]])
def test_the_challenge_is_found_where_it_is_served(
    make_cloud: MakeCloud, serves: list[str]
) -> None:
    cloud = make_cloud(serves=serves)
    signed_up(cloud)
    assert cloud.lines[-2:] == [GET if "table" in serves else f"{GET}/challenge", POST]
    assert cloud.violations == []


def test_the_agent_s_name_is_sent_when_it_is_given(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    signed_up(cloud, agent_name="reviewer")
    signed_up(cloud)
    named, plain = (sent.json for sent in cloud.sandbox.world.journal.sent("POST", SIGN_UP))
    assert named["agentName"] == "reviewer"
    assert "agentName" not in plain


def test_a_challenge_that_has_expired_is_replaced_once(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(expire_first=1)
    signed_up(cloud)
    assert cloud.lines == [GET, POST, GET, POST]
    assert len(cloud.state.agents) == 1
    assert cloud.violations == []


def test_and_not_twice(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(expire_first=5)
    with pytest.raises(ChallengeSpent, match="the challenge has expired") as caught:
        signed_up(cloud)
    assert cloud.lines == [GET, POST, GET, POST]
    assert cloud.state.agents == []
    assert "the next run solves a new challenge" in caught.value.hint
    assert caught.value.__context__ is None


def test_a_challenge_that_expires_during_its_proof_of_work(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(challenge_s=60)
    solved: list[str] = []

    def slowly(
        challenge: Challenge, *, deadline: Deadline, on_progress: Callable[..., None]
    ) -> str:
        if not solved:
            cloud.state.let_pass(61)
        solved.append(challenge.id)
        return solve(challenge, deadline=deadline)

    sign_up(cloud.accounts(), deadline=cloud.deadline(), on_secret=lambda _: None, solver=slowly)
    assert len(set(solved)) == 2
    assert len(cloud.state.agents) == 1


def test_t67_a_challenge_is_answered_once_and_only_by_its_own_proof(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    accounts = cloud.accounts()
    challenge = accounts.request_challenge()
    result = solve(challenge, deadline=cloud.deadline())
    for wrong in ("", "x", "-1", str(2**64), "٣", str(int(result) + 1)):
        with pytest.raises(ChallengeRefused, match="its own proof of work"):
            accounts.sign_up(challenge, wrong, on_secret=lambda _: None)
    accounts.sign_up(challenge, result, on_secret=lambda _: None)
    with pytest.raises(ChallengeRefused, match="answered once"):
        accounts.sign_up(challenge, result, on_secret=lambda _: None)
    assert cloud.lines == [GET, POST]


@pytest.mark.parametrize("challenge", ["v1:abcdef:29", "v2:abcdef:8", "v1:abcdef:0", "nonsense"])
def test_t67_a_challenge_that_is_refused_costs_no_sign_up(
    make_cloud: MakeCloud, challenge: str
) -> None:
    cloud = make_cloud(challenge=challenge)
    with pytest.raises(ChallengeRefused):
        signed_up(cloud)
    assert cloud.lines == [GET]


def test_t67_a_proof_of_work_that_takes_too_long_costs_no_sign_up(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(difficulty=28)

    def never(challenge: Challenge, *, deadline: Deadline, on_progress: Callable[..., None]) -> str:
        deadline.clock.sleep(deadline.remaining_s())
        return solve(challenge, deadline=deadline, processes=1)

    with pytest.raises(ProofFailed):
        sign_up(cloud.accounts(), deadline=cloud.deadline(), on_secret=lambda _: None, solver=never)
    assert cloud.lines == [GET]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("lose-reply", {}),
        ("truncate", {}),
        ("drop", {}),
        ("status", {"status": 500}),
        ("status", {"status": 502, "content_type": "text/html", "body": "<html>"}),
        ("status", {"status": 503}),
        ("status", {"status": 200, "body": "<html>", "content_type": "text/html"}),
        ("status", {"status": 200, "body": "{}"}),
        ("status", {"status": 200, "body": '{"accessToken": "pul-0123456789"}'}),
        ("status", {"status": 301, "headers": {"Location": "https://evil.example/"}}),
    ],
)
def test_a_sign_up_whose_answer_is_lost_is_never_repeated(
    make_cloud: MakeCloud, kind: str, more: dict[str, object]
) -> None:
    cloud = make_cloud()
    cloud.fail(POST, kind, **more)
    with pytest.raises(SignupLost, match="it is not sent again") as caught:
        signed_up(cloud)
    assert cloud.lines == [GET, POST]
    assert len(cloud.state.agents) == (kind in {"lose-reply", "truncate"})
    assert "can neither be used nor claimed" in caught.value.hint


def test_a_token_that_came_without_its_account_is_masked_anyway(
    make_cloud: MakeCloud,
) -> None:
    cloud = make_cloud()
    cloud.fail(POST, "status", status=200, body='{"accessToken": "pul-0123456789"}')
    masked: list[Secret] = []
    with pytest.raises(SignupLost):
        signed_up(cloud, masked)
    assert masked == [Secret("pul-0123456789")]


def test_one_that_was_surely_not_accepted_is_sent_again(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    cloud.fail(POST, "status", status=429, nth=(1,), headers={"Retry-After": "7"})
    cloud.fail(POST, "status", status=503, nth=(2,), headers={"Retry-After": "9"})
    signed_up(cloud)
    assert cloud.lines == [GET, POST, POST, POST]
    assert cloud.clock.passed_s == 16.0
    assert len(cloud.state.agents) == 1


@pytest.mark.parametrize(
    ("route", "status", "refusal"),
    [
        (GET, 403, (ServiceForbidden, "lets no agent sign up", "make an account by hand")),
        (GET, 401, (ServiceAuthError, "lets no agent sign up", "make an account by hand")),
        (GET, 429, (ServiceRateLimited, "asked too often", "No action needed")),
        (GET, 500, (ServiceUnavailable, "unavailable", "No action needed")),
        (POST, 403, (ServiceForbidden, "lets no agent sign up", "No account was made")),
        (POST, 429, (ServiceRateLimited, "asked too often", "No action needed")),
        (POST, 404, (ServiceNotFound, "does not offer agent accounts", "check `cloud-url`")),
    ],
)
def test_each_refusal_says_who_must_act(
    make_cloud: MakeCloud,
    route: str,
    status: int,
    refusal: tuple[type[ServiceError], str, str],
) -> None:
    kind, words, advice = refusal
    cloud = make_cloud()
    cloud.fail(route, "status", status=status, body='{"code": 1, "message": "the reason"}')
    with pytest.raises(kind, match=words) as caught:
        signed_up(cloud)
    assert "the reason" in caught.value.message
    assert advice in caught.value.hint
    assert cloud.state.agents == []


def test_a_server_without_agent_accounts(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(serves=[])
    with pytest.raises(ServiceNotFound, match="does not offer agent accounts") as caught:
        signed_up(cloud)
    assert cloud.lines == [GET, f"{GET}/challenge"]
    assert caught.value.anchor == "agent-signup"


def answering(*replies: httpx.Response) -> AgentAccounts:
    left = list(replies)
    clock = StillClock()
    return AgentAccounts(
        "https://api.pulumi.com",
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=httpx.MockTransport(lambda _: left.pop(0)),
    )


@pytest.mark.parametrize(
    "first", [httpx.Response(200, text="<html>"), httpx.Response(200, json={"status": "ok"}),
              httpx.Response(405), httpx.Response(404)]
)  # fmt: skip
def test_an_address_that_answers_something_else_does_not_serve_challenges(
    first: httpx.Response,
) -> None:
    real = httpx.Response(200, json={"challengeID": "c", "challengeData": "v1:abcdef:8"})
    assert answering(first, real).request_challenge().id == "c"


def test_a_reply_without_a_challenge_is_a_bad_reply() -> None:
    with pytest.raises(ServiceBadReply, match="holds no challenge"):
        answering(*[httpx.Response(200, json={})] * 2).request_challenge()


def test_the_organization_is_the_agent_s_login_when_none_is_listed() -> None:
    reply = {"accessToken": "pul-1", "claimToken": "c-1", "userInfo": {"githubLogin": "agent-1"}}
    accounts = answering(httpx.Response(200, json=reply))
    challenge = Challenge("c", "v1:abcdef:8", 8)
    account = accounts.sign_up(challenge, "277", on_secret=lambda _: None)
    assert (account.organization, account.valid_until) == ("agent-1", "")
    assert account.claim_address is None
