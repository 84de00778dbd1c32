"""A chat that does not take its message, and one that must get none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot_sandbox.chats.service import SLACK, TEAMS, WEBHOOK
from upshot_sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tests.process.conftest import Start


def test_t68_a_chat_that_fails_is_a_warning_and_its_address_is_shown_nowhere(start: Start) -> None:
    faults = (
        Fault(f"POST {SLACK}", FaultKind.STATUS, status=404, body="no_service"),
        Fault(f"POST {TEAMS}", FaultKind.LOSE_REPLY),
        Fault(f"POST {WEBHOOK}", FaultKind.STATUS, status=302, headers={"Location": "/x"}),
    )
    job = start("slack", faults=faults)
    result = job.run(inputs={"teams-webhook-url": "${{ sandbox.teams }}"})
    assert result.exit_code == 0
    assert result.outputs["verdict"] == "failed"
    warned = "\n".join(result.warnings)
    for words in ("message to Slack was not sent", "message to Teams was not sent", "webhook"):
        assert words in warned
    assert "slack-webhook-url" in warned
    for hidden in ("T0SANDBOX", "nOtReAl0SiGnAtUrE0", "upshot-9f2c1d7e", "no_service"):
        told = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
        assert hidden not in "\n".join([*told, result.summary, *result.outputs.values()])
    assert [result.lines.count(f"POST {path}") for path in (SLACK, TEAMS, WEBHOOK)] == [1, 1, 1]


def test_a_dry_run_sends_nothing(start: Start) -> None:
    result = start("slack").run(inputs={"dry-run": "true", "issue": "always"})
    assert result.messages == ()
    assert result.issues == ()
