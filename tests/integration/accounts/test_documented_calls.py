"""Each documented call and its exact twin: method, path, query, headers and body as the page has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.integration.accounts.documented import (
    ACCESS_TOKEN,
    CHALLENGE_DATA,
    CHALLENGE_ID,
    CLAIM_TOKEN,
    HUMAN_TOKEN,
    Documented,
    Got,
)
from tests.stage import StillClock

from upshot import __version__
from upshot.http.client import ServiceClient
from upshot.pulumi.agents.accounts import AgentAccounts
from upshot.pulumi.agents.claiming import ClaimEnd, carry_out, preview_claim
from upshot.pulumi.agents.claims import ClaimState
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.agents.entities import Stack
from upshot.pulumi.agents.proof.solve import solve
from upshot.pulumi.agents.renames import suggest_renames
from upshot.pulumi.agents.signup import sign_up
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline

ALWAYS = {
    "accept": "application/vnd.pulumi+8",
    "accept-encoding": "gzip",
    "connection": "keep-alive",
    "user-agent": f"upshot/{__version__}",
}
JSON = {"content-type": "application/json"}
TOKEN = {"authorization": f"token {HUMAN_TOKEN}"}


@contextmanager
def accounts_of(page: Documented) -> Iterator[AgentAccounts]:
    clock = StillClock()
    deadline = Deadline.after(clock, 600)
    with AgentAccounts(
        page.url, console="https://app.pulumi.com", clock=clock, deadline=deadline
    ) as accounts:
        yield accounts


@contextmanager
def destination_of(page: Documented, organization: str = "acme") -> Iterator[Destination]:
    clock = StillClock()
    with ServiceClient(
        page.url,
        Secret(HUMAN_TOKEN),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 600),
    ) as client:
        yield Destination(client, organization)


def exactly(got: Got) -> Got:
    """Without what names this very connection and length."""
    names = {"host", "content-length"}
    return got._replace(headers={k: v for k, v in got.headers.items() if k not in names})


@pytest.mark.parametrize(
    ("served", "asked"),
    [
        ("/api/agents/signup", ["/api/agents/signup"]),
        ("/api/agents/signup/challenge", ["/api/agents/signup", "/api/agents/signup/challenge"]),
    ],
)
def test_the_challenge_by_the_table_and_by_the_prose(served: str, asked: list[str]) -> None:
    with Documented(challenge_path=served) as page, accounts_of(page) as accounts:
        challenge = accounts.request_challenge()
        again = accounts.request_challenge()
    assert (challenge.id, challenge.data) == (CHALLENGE_ID, CHALLENGE_DATA)
    assert again == challenge
    assert [exactly(got) for got in page.got] == [
        Got("GET", path, {}, ALWAYS, None) for path in [*asked, served]
    ]


def test_the_sign_up() -> None:
    with Documented() as page, accounts_of(page) as accounts:
        challenge = accounts.request_challenge()
        result = solve(challenge, deadline=Deadline.after(StillClock(), 60))
        account = accounts.sign_up(challenge, result, on_secret=lambda _: None)
    body = {"challengeID": CHALLENGE_ID, "challengeResult": result}
    assert exactly(page.got[-1]) == Got("POST", "/api/agents/signup", {}, ALWAYS | JSON, body)
    assert page.wrong == []
    assert (account.login, account.organization) == ("agent-abc123", "agent-abc123")
    assert account.access_token == Secret(ACCESS_TOKEN)
    assert account.claim_token == Secret(CLAIM_TOKEN)
    assert account.valid_until == "2026-11-29T10:00:00Z"
    assert account.claim_valid_until == "2026-12-26T10:00:00Z"
    assert account.claim_address == Secret(f"https://app.pulumi.com/claim/{CLAIM_TOKEN}")


def test_the_validation() -> None:
    with Documented() as page, accounts_of(page) as accounts:
        claim = accounts.validate(Secret(CLAIM_TOKEN))
        other = accounts.validate(Secret("a token/of another?shape"))
    assert claim
    assert claim.entities == (Stack("web", "dev"),)
    assert claim.expires_at == "2026-12-26T10:00:00Z"
    assert other is None
    path = "/api/agents/signup/validate/"
    assert [exactly(got) for got in page.got] == [
        Got("GET", path + CLAIM_TOKEN, {}, ALWAYS, None),
        Got("GET", path + "a%20token%2Fof%20another%3Fshape", {}, ALWAYS, None),
    ]


def test_the_preview_of_a_claim() -> None:
    with Documented() as page, destination_of(page) as destination:
        claim = destination.preview(Secret(CLAIM_TOKEN))
    assert not claim.is_blocked
    assert [exactly(got) for got in page.got] == [
        Got(
            "POST",
            "/api/agents/acme/claim",
            {"dryRun": ["true"]},
            ALWAYS | JSON | TOKEN,
            {"claimToken": CLAIM_TOKEN},
        )
    ]
    assert (page.wrong, page.owned, page.is_claimed) == ([], ["web/dev"], False)


def test_the_commit_of_a_claim() -> None:
    with Documented() as page, destination_of(page) as destination:
        claim = destination.start(Secret(CLAIM_TOKEN))
    assert claim.transfer_id == "transfer-1"
    body = {"claimToken": CLAIM_TOKEN}
    assert [exactly(got) for got in page.got] == [
        Got("POST", "/api/agents/acme/claim", {}, ALWAYS | JSON | TOKEN, body)
    ]
    assert (page.wrong, page.taken) == ([], ["web/dev"])


def test_the_progress_of_claims() -> None:
    with Documented() as page, destination_of(page) as destination:
        assert destination.read_claims() == {}
        destination.start(Secret(CLAIM_TOKEN))
        claims = destination.read_claims()
    assert exactly(page.got[-1]) == Got(
        "GET", "/api/agents/acme/claim/status", {}, ALWAYS | TOKEN, None
    )
    assert list(claims) == ["transfer-1"]
    assert claims["transfer-1"].entities == ()


def claimed(page: Documented, renames: dict[str, str]) -> tuple[ClaimState, ClaimEnd]:
    """Previews, and carries the claim out; the preview's state and the end."""
    with accounts_of(page) as accounts, destination_of(page) as destination:
        token = Secret(CLAIM_TOKEN)
        preview = preview_claim(destination, token, renames)
        end = carry_out(
            destination,
            token,
            preview,
            deadline=Deadline.after(StillClock(), 60),
            is_gone=lambda: accounts.validate(token) is None,
        )
    return preview.state, end


