"""Pulumi's generated client reads everything that our sandbox answers, and loses nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from msgspec.structs import replace
from tests.judges.pulumi import Client, lost

from upshot_sandbox.github.idtoken import jwt_of
from upshot_sandbox.scenario import Scenario, UpdatePlan, load_scenario, scenario_names
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

MODEL = "gpt-4o-mini"


def plain(scenario: Scenario) -> Scenario:
    """With a valid token, and without the nulls that Go writes where the description has maps."""
    updates = tuple(replace(update, nulls=False) for update in scenario.cloud.updates)
    return replace(scenario, cloud=replace(scenario.cloud, token="valid", updates=updates))


@pytest.fixture(params=scenario_names())
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(plain(load_scenario(request.param))) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox)


@pytest.fixture
def failed() -> Iterator[Sandbox]:
    with Sandbox(load_scenario("failed-update")) as running:
        yield running


def stack_of(sandbox: Sandbox) -> tuple[str, str, str]:
    cloud = sandbox.world.scenario.cloud
    return cloud.organization, cloud.project, cloud.stack


def of_kind(sandbox: Sandbox, *, is_preview: bool) -> list[UpdatePlan]:
    return [u for u in sandbox.world.cloud.updates if u.is_preview is is_preview]


def test_it_reads_updates(sandbox: Sandbox, client: Client) -> None:
    api, stack = client.api("StacksApi"), stack_of(sandbox)
    client.understood(api.get_stack_updates, *stack)
    client.understood(api.get_stack_updates, *stack, output_type="service", page=1, page_size=5)
    updates = of_kind(sandbox, is_preview=False)
    for plan in updates:
        version = plan.version
        found = client.understood(api.get_stack_update, *stack, version)
        assert (found.update_id, found.version) == (plan.id, version)
        client.understood(api.get_stack_update_summary, *stack, version)
        client.understood(api.get_update_timeline, *stack, version)
        client.understood(api.get_stack_previews, *stack, version, asc=True)
        client.understood(api.get_update_status_for_update, *stack, plan.id)
    if updates:
        latest = client.understood(api.get_latest_stack_update, *stack)
        assert latest.version == max(plan.version for plan in updates)
        client.understood(api.get_latest_update_timeline, *stack)


def test_it_reads_previews(sandbox: Sandbox, client: Client) -> None:
    api, stack = client.api("StacksApi"), stack_of(sandbox)
    listed = client.understood(api.get_latest_stack_previews, *stack, asc=False)
    previews = of_kind(sandbox, is_preview=True)
    assert {info.update_id for info in listed.updates} == {plan.id for plan in previews}
    for plan in previews:
        assert client.understood(api.get_stack_preview, *stack, plan.id).update_id == plan.id
        client.understood(api.get_stack_preview_summary, *stack, plan.id)
        client.understood(api.get_update_status_for_preview, *stack, plan.id)


def test_it_reads_a_stack(sandbox: Sandbox, client: Client) -> None:
    api, stack = client.api("StacksApi"), stack_of(sandbox)
    record = client.understood(api.get_stack, *stack)
    assert (record.org_name, record.project_name, record.stack_name) == stack
    api.update_stack_tags(*stack, {"tier": "gold"})
    assert client.understood(api.get_stack, *stack).tags == {"tier": "gold"}
    client.understood(api.export_stack, *stack)


def test_it_reads_every_engine_event(sandbox: Sandbox, client: Client) -> None:
    """The last page says null where the description demands a token: that is the wire's end."""
    api, stack = client.api("StacksApi"), stack_of(sandbox)
    for plan in sandbox.world.cloud.updates:
        call = api.get_engine_events_preview if plan.is_preview else api.get_engine_events_update
        token = None
        for _ in range(1_000):
            with suppress(ValueError):
                client.understood(call, *stack, plan.id, continuation_token=token)
            page = sandbox.world.journal.requests[-1].json_reply
            full = page | {"continuationToken": page["continuationToken"] or "the end"}
            assert list(lost(full, client.decode(full, "GetUpdateEventsResponse"))) == []
            if page["continuationToken"] in {None, token}:
                break
            token = page["continuationToken"]
        else:
            pytest.fail("the pages have no end")


def test_it_knows_the_user_and_the_service(sandbox: Sandbox, client: Client) -> None:
    users = client.api("UsersApi")
    organization = sandbox.world.scenario.cloud.organization
    user = client.understood(users.get_current_user)
    assert [member.github_login for member in user.organizations] == [organization]
    default = client.understood(users.get_default_organization)
    assert default.git_hub_login == organization
    client.understood(client.api("MiscellaneousApi").capabilities)


@pytest.mark.parametrize("skill", ["summarizeUpdate", "explainPreview"])
def test_it_asks_copilot(failed: Sandbox, skill: str) -> None:
    """The chat is not in the service's description: only its skills can be judged."""
    client = Client(failed)
    models = client.models
    url = "https://app.pulumi.com/acme/shop/prod/updates/41"
    context = models.CopilotCloudContext(org_id="acme", url=url)
    if skill == "summarizeUpdate":
        params = models.CopilotDirectSkillCallSummarizeUpdateParams("error: boom", MODEL, 200)
    else:
        details = models.CopilotExplainPreviewDetails(kind="preview")
        params = models.CopilotDirectSkillCallExplainPreview("+ bucket", details, "", MODEL)
    request = models.CopilotRequest(
        query="",
        state=models.CopilotState(models.CopilotClientState(context)),
        direct_skill_call=params,
    )
    reply = client.understood(client.api("AIApi").copilot_skill, request)
    assert "iam:CreateRole" in reply.messages[-1].content
    assert failed.world.journal.violations == []


def test_it_exchanges_a_token() -> None:
    with Sandbox(load_scenario("oidc")) as sandbox:
        client = Client(sandbox)
        exchange = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "audience": "urn:pulumi:org:acme",
            "subject_token": jwt_of({"aud": "urn:pulumi:org:acme", "sub": "repo:acme/shop"}),
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "requested_token_type": "urn:pulumi:token-type:access_token:organization",
        }
        found = client.understood(client.api("MiscellaneousApi").token, exchange)
        assert found.access_token in sandbox.world.cloud.tokens


def test_the_judge_sees_what_is_lost_and_what_is_missing(failed: Sandbox) -> None:
    client = Client(failed)
    raw = {"capabilities": [{"capability": "copilot-explain-preview", "version": 1, "odd": 1}]}
    understood = client.decode(raw, "AppCapabilitiesResponse")
    assert [line.split(":")[0] for line in lost(raw, understood)] == ["capabilities[0].odd"]
    with pytest.raises(ValueError, match="must not be `None`"):
        client.decode({"kind": "update"}, "UpdateInfo")
