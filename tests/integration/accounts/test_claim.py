"""Claims against the sandbox: previews that change nothing, one start, and every way to its end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.integration.accounts.conftest import Cloud, MakeCloud

from upshot.errors import (
    InputError,
    ServiceAuthError,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceUnavailable,
)
from upshot.pulumi.agents.accounts import AgentAccounts
from upshot.pulumi.agents.claiming import (
    ClaimEnd,
    Preview,
    carry_out,
    follow_claim,
    preview_claim,
    read_states,
)
from upshot.pulumi.agents.claims import ClaimState
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.agents.renames import suggest_renames
from upshot.secret import Secret

CLAIM = "POST /api/agents/acme/claim"
PREVIEW = f"{CLAIM}?dryRun"
STATUS = "GET /api/agents/acme/claim/status"
EVERYTHING = {
    "stacks": ["shop/prod", "shop/dev"],
    "environments": ["shop/base"],
    "packages": ["private/acme/vpc"],
    "others": [{"kind": "TransferEntityDashboard", "slug": "costs"}],
}
STACKS = {"stacks": ["shop/dev", "shop/test"]}
"""`shop/prod` is the scenario's own stack, so an agent's collides with it."""


class Story:
    """One claim of the sandbox's first agent."""

    def __init__(self, cloud: Cloud, *, seconds: float = 600.0) -> None:
        self.cloud = cloud
        self.agent = cloud.state.agents[0]
        self.token = Secret(self.agent.claim_token)
        self.accounts: AgentAccounts = cloud.accounts()
        self.destination: Destination = cloud.destination()
        self.deadline = cloud.deadline(seconds)
        self.seen: list[ClaimEnd] = []

    def preview(self, renames: dict[str, str] | None = None) -> Preview:
        return preview_claim(self.destination, self.token, renames or {})

    def is_gone(self) -> bool:
        return self.accounts.validate(self.token) is None

    def carry_out(self, preview: Preview) -> ClaimEnd:
        return carry_out(
            self.destination,
            self.token,
            preview,
            deadline=self.deadline,
            is_gone=self.is_gone,
            on_progress=self.seen.append,
        )

    def commits(self) -> int:
        return self.cloud.lines.count(CLAIM)


def owned_by(cloud: Cloud) -> list[Any]:
    """Everything that anybody has, to see whether it changed."""
    state = cloud.state
    return [state.destination.entities(), [agent.owns.entities() for agent in state.agents]]


def test_a_preview_shows_everything_and_changes_nothing(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}])
    before = owned_by(cloud)
    story = Story(cloud)
    preview = story.preview()
    assert preview.state is ClaimState.BLOCKED
    assert [entity.noun for entity in preview.claim.entities] == [
        "stack", "stack", "environment", "package", "entity of another kind",
    ]  # fmt: skip
    assert [entity.key for entity in preview.claim.conflicts] == ["shop/prod"]
    assert cloud.lines == [PREVIEW]
    assert owned_by(cloud) == before
    assert story.accounts.validate(story.token) == preview.claim


def test_a_preview_with_renames_is_looked_at_twice(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}], destination={"environments": ["shop/base"]})
    before = owned_by(cloud)
    story = Story(cloud)
    offered = suggest_renames(story.preview().claim, {})
    preview = story.preview(offered)
    assert (preview.state, preview.claim.conflicts) == (ClaimState.READY, ())
    assert cloud.lines == [PREVIEW] * 3
    assert owned_by(cloud) == before


def test_a_rename_for_nothing_is_a_mistake_and_starts_nothing(make_cloud: MakeCloud) -> None:
    story = Story(make_cloud(agents=[{"owns": EVERYTHING}]))
    with pytest.raises(InputError, match="claim-renames"):
        story.preview({"shop/prdo": "prod-2"})


