"""White space and line ends around any input change nothing: each declared input, given both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import yaml

from upshot.inputs import Inputs, parse_inputs
from upshot.inputs.names import variable
from upshot.workspace import Workspace

DECLARED: Final = tuple(
    yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text("utf-8"))["inputs"]
)
UPDATE: Final = "https://app.pulumi.com/acme/web/prod/updates/4"
GATE: Final = {"mode": "gate", "approval-environment": "production"}
POWABASE: Final = {
    "mode": "powabase",
    "powabase-url": "https://acme.powabase.example",
    "powabase-key": "key-0123456789",
    "workflow-id": "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11",
    "workflow-file": "there.txt",
    "prompt": "Shorten it.",
}
ACCOUNT: Final = {
    "mode": "account",
    "account-operation": "status",
    "claim-token": "claim-0123456789",
}
FLEET: Final = {"mode": "fleet", "organization": "acme"}
TOKEN: Final = {
    "requested-token-type": "urn:pulumi:token-type:access_token:team",
    "organization": "acme",
    "scope": "team:ops",
}
# Input -> a value that is not its default, and what has to be given beside it.
GIVEN: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "mode": ("ask", {"prompt": "Why?"}),
    "update-url": (UPDATE, {}),
    "organization": ("acme", {}),
    "project-name": ("web", {"stack-name": "dev"}),
    "stack-name": ("acme/web/dev", {}),
    "work-dir": ("folder", {}),
    "events-file": ("there.txt", {}),
    "log-file": ("there.txt", {}),
    "log": ("Updating (dev)", {}),
    "log-from": ("job:deploy", {}),
    "outcome": ("failure", {}),
    "deployment-url": ("https://app.pulumi.com/acme/web/prod/deployments/7", {}),
    "stacks": ("acme/web/dev acme/web/prod", {}),
    "reports-folder": ("folder", {}),
    "backend": ("local", {}),
    "prompt": ("Why?", {}),
    "prompt-file": ("there.txt", {}),
    "conversation-id": ("c-1", {}),
    "task-id": ("t-1", {}),
    "conversation": ("continue", {}),
    "ask-again": ("true", {}),
    "approval-mode": ("balanced", {}),
    "permission-mode": ("default", {}),
    "plan-mode": ("true", {}),
    "max-ai-calls": ("3", {}),
    "max-wait": ("90s", {}),
    "on-timeout": ("cancel", {}),
    "cancel-task-on-cancel": ("false", {}),
    "api-dialect": ("current", {}),
    "pulumi-access-token": ("pul-0123456789", {}),
    "requested-token-type": (TOKEN["requested-token-type"], TOKEN),
    "scope": ("team:ops", TOKEN),
    "token-expiration": ("1h", {}),
    "cloud-url": ("https://pulumi.acme.example", {}),
    "console-url": ("https://console.acme.example", {}),
    "fleet-select": ("drifted", FLEET),
    "fleet-legs": ("7", FLEET),
    "fleet-limit": ("70", FLEET),
    "approval-from": ("review", GATE),
    "approval-binding": ("tree", GATE),
    "approval-required-on": ("delete", GATE),
    "required-approvals": ("2", GATE),
    "approval-environment": ("production", GATE),
    "approvers": ("ada, @acme/ops", GATE),
    "allow-self-approval": ("true", GATE),
    "approval-expires": ("2d", GATE),
    "on-waiting": ("report", GATE),
    "on-approve": ("rerun", GATE),
    "powabase-url": (POWABASE["powabase-url"], POWABASE),
    "powabase-key": (POWABASE["powabase-key"], POWABASE),
    "workflow-id": (POWABASE["workflow-id"], POWABASE),
    "workflow-file": ("there.txt", POWABASE),
    "powabase-session": ("continue", POWABASE),
    "powabase-model": ("large", POWABASE),
    "powabase-dialect": ("server", POWABASE),
    "apply": ("file", POWABASE),
    "allow-deployed": ("true", POWABASE),
    "account-operation": ("status", ACCOUNT),
    "claim-token": (ACCOUNT["claim-token"], ACCOUNT),
    "claim-renames": ('{"shop/prod": "prod-2"}', ACCOUNT),
    "agent-name": ("demo", ACCOUNT),
    "account-secret": ("TOKEN_OF_AGENT", ACCOUNT),
    "confirm": ("word", ACCOUNT),
    "commands": ("help", {"mode": "command"}),
    "command-access": ("admin", {"mode": "command"}),
    "github-token": ("ghs_0123456789", {}),
    "pr-number": ("7", {}),
    "comment-mode": ("off", {}),
    "comment-on": ("failure", {}),
    "comment-key": ("web", {}),
    "matrix-values": ('{"stack": "dev"}', {}),
    "notify-on": ("never", {}),
    "job-summary": ("false", {}),
    "annotations": ("false", {}),
    "labels": ("true", {}),
    "commit-status": ("pulumi", {}),
    "issue": ("on-failure", {}),
    "issue-title": ("Pulumi", {"issue": "always"}),
    "issue-labels": ("pulumi, broken", {"issue": "always"}),
    "issue-reopen": ("false", {"issue": "always"}),
    "slack-webhook-url": ("https://hooks.slack.com/services/T00000000/B00000000/abcdefgh", {}),
    "teams-webhook-url": ("https://acme.webhook.office.com/webhookb2/0123456789", {}),
    "webhook-url": ("https://hooks.acme.example/upshot", {}),
    "webhook-secret": ("secret-0123456789", {"webhook-url": "https://hooks.acme.example/upshot"}),
    "announce-on": ("always", {"webhook-url": "https://hooks.acme.example/upshot"}),
    "sarif-file": ("report.sarif", {}),
    "junit-file": ("report.xml", {}),
    "template-file": ("there.txt", {}),
    "fail-on": ("delete", {}),
    "risk-threshold": ("medium", {}),
    "mask-patterns": ("abc-[0-9]+", {}),
    "timeout": ("10m", {}),
    "dry-run": ("true", {}),
    "transcript-file": ("t.jsonl", {}),
    "replay-file": ("there.txt", {}),
    "strict": ("true", {}),
}


def parse(folder: Path, given: dict[str, str]) -> Inputs:
    env = {variable(name): value for name, value in given.items()}
    return parse_inputs(env, Workspace(str(folder.resolve())))


def test_the_table_has_every_input() -> None:
    assert sorted(GIVEN) == sorted(DECLARED)


@pytest.mark.parametrize("name", GIVEN)
def test_white_space_and_line_ends_around_an_input_are_taken_off(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "there.txt").write_text("Why?", encoding="utf-8")
    value, beside = GIVEN[name]
    plain = parse(tmp_path, {**beside, name: value})
    assert plain.problems == ()
    without = {other: text for other, text in beside.items() if other != name}
    if not beside.get(name):
        assert plain != parse(tmp_path, without), "the value is the default: it would prove nothing"
    for padded in (f"{value}\n", f"  {value}\r\n", f"\n\t{value} "):
        assert parse(tmp_path, {**beside, name: padded}) == plain
