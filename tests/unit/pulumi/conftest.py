"""The client and the clock of the transport's own tests, for Pulumi Cloud."""

from __future__ import annotations

from functools import partial

import pytest
from tests.unit.http.conftest import FakeClock, MakeClient, clock
from tests.unit.http.conftest import make_client as make_any_client

from upshot.pulumi.service import pulumi_cloud

__all__ = ["FakeClock", "MakeClient", "clock", "make_any_client"]


@pytest.fixture
def make_client(make_any_client: MakeClient) -> MakeClient:
    return partial(make_any_client, service=pulumi_cloud(), base_url="https://api.pulumi.com")