def test_conflicts_resolved_by_renames_lead_to_a_claim_that_is_done(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}])
    story = Story(cloud)
    preview = story.preview({"shop/prod": "prod-2"})
    end = story.carry_out(preview)
    assert (end.state, end.fault) == (ClaimState.DONE, None)
    stacks = {one[1:] for one in cloud.state.destination.known if one[0].endswith("Stack")}
    assert stacks == {("shop", "prod"), ("shop", "prod-2"), ("shop", "dev")}
    assert cloud.state.agents[0].owns.entities() == []
    assert story.commits() == 1
    assert cloud.violations == []


@pytest.mark.parametrize(
    ("owns", "plan"),
    [
        ({"stacks": ["shop/prod"]}, {}),
        ({"environments": ["shop/base"]}, {"destination": {"environments": ["shop/base"]}}),
        ({"packages": ["private/acme/vpc"]}, {"destination": {"packages": ["private/acme/vpc"]}}),
        ({"insights": ["aws"]}, {}),
        ({"insights": ["aws"]}, {"insights_move": True, "destination": {"insights": ["aws"]}}),
    ],
)
def test_a_claim_with_something_against_it_changes_nothing(
    make_cloud: MakeCloud, owns: dict[str, Any], plan: dict[str, Any]
) -> None:
    cloud = make_cloud(agents=[{"owns": owns}], **plan)
    before = owned_by(cloud)
    story = Story(cloud)
    preview = story.preview()
    assert preview.state is ClaimState.BLOCKED
    end = story.carry_out(preview)
    assert (end.state, story.commits()) == (ClaimState.BLOCKED, 0)
    assert owned_by(cloud) == before
    assert not cloud.state.claims


def test_a_conflict_that_came_after_the_preview_blocks_the_commit(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    story = Story(cloud)
    preview = story.preview()
    cloud.state.destination.known["TransferEntityStack", "shop", "dev"] = {}
    before = owned_by(cloud)
    end = story.carry_out(preview)
    assert (end.state, story.commits()) == (ClaimState.BLOCKED, 1)
    assert [entity.key for entity in end.claim.conflicts] == ["shop/dev"]
    assert owned_by(cloud) == before


def test_a_failure_says_why(make_cloud: MakeCloud) -> None:
    story = Story(make_cloud(agents=[{"owns": {"insights": ["aws"]}}]))
    (failure,) = story.preview().claim.failures
    assert (failure.entity.name, failure.details) == (
        "aws", "Insights accounts cannot be transferred yet",
    )  # fmt: skip


@pytest.mark.parametrize("owns", [EVERYTHING, STACKS, {}])
@pytest.mark.parametrize("ends", ["empty", "unlisted", "word", "token"])
def test_its_end_is_seen_however_the_list_shows_it(
    make_cloud: MakeCloud, ends: str, owns: dict[str, Any]
) -> None:
    cloud = make_cloud(agents=[{"owns": owns}], ends=ends, looks=4)
    story = Story(cloud)
    renames = {"shop/prod": "prod-2"} if owns is EVERYTHING else {}
    end = story.carry_out(story.preview(renames))
    assert (end.state, end.fault) == (ClaimState.DONE, None)
    assert cloud.state.agents[0].is_dead
    assert story.commits() == 1


def test_a_list_that_never_shows_the_end_is_checked_by_the_stacks_themselves(
    make_cloud: MakeCloud,
) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], ends="same")
    story = Story(cloud)
    assert story.carry_out(story.preview()).state is ClaimState.DONE
    assert "GET /api/stacks/acme/shop/dev" in cloud.lines


def test_and_stays_open_where_more_than_stacks_moves(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}], ends="same")
    story = Story(cloud, seconds=60)
    end = story.carry_out(story.preview({"shop/prod": "prod-2"}))
    assert end.state is ClaimState.STARTED
    assert end.transfer_id in cloud.state.claims


def test_it_is_followed_with_back_off_until_the_time_is_up(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=1_000)
    story = Story(cloud, seconds=120)
    end = story.carry_out(story.preview())
    assert end.state is ClaimState.STARTED
    assert cloud.clock.passed_s == 1 + 2 + 4 + 8 + 15 * 6
    assert cloud.lines.count(STATUS) == len(story.seen) + 1
    assert all(seen.state is ClaimState.STARTED for seen in story.seen)


