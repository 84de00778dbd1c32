from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from upshot_sandbox.scenario import CloudPlan, GitHubPlan, Scenario, StepPlan, UpdatePlan
from upshot_sandbox.server import Sandbox

FAILED = UpdatePlan(
    id="0f8f1b5e-6a2e-4c7e-9a3d-2f1c6f6f8a41",
    version=41,
    result="failed",
    steps=(
        StepPlan(op="same", type="aws:ec2/vpc:Vpc", name="network"),
        StepPlan(op="create", type="aws:s3/bucket:Bucket", name="logs", fails="taken"),
    ),
)
PREVIEW = UpdatePlan(
    id="7c3f0c0e-2d41-4f55-8a7b-61f6d0b3a9e2", kind="preview", ago_s=500, steps=FAILED.steps[:1]
)


class Clients:
    """A running sandbox, and a signed-in client for each of its services."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        cloud, github = self.world.cloud, self.world.github
        self.cloud = httpx.Client(
            base_url=sandbox.cloud_url,
            headers={"Authorization": f"token {cloud.workflow_token}"},
            trust_env=False,
        )
        self.github = httpx.Client(
            base_url=sandbox.github_url,
            headers={"Authorization": f"Bearer {github.workflow_token}"},
            trust_env=False,
        )

    @property
    def violations(self) -> list[str]:
        return self.world.journal.violations


class Serve:
    """Starts a sandbox for a scenario; each is stopped when the test ends."""

    def __init__(self) -> None:
        self._open: list[Clients] = []

    def __call__(self, **changes: Any) -> Clients:
        plain = Scenario(
            title="plain",
            name="plain",
            cloud=CloudPlan(updates=(FAILED, PREVIEW)),
            github=GitHubPlan(),
        )
        clients = Clients(Sandbox(replace(plain, **changes)).__enter__())
        self._open.append(clients)
        return clients

    def close(self) -> None:
        for clients in self._open:
            clients.cloud.close()
            clients.github.close()
            clients.sandbox.__exit__(None, None, None)


@pytest.fixture
def serve() -> Iterator[Serve]:
    serving = Serve()
    yield serving
    serving.close()
