"""Mode `account`, run as the runner would: what each operation does, and how it ends."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.runner import RunResult, SignalAt
from upshot_sandbox.scenario import EventPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

SIGN_UP = "POST /api/agents/signup"
CHALLENGE = "GET /api/agents/signup"
CLAIM = "POST /api/agents/acme/claim"
STATUS = "GET /api/agents/acme/claim/status"
STACKS = {"stacks": ["shop/pr-7", "shop/pr-8"]}
COLLIDING = {"stacks": ["shop/prod"], "insights": ["aws"]}
OPERATIONS = ("signup", "validate", "preview-claim", "claim", "status")
READING = ("validate", "preview-claim", "status")


def a_claim(start: Start, owns: dict[str, Any] = STACKS, **accounts: Any) -> Job:
    """A world with one agent account, and a job that would preview its claim."""
    return start("account-preview", accounts={"agents": [{"owns": owns}], **accounts})


def ask(job: Job, operation: str, **more: Any) -> RunResult:
    inputs = more.pop("inputs", {})
    return job.run(inputs={"account-operation": operation, **inputs}, **more)


def word_of(result: RunResult) -> str:
    (word,) = re.findall(r"`confirm: (\S+)`", result.summary)
    return str(word)


def claim(job: Job, **inputs: str) -> RunResult:
    """A preview, then the claim with its word."""
    word = word_of(ask(job, "preview-claim", inputs=inputs))
    return ask(job, "claim", inputs={"confirm": word, **inputs})


def commits(job: Job) -> int:
    """How many claims were sent that are no dry run."""
    requests = job.world.journal.requests
    return sum(r.line == CLAIM and "dryRun" not in r.query for r in requests)


def everything(job: Job) -> list[Any]:
    state = job.world.extensions["accounts"]
    return [state.destination.entities(), [one.owns.entities() for one in state.agents]]


class TestSignUp:
    def test_the_tokens_are_in_files_and_in_the_secret_that_was_named(self, start: Start) -> None:
        job = start("account-signup")
        result = job.run()
        (agent,) = job.world.extensions["accounts"].agents
        assert result.exit_code == 0
        for name, token in (
            ("account-token-file", agent.access_token),
            ("claim-token-file", agent.claim_token),
        ):
            path = result.machine.temp / result.outputs[name]
            assert path.read_text("utf-8") == token
            assert path.stat().st_mode & 0o777 == 0o600
        stored = job.world.extensions["secrets"].stored
        assert stored == {("production", "AGENT_PULUMI_TOKEN"): agent.access_token}
        assert "GitHub keeps it, too, as `production/AGENT_PULUMI_TOKEN`" in result.summary
        assert result.outputs["account-login"] == agent.login
        assert result.outputs["account-organization"] == agent.login
        assert result.outputs["claim-state"] == "valid"
        for name in ("account-valid-until", "claim-valid-until"):
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", result.outputs[name])

    def test_the_tokens_are_masked_before_anything_is_said_of_the_account(
        self, start: Start
    ) -> None:
        job = start("account-signup")
        lines = job.run().log.splitlines()
        (agent,) = job.world.extensions["accounts"].agents
        said = next(n for n, line in enumerate(lines) if agent.login in line)
        for token in (agent.access_token, agent.claim_token):
            assert f"::add-mask::{token}" in lines[:said]

    def test_without_a_secret_nothing_is_asked_of_github(self, start: Start) -> None:
        result = start("account-signup").run(inputs={"account-secret": ""})
        assert result.exit_code == 0
        assert result.to("github") == []

    @pytest.mark.parametrize(
        ("name", "asked"),
        [("GITHUB_TOKEN", 0), ("1ST", 0), ("nowhere/NAME", 1), ("production/", 0)],
    )
    def test_a_secret_that_github_would_refuse_is_found_before_any_account_is_made(
        self, start: Start, name: str, asked: int
    ) -> None:
        job = start("account-signup")
        result = job.run(inputs={"account-secret": name})
        assert (result.exit_code, result.to("cloud")) == (1, [])
        assert sum("public-key" in line for line in result.lines) == asked
        assert "account-secret" in result.errors[0]

    def test_a_token_that_may_not_store_secrets_is_found_before_any_account_is_made(
        self, start: Start
    ) -> None:
        plan = replace(load_scenario("account-signup").github, token="write")
        result = start("account-signup", github=plan).run()
        assert (result.exit_code, result.to("cloud")) == (1, [])
        assert "The workflow's author must act" in result.errors[0]

    def test_a_secret_that_is_not_stored_after_all_leaves_the_files(self, start: Start) -> None:
        job = start("account-signup")
        job.world.faults.add(Fault("PUT /repos/*", FaultKind.STATUS, status=403))
        result = job.run()
        assert result.exit_code == 1
        assert result.outputs["reason-code"] == "not-done"
        assert (result.machine.temp / result.outputs["account-token-file"]).is_file()
        assert "The access token is not in a secret" in result.summary

    def test_a_sign_up_whose_answer_is_lost_is_never_repeated(self, start: Start) -> None:
        job = start("account-signup")
        job.world.faults.add(Fault(SIGN_UP, FaultKind.LOSE_REPLY))
        result = job.run()
        assert (result.exit_code, result.lines.count(SIGN_UP)) == (1, 1)
        assert "its answer is lost" in result.errors[0]
        assert len(job.world.extensions["accounts"].agents) == 1

    def test_a_challenge_that_has_expired_is_replaced_once(self, start: Start) -> None:
        plan = load_scenario("account-signup").accounts
        result = start("account-signup", accounts={**plan, "expire_first": 1}).run()
        assert (result.exit_code, result.lines.count(CHALLENGE)) == (0, 2)
        result = start("account-signup", accounts={**plan, "expire_first": 2}).run()
        assert (result.exit_code, result.lines.count(CHALLENGE)) == (1, 2)

    def test_t67_work_that_is_too_hard_is_refused_with_a_clear_word(self, start: Start) -> None:
        result = start("account-signup", accounts={"difficulty": 29}).run()
        assert (result.exit_code, result.lines.count(SIGN_UP)) == (1, 0)
        assert "29 zero bits" in result.errors[0]
        assert "No agent account was made" in result.summary

    def test_t67_work_that_takes_longer_than_max_wait_makes_no_account(self, start: Start) -> None:
        job = start("account-signup", accounts={"difficulty": 28})
        result = job.run(inputs={"max-wait": "1s"})
        assert (result.exit_code, result.lines.count(SIGN_UP)) == (1, 0)
        assert "`max-wait`" in result.errors[0]

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_t67_a_cancelled_run_stops_working(
        self, start: Start, number: signal.Signals, code: int
    ) -> None:
        job = start("account-signup", accounts={"difficulty": 28})
        result = job.run(signal_at=SignalAt(CHALLENGE, number))
        assert (result.exit_code, result.lines.count(SIGN_UP)) == (code, 0)
        assert result.outputs["reason-code"] == "cancelled"


class TestForks:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize(
        "event", ["pull_request", "pull_request_target", "workflow_run", "issue_comment"]
    )
    def test_t66_nothing_runs_for_a_forks_head(
        self, start: Start, operation: str, event: str
    ) -> None:
        plan = replace(
            load_scenario("fork").github, token="app", collaborators={"maria-lopez": "admin"}
        )
        job = start("account-preview", github=plan, event=EventPlan(name=event))
        result = ask(job, operation)
        assert (result.exit_code, result.to("cloud")) == (1, [])
        assert result.outputs["reason-code"] == "not-allowed"
        assert result.outputs["claim-state"] == ""
        assert "fork" in result.summary

    def test_t66_nor_for_one_that_is_named(self, start: Start) -> None:
        plan = load_scenario("fork").github
        job = start("account-signup", github=plan, event=EventPlan(name="push"))
        result = job.run(inputs={"pr-number": "7"})
        assert (result.exit_code, result.to("cloud")) == (1, [])

    def test_t66_nor_where_github_does_not_say_whose_head_it_is(self, start: Start) -> None:
        job = start("account-signup", event=EventPlan(name="push"))
        job.world.faults.add(Fault("* /repos/*", FaultKind.DROP))
        result = job.run(inputs={"pr-number": "7", "account-secret": "", "timeout": "8s"})
        assert (result.exit_code, result.to("cloud")) == (1, [])
        assert result.outputs["reason-code"] == "not-allowed"

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_nothing_runs_with_dry_run(self, start: Start, operation: str) -> None:
        result = ask(start("account-preview"), operation, inputs={"dry-run": "true"})
        assert (result.exit_code, result.requests) == (1, ())
        assert "dry-run" in result.errors[0]

    def test_nothing_is_made_unless_it_is_written(self, start: Start) -> None:
        result = ask(start("account-signup"), "")
        assert (result.exit_code, result.requests) == (1, ())
        assert "signup, validate, preview-claim, claim, status" in result.errors[0]


class TestPreview:
    def test_a_dry_run_changes_nothing(self, start: Start) -> None:
        job = a_claim(start, COLLIDING)
        before = everything(job)
        result = ask(job, "preview-claim")
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "blocked")
        assert everything(job) == before
        assert commits(job) == 0
        assert json.loads(result.outputs["claim-conflicts"]) == [
            {"kind": "stack", "name": "shop/prod", "free-name": "prod-agent-3f9c1d"}
        ]
        (failure,) = json.loads(result.outputs["claim-failures"])
        assert (failure["kind"], failure["name"]) == ("Insights account", "aws")
        assert "cannot be transferred" in failure["why"]

    def test_the_report_is_on_the_pull_request_beside_the_one_about_the_deployment(
        self, start: Start
    ) -> None:
        scenario = load_scenario("failed-update")
        job = start(scenario, accounts={"agents": [{"owns": STACKS}]})
        deployment = job.run()
        inputs = {**load_scenario("account-preview").inputs, "stack-name": "", "outcome": ""}
        result = job.run(inputs=inputs)
        assert result.outputs["comment-action"] == "created"
        assert len(result.comments) == 2
        assert result.comments[0] == deployment.comments[0]
        again = job.run(inputs=inputs)
        assert again.outputs["comment-action"] == "unchanged"

    def test_the_names_that_are_offered_resolve_the_conflicts(self, start: Start) -> None:
        job = a_claim(start, {"stacks": ["shop/prod", "shop/pr-7"]})
        (block,) = re.findall(
            r"```yaml\nclaim-renames: \|\n(.*?)```", ask(job, "preview-claim").summary, re.DOTALL
        )
        result = claim(job, **{"claim-renames": block.replace("  ", "")})
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "done")
        stacks = [e["stackName"] for e in everything(job)[0] if "stackName" in e]
        assert sorted(stacks) == ["pr-7", "prod", "prod-agent-3f9c1d"]

    def test_a_rename_of_nothing_is_a_wrong_input(self, start: Start) -> None:
        result = ask(a_claim(start), "preview-claim", inputs={"claim-renames": "shop/x: y"})
        assert result.exit_code == 1
        assert "claim-renames" in result.errors[0]

    @pytest.mark.parametrize("name", ["organization", "claim-token", "pulumi-access-token"])
    def test_what_is_missing_is_named(self, start: Start, name: str) -> None:
        result = ask(a_claim(start), "preview-claim", inputs={name: ""})
        assert (result.exit_code, result.to("cloud")) == (1, [])
        assert f"input '{name}'" in result.errors[0]


class TestClaim:
    def test_without_the_word_it_waits(self, start: Start) -> None:
        job = a_claim(start)
        before = everything(job)
        result = ask(job, "claim")
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "ready")
        assert (commits(job), everything(job)) == (0, before)
        assert word_of(result)

    def test_another_word_is_an_error_and_changes_nothing(self, start: Start) -> None:
        job = a_claim(start)
        result = ask(job, "claim", inputs={"confirm": "abcd-efgh-ijkl-mnop"})
        assert (result.exit_code, result.outputs["claim-state"]) == (1, "ready")
        assert commits(job) == 0
        assert word_of(result) in result.errors[0]

    def test_the_word_of_what_has_changed_since_is_another_word(self, start: Start) -> None:
        job = a_claim(start)
        word = word_of(ask(job, "preview-claim"))
        owns = job.world.extensions["accounts"].agents[0].owns
        owns.known["TransferEntityStack", "shop", "late"] = {}
        result = ask(job, "claim", inputs={"confirm": word})
        assert (result.exit_code, commits(job)) == (1, 0)

    @pytest.mark.parametrize("ends", ["empty", "unlisted", "word", "token"])
    def test_it_is_followed_to_its_end(self, start: Start, ends: str) -> None:
        job = a_claim(start, ends=ends)
        result = claim(job)
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "done")
        assert result.outputs["transfer-id"]
        assert commits(job) == 1
        assert job.world.extensions["accounts"].agents[0].is_dead
        assert "its access token are gone" in result.comments[0]

    def test_with_open_conflicts_nothing_changes(self, start: Start) -> None:
        job = a_claim(start, COLLIDING)
        before = everything(job)
        result = ask(job, "claim", inputs={"confirm": "abcd-efgh-ijkl-mnop"})
        assert (result.exit_code, result.outputs["claim-state"]) == (1, "blocked")
        assert result.outputs["reason-code"] == "not-done"
        assert (commits(job), everything(job)) == (0, before)

    @pytest.mark.parametrize("kind", [FaultKind.LOSE_REPLY, FaultKind.TRUNCATE])
    def test_a_lost_answer_never_starts_a_second_claim(self, start: Start, kind: FaultKind) -> None:
        job = a_claim(start)
        word = word_of(ask(job, "preview-claim"))
        job.world.faults.add(Fault(CLAIM, kind, nth=(2,)))
        result = ask(job, "claim", inputs={"confirm": word})
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "done")
        assert commits(job) == 1

    def test_one_whose_end_is_not_seen_is_not_done(self, start: Start) -> None:
        job = a_claim(start, looks=1_000)
        result = claim(job, **{"max-wait": "2s"})
        assert (result.exit_code, result.outputs["claim-state"]) == (1, "started")
        assert result.outputs["transfer-id"]
        again = ask(job, "claim", inputs={"max-wait": "2s"})
        assert (again.exit_code, again.outputs["claim-state"]) == (1, "started")
        assert commits(job) == 1, "a claim that runs is followed, not started again"
        looked = ask(job, "preview-claim")
        assert (looked.exit_code, looked.outputs["claim-state"]) == (0, "started")

    def test_one_that_breaks_has_failed(self, start: Start) -> None:
        job = a_claim(start, breaks="the stack is locked by an update")
        result = claim(job)
        assert (result.exit_code, result.outputs["claim-state"]) == (1, "failed")
        assert "locked by an update" in result.outputs["claim-failures"]
        assert "locked by an update" in result.comments[0]

    def test_after_it_is_done_the_token_is_gone(self, start: Start) -> None:
        job = a_claim(start)
        word = word_of(ask(job, "preview-claim"))
        assert ask(job, "claim", inputs={"confirm": word}).exit_code == 0
        again = ask(job, "claim", inputs={"confirm": word})
        assert (again.exit_code, again.outputs["claim-state"]) == (1, "gone")
        for operation in READING:
            result = ask(job, operation)
            assert (result.exit_code, result.outputs["claim-state"]) == (0, "gone")


class TestStatus:
    def test_the_only_claim_is_the_one_that_is_meant(self, start: Start) -> None:
        job = a_claim(start, looks=1_000)
        claim(job, **{"max-wait": "2s"})
        for token in ("", "${{ sandbox.claim-token }}"):
            result = ask(job, "status", inputs={"claim-token": token})
            assert (result.exit_code, result.outputs["claim-state"]) == (0, "started")
            assert result.outputs["transfer-id"]
            assert "agent-3f9c1d" in result.summary

    def test_no_claim_is_an_answer(self, start: Start) -> None:
        result = ask(a_claim(start), "status", inputs={"claim-token": ""})
        assert (result.exit_code, result.outputs["claim-state"]) == (0, "")
        assert "No recent claims into" in result.summary


class TestRefusals:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize(
        ("status", "is_outage"),
        [(400, False), (401, False), (403, False), (429, True), (500, True), (503, True)],
    )
    def test_who_must_act_decides_the_exit_code(
        self, start: Start, operation: str, status: int, *, is_outage: bool
    ) -> None:
        job = a_claim(start)
        job.world.faults.add(Fault("* /api/agents/*", FaultKind.STATUS, status=status))
        inputs = {"timeout": "8s", "max-wait": "3s"}
        result = ask(job, operation, inputs=inputs)
        is_green = is_outage and operation in READING
        assert result.exit_code == int(not is_green)
        said = result.warnings if is_green else result.errors
        assert re.search(r"must act|No action needed", said[0])
        assert (
            "was not" in result.summary
            or "were not" in result.summary
            or "No agent" in result.summary
        )
        assert commits(job) == 0
        assert job.world.extensions["accounts"].claims == {}
        if is_green:
            assert result.outputs["reason-code"] == "pulumi-unavailable"
            assert ask(job, operation, inputs={**inputs, "strict": "true"}).exit_code == 1

    def test_an_unknown_organization_is_the_authors_matter(self, start: Start) -> None:
        result = ask(a_claim(start), "preview-claim", inputs={"organization": "acne"})
        assert (result.exit_code, result.outputs["claim-state"]) == (1, "")
        assert "`organization`" in result.errors[0]

    def test_the_agents_own_token_cannot_claim(self, start: Start) -> None:
        job = a_claim(start)
        token = job.world.extensions["accounts"].agents[0].access_token
        result = ask(job, "preview-claim", inputs={"pulumi-access-token": token})
        assert result.exit_code == 1
        assert "agent's own token cannot" in result.errors[0]