def test_a_claim_that_breaks_has_failed(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], breaks="the region is down")
    story = Story(cloud)
    end = story.carry_out(story.preview())
    assert end.state is ClaimState.FAILED
    assert [failure.details for failure in end.claim.failures] == ["the region is down"]
    assert not cloud.state.agents[0].is_dead


def test_after_one_that_failed_another_may_be_started(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], breaks="the region is down")
    story = Story(cloud)
    story.carry_out(story.preview())
    assert story.carry_out(story.preview()).state is ClaimState.FAILED
    assert (story.commits(), len(cloud.state.claims)) == (2, 2)


LOST: list[tuple[str, dict[str, Any]]] = [
    ("lose-reply", {}),
    ("truncate", {}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("status", {"status": 200, "body": "<html>", "content_type": "text/html"}),
    ("drop", {}),
]


@pytest.mark.parametrize(("kind", "more"), LOST)
@pytest.mark.parametrize("ends", ["empty", "unlisted", "same"])
def test_a_lost_answer_never_starts_a_second_claim(
    make_cloud: MakeCloud, kind: str, more: dict[str, Any], ends: str
) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], ends=ends, looks=3)
    story = Story(cloud, seconds=120)
    preview = story.preview()
    cloud.fail(CLAIM, kind, **more)
    end = story.carry_out(preview)
    assert story.commits() == 1
    if kind in {"lose-reply", "truncate"}:
        assert (end.state, end.fault) == (ClaimState.DONE, None)
    else:
        assert end.state is ClaimState.STARTED
        assert isinstance(end.fault, ServiceError)
        assert cloud.state.claims == {}


def test_a_lost_answer_after_a_failed_claim_is_not_taken_for_that_one(
    make_cloud: MakeCloud,
) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], breaks="the region is down")
    story = Story(cloud)
    assert story.carry_out(story.preview()).state is ClaimState.FAILED
    failed = set(cloud.state.claims)
    preview = story.preview()
    cloud.fail(CLAIM, "lose-reply")
    end = story.carry_out(preview)
    assert {end.transfer_id} == set(cloud.state.claims) - failed


def test_a_run_that_comes_again_follows_the_claim_that_runs(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=6)
    first = Story(cloud, seconds=2)
    preview = first.preview()
    assert first.carry_out(preview).state is ClaimState.STARTED
    again = Story(cloud)
    end = again.carry_out(preview)
    assert (end.state, again.commits()) == (ClaimState.DONE, 1)
    assert end.transfer_id == next(iter(cloud.state.claims))


def test_one_that_another_run_started_can_be_followed(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=4)
    story = Story(cloud)
    preview = story.preview()
    started = story.destination.start(story.token)
    end = follow_claim(
        story.destination,
        preview,
        started.transfer_id,
        deadline=story.deadline,
        is_gone=story.is_gone,
    )
    assert (end.state, story.commits()) == (ClaimState.DONE, 1)


def test_one_look_at_every_recent_claim(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=3)
    story = Story(cloud)
    assert read_states(story.destination) == ()
    started = story.destination.start(story.token)
    seen = [read_states(story.destination) for _ in range(3)]
    assert [[one.state for one in look] for look in seen] == [
        [ClaimState.STARTED], [ClaimState.STARTED], [ClaimState.DONE],
    ]  # fmt: skip
    assert {one.transfer_id for look in seen for one in look} == {started.transfer_id}


def test_while_it_runs_no_other_claim_can_be_previewed(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=1_000)
    story = Story(cloud)
    story.destination.start(story.token)
    with pytest.raises(ServiceConflict, match="being claimed already") as caught:
        story.preview()
    assert "No action needed" in caught.value.hint


def test_a_list_that_cannot_be_read_for_a_while_is_read_again(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}], looks=2)
    story = Story(cloud)
    preview = story.preview()
    cloud.fail(STATUS, "status", status=500, nth=tuple(range(2, 8)))
    end = story.carry_out(preview)
    assert (end.state, end.fault, story.commits()) == (ClaimState.DONE, None, 1)


