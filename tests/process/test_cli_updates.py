"""Updates that a CLI made in the sandbox's Pulumi Cloud: Upshot explains them as any other.

The engine events are recordings of the real CLI (`tests/corpus/cli`); who sends them is plain HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.plain_cli import PlainCli

from upshot_sandbox.cloud.records import environment_of
from upshot_sandbox.scenario import CloudPlan, Scenario, UpdatePlan
from upshot_sandbox.world import World

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

CORPUS = Path(__file__).parents[1] / "corpus" / "cli"
INPUTS = {"stack-name": "acme/shop/dev", "backend": "local"}
EMPTY = Scenario(title="a CLI's", name="cli", cloud=CloudPlan())


@pytest.fixture
def job(start: Start) -> Job:
    return start(EMPTY)


@pytest.fixture
def cli(job: Job) -> Iterator[PlainCli]:
    header = {"Authorization": f"token {job.world.cloud.workflow_token}"}
    with httpx.Client(base_url=job.sandbox.cloud_url, headers=header, trust_env=False) as client:
        cli = PlainCli(client)
        cli.make()
        yield cli


def events_of(name: str) -> list[dict[str, Any]]:
    text = (CORPUS / f"{name}.events.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def of_this_run(world: World) -> dict[str, str]:
    """What the CLI says of its surroundings in the job."""
    return environment_of(world.scenario, world.github, UpdatePlan(id=""))


def test_an_update_of_this_run_that_failed_is_explained(job: Job, cli: PlainCli) -> None:
    update = cli.started(environment=of_this_run(job.world))
    cli.tell(update, events_of("create-fails-cascade"))
    cli.complete(update, "failed")
    result = job.run(inputs=INPUTS)
    assert (result.outputs["verdict"], result.outputs["failure-class"]) == (
        "failed",
        "invalid-value",
    )
    assert [one["name"] for one in json.loads(result.outputs["failed-resources"])] == ["role"]
    assert "MalformedPolicyDocument" in result.comments[0]
    assert result.outputs["update-url"].endswith("/acme/shop/dev/updates/1")
    assert result.violations == ()


def test_a_preview_of_this_run_is_found_among_earlier_updates(job: Job, cli: PlainCli) -> None:
    cli.complete(cli.started(message="last week's"))
    preview = cli.started("preview", dry_run=True, environment=of_this_run(job.world))
    cli.tell(preview, events_of("fine-preview"))
    cli.complete(preview)
    result = job.run(inputs=INPUTS)
    assert (result.outputs["verdict"], result.outputs["to-create"]) == ("succeeded", "3")
    assert result.outputs["update-url"].endswith(f"/previews/{preview.id}")


@pytest.mark.parametrize(
    ("sent", "kind"), [("resource-import", "import"), ("refresh", "refresh"), ("update", "update")]
)
def test_the_record_knows_what_was_asked_for(job: Job, cli: PlainCli, sent: str, kind: str) -> None:
    """The engine's steps alone would call each of these an update."""
    update = cli.started(sent, environment=of_this_run(job.world))
    cli.tell(update, events_of("fine"))
    cli.complete(update)
    assert json.loads(job.run(inputs=INPUTS).outputs["result"])["facts"]["kind"] == kind


def test_one_that_was_cancelled_half_way_is_no_success(job: Job, cli: PlainCli) -> None:
    update = cli.started(environment=of_this_run(job.world))
    cli.tell(update, events_of("fine")[:-2])
    cli.client.post(f"{update.path}/cancel").raise_for_status()
    assert job.run(inputs=INPUTS).outputs["verdict"] == "failed"


def test_events_of_many_batches_are_read_to_their_last_page(job: Job, cli: PlainCli) -> None:
    update = cli.started(environment=of_this_run(job.world))
    cli.tell(update, reversed(events_of("fine-many")))
    cli.complete(update)
    result = job.run(inputs=INPUTS)
    assert (result.outputs["verdict"], result.outputs["to-create"]) == ("succeeded", "301")
