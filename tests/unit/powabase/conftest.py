"""The client and the clock of the transport's own tests, for a Powabase project."""

from __future__ import annotations

from functools import partial

import pytest
from tests.unit.http.conftest import FakeClock, MakeClient, clock
from tests.unit.http.conftest import make_client as make_any_client

from upshot.powabase.wire.service import powabase

__all__ = ["FakeClock", "MakeClient", "clock", "make_any_client"]


@pytest.fixture
def make_client(make_any_client: MakeClient) -> MakeClient:
    return partial(make_any_client, service=powabase(), base_url="https://acme.p.powabase.ai")