def test_a_list_that_is_refused_after_the_start_leaves_the_claim_open(
    make_cloud: MakeCloud,
) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    story = Story(cloud)
    preview = story.preview()
    cloud.fail(STATUS, "status", status=403, nth=tuple(range(2, 50)))
    end = story.carry_out(preview)
    assert end.state is ClaimState.STARTED
    assert isinstance(end.fault, ServiceForbidden)
    assert story.commits() == 1


def test_a_list_that_cannot_be_read_before_the_start_starts_nothing(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    story = Story(cloud)
    preview = story.preview()
    cloud.fail(STATUS, "status", status=500)
    with pytest.raises(ServiceUnavailable):
        story.carry_out(preview)
    assert story.commits() == 0


def test_a_validation_that_cannot_be_had_is_not_taken_for_an_end(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}], ends="unlisted", looks=2)
    story = Story(cloud, seconds=400)
    preview = story.preview({"shop/prod": "prod-2"})
    cloud.fail("GET /api/agents/signup/validate/*", "status", status=500, nth=tuple(range(1, 9)))
    assert story.carry_out(preview).state is ClaimState.DONE


@pytest.mark.parametrize(
    ("plan", "organization", "refusal"),
    [
        ({"may_claim": False}, "acme", (ServiceForbidden, "may not claim into", "administrator")),
        ({}, "beta", (ServiceNotFound, "no such organization", "check `organization`")),
    ],
)
def test_who_may_not_claim_learns_who_must_act(
    make_cloud: MakeCloud,
    plan: dict[str, Any],
    organization: str,
    refusal: tuple[type[ServiceError], str, str],
) -> None:
    kind, words, advice = refusal
    cloud = make_cloud(agents=[{"owns": STACKS}], **plan)
    token = Secret(cloud.state.agents[0].claim_token)
    destination = cloud.destination(organization=organization)
    for call in (destination.preview, destination.start):
        with pytest.raises(kind, match=words) as caught:
            call(token)
        assert advice in caught.value.hint
        assert caught.value.anchor == "agent-claim"
    with pytest.raises(kind):
        destination.read_claims()


def test_the_agent_itself_cannot_claim(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    agent = cloud.state.agents[0]
    with pytest.raises(ServiceForbidden, match="may not claim") as caught:
        cloud.destination(token=agent.access_token).preview(Secret(agent.claim_token))
    assert "The agent's own token cannot claim" in caught.value.hint


def test_a_wrong_access_token_and_a_used_claim_token(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    token = Secret(cloud.state.agents[0].claim_token)
    with pytest.raises(ServiceAuthError, match="of the person who claims"):
        cloud.destination(token="pul-" + "0" * 40).preview(token)
    with pytest.raises(ServiceNotFound, match="no such claim token") as caught:
        cloud.destination().preview(Secret("used-" + "0" * 30))
    assert "`account-operation: validate`" in caught.value.hint


def test_a_resolution_that_the_service_refuses(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": EVERYTHING}])
    story = Story(cloud)
    resolution = story.preview({"shop/prod": "prod-2"}).renames
    del cloud.state.destination.known["TransferEntityStack", "shop", "prod"]
    with pytest.raises(ServiceBadRequest, match="there is no such conflict") as caught:
        story.destination.start(story.token, resolution)
    assert "check `claim-token` and `claim-renames`" in caught.value.hint


def test_the_token_s_life_after_the_claim(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": STACKS}])
    story = Story(cloud)
    agent = story.agent

    def ask(method: str, path: str, **more: Any) -> int:
        headers = {"Authorization": f"token {agent.access_token}"}
        url = cloud.sandbox.cloud_url + path
        return httpx.request(method, url, headers=headers, **more).status_code

    project = f"/api/stacks/{agent.login}/shop"
    assert ask("POST", project, json={"stackName": "new"}) == 200
    assert ask("GET", f"{project}/new") == 200
    story.destination.start(story.token)
    assert ask("POST", project, json={"stackName": "late"}) == 409
    story.destination.read_claims()
    story.destination.read_claims()
    assert ask("GET", "/api/user") == 401
    assert story.is_gone()