def test_a_conflict_that_a_rename_resolves_leads_to_a_claim_that_is_done() -> None:
    with Documented(taken=("web/dev",)) as page:
        state, end = claimed(page, {})
        assert (state, end.state) == (ClaimState.BLOCKED, ClaimState.BLOCKED)
        assert (page.is_claimed, page.owned) == (False, ["web/dev"])
        offered = suggest_renames(end.claim, {})
        assert offered == {"web/dev": "dev-agent-abc123"}
        page.got.clear()
        state, end = claimed(page, offered)
    assert (state, end.state) == (ClaimState.READY, ClaimState.DONE)
    assert (page.is_claimed, page.wrong) == (True, [])
    assert page.taken == ["web/dev", "web/dev-agent-abc123"]
    commits = [got for got in page.got if got.method == "POST" and not got.query]
    assert [got.body for got in commits] == [
        {
            "claimToken": CLAIM_TOKEN,
            "conflictsResolution": [
                {
                    "kind": "TransferEntityStackRename",
                    "projectName": "web",
                    "stackName": "dev",
                    "renameAs": {
                        "kind": "TransferEntityStack",
                        "projectName": "web",
                        "stackName": "dev-agent-abc123",
                    },
                }
            ],
        }
    ]


def test_a_claim_with_open_conflicts_sends_no_commit_at_all() -> None:
    with Documented(taken=("web/dev",)) as page:
        claimed(page, {})
    assert [got.query for got in page.got if got.method == "POST"] == [{"dryRun": ["true"]}]


def test_all_of_a_sign_up_in_one() -> None:
    masked: list[Secret] = []
    with (
        Documented(challenge_path="/api/agents/signup/challenge") as page,
        accounts_of(page) as accounts,
    ):
        account = sign_up(
            accounts, deadline=Deadline.after(StillClock(), 60), on_secret=masked.append
        )
    assert account.claim_address
    assert masked == [account.access_token, account.claim_token, account.claim_address]
    assert page.wrong == []
    assert all("authorization" not in got.headers for got in page.got)
