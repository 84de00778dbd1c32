"""A job on a runner with the composite action's libraries in place."""

from __future__ import annotations

import pytest
from tests.process.composite.steps import Steps, make_ready


@pytest.fixture(scope="session")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    return Steps(make_ready(tmp_path_factory.mktemp("composite") / "ready"))
