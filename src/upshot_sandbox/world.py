"""The sandbox's whole state: one scenario come alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from upshot_sandbox.cloud.state import CloudState
from upshot_sandbox.faults import Faults
from upshot_sandbox.github.people.history import History
from upshot_sandbox.github.state import GitHubState
from upshot_sandbox.journal import Journal
from upshot_sandbox.scenario import Scenario


class World:
    """What both services share. One instance a sandbox; changed by requests and by tests."""

    def __init__(self, scenario: Scenario, *, now: Callable[[], float] = time.time) -> None:
        self.scenario = scenario
        self.now = now
        self.started_at = now()
        self.journal = Journal()
        self.faults = Faults(scenario.faults)
        self.github = GitHubState(scenario, now)
        self.github_history = History.begin(self.github)
        self.cloud = CloudState(scenario, now)
        self.extensions: dict[str, Any] = {}
        """State of modules that add routes (`neo`), by their name."""
        self.cloud_url = ""
        """`http://127.0.0.1:PORT`, set when the server listens."""
        self.github_url = ""
        self.powabase_url = ""
        """Empty when the scenario has no Powabase."""
        self.chats_url = ""
        """Of Slack, Teams and the webhook."""
        self.logs_url = ""
        """Of the store that GitHub redirects to for logs."""
