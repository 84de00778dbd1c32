"""A job whose whole world is hostile, run as the runner would run it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.process.conftest import Start


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts jobs; their sandboxes end with the session, since many tests look at the same run."""
    with ExitStack() as stack:
        yield Start(tmp_path_factory.mktemp("hostile"), stack)
