"""A model's words held against the facts: lies are named, and no honest answer is doubted."""

from __future__ import annotations

from typing import Final

import msgspec
import pytest
from tests.golden.report import scenarios

from upshot.evidence import facts_from_events
from upshot.model import (
    Answer,
    BackendName,
    Facts,
    Outcome,
    ResourceChange,
    Run,
    UpdateKind,
    VerdictStatus,
)
from upshot.report.claims import check_claims
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.scenario import load_scenario, scenario_names

SHA: Final = "3f9c2a71d5b84e60a1c7f2e8b9d0546372819fae"
RUN: Final = Run("acme/webshop", "https://github.com", "1", sha=SHA)
FACTS: Final = Facts(
    outcome=Outcome.SUCCEEDED,
    kind=UpdateKind.UPDATE,
    counts={"create": 2, "delete": 1, "same": 4},
    changes=(
        ResourceChange(
            "urn:pulumi:p::s::aws:sqs/queue:Queue::mail", "aws:sqs/queue:Queue", "mail", "create"
        ),
        ResourceChange(
            "urn:pulumi:p::s::aws:rds/instance:Instance::orders",
            "aws:rds/instance:Instance",
            "orders",
            "delete",
        ),
    ),
)


def doubts(text: str, facts: Facts = FACTS, status: str = "succeeded") -> tuple[str, ...]:
    return check_claims(text, facts, VerdictStatus(status), RUN).doubts


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("`billing` was deleted.", "billing"),
        ("The resource `billing` is the cause.", "billing"),
        ("**billing** (`aws:rds/instance:Instance`) was replaced", "billing"),
        ("See urn:pulumi:p::s::aws:sqs/queue:Queue::other.", "urn:pulumi:p::s::aws:sqs/queue:Queue::other"),
        ("7 resources were deleted.", "7 deleted (the engine counts 1)"),
        ("Three resources have been created.", "3 created (the engine counts 2)"),
        ("2 resources failed.", "2 failed (the engine counts 0)"),
        ("The update failed because of a quota.", "the update failed"),
        ("All began with commit `deadbeef12`.", "commit deadbeef12"),
    ],
)  # fmt: skip
def test_what_the_evidence_does_not_have_is_named(text: str, doubt: str) -> None:
    assert doubts(text) == (doubt,)


def test_a_failed_run_is_no_success() -> None:
    assert doubts("The update completed successfully.", status="failed") == (
        "the update completed successfully",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "`orders` was deleted and `mail` was created.",
        "One resource was deleted, 2 resources were created.",
        "1 resource created would be enough.",
        "The update succeeded.",
        "If the update failed, run `pulumi refresh`.",
        f"It is commit `{SHA[:7]}`.",
        "Use `pulumi.interpolate` or `Output.format`; set `forceDestroy: true`.",
        "The policy is created by `aws.iam.Policy`.",
    ],
)
def test_what_may_be_true_is_not_doubted(text: str) -> None:
    assert doubts(text) == ()


def test_nothing_is_doubted_where_the_evidence_is_not_whole() -> None:
    for facts in (Facts(), Facts(changes=FACTS.changes, changes_omitted=1)):
        assert doubts("`billing` was deleted; 9 resources were deleted.", facts) == ()


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Run `pulumi destroy --yes`.", "pulumi destroy"),
        ("Run `pulumi state delete urn`.", "pulumi state delete"),
        ("Run `pulumi cancel`.", "pulumi cancel"),
        ("```\nrm -rf ~/.pulumi\n```", "rm -rf"),
        ("`git push --force`", "--force"),
        ("`kubectl delete pod x`", "kubectl delete"),
    ],
)
def test_a_command_that_destroys_gets_a_caution(text: str, command: str) -> None:
    assert check_claims(text, FACTS, VerdictStatus.SUCCEEDED, RUN).commands == (command,)


@pytest.mark.parametrize("text", ["`pulumi up`", "`forceDestroy: true`", "It is cancelled."])
def test_other_words_get_none(text: str) -> None:
    assert check_claims(text, FACTS, VerdictStatus.SUCCEEDED, RUN).commands == ()


@pytest.mark.parametrize("name", sorted(set(scenario_names()) - {"hostile"}))
def test_no_good_answer_of_the_sandbox_is_doubted(name: str) -> None:
    scenario = load_scenario(name)
    for plan in scenario.cloud.updates:
        events = Engine(scenario.cloud, plan).event_log(1.0)
        facts = facts_from_events(map(msgspec.json.encode, events))
        status = VerdictStatus.FAILED if plan.result == "failed" else VerdictStatus.SUCCEEDED
        for reply in scenario.copilot.replies:
            assert check_claims(reply.text, facts, status, Run("", "", "")).doubts == ()


@pytest.mark.parametrize("name", sorted(set(scenarios.SCENARIOS) - {"hostile"}))
def test_no_good_answer_of_the_golden_reports_is_doubted(name: str) -> None:
    report = scenarios.SCENARIOS[name]()
    found = check_claims(report.reply.text, report.facts, report.verdict.status, report.run)
    assert found.doubts == ()


def test_t21_a_lie_is_named_beside_the_text_which_stays_as_it_is() -> None:
    text = "The update succeeded. `billing` was deleted, run `pulumi destroy`."
    report: Report = msgspec.structs.replace(
        scenarios.failed_update(), reply=Answer(BackendName.COPILOT, text)
    )
    shown = Renderer(redactor=Redactor(())).comment(report).text
    assert f"> {text}" in shown
    assert "**Not in the evidence:** `billing`, `the update succeeded`" in shown
    assert "**Careful:** `pulumi destroy` deletes or forces something." in shown
