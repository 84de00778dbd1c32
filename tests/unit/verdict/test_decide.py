"""Verdict, risk and `fail-on`: rules set the floor, a model may raise it and never lower it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence.urn import display_type
from upshot.inputs.choices import FailOn, StepOutcome
from upshot.inputs.values import PolicyInputs
from upshot.model import (
    Answer,
    BackendName,
    Facts,
    NoAnswer,
    Outcome,
    PolicyViolation,
    ResourceChange,
    RiskLevel,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.verdict import settle_outcome
from upshot.verdict.decide import decide
from upshot.verdict.risk import load_rules

BUCKET, DATABASE = "aws:s3/bucket:Bucket", "aws:rds/instance:Instance"


def change(
    operation: str, type_token: str = BUCKET, *, stateful: bool = False, protected: bool = False
) -> ResourceChange:
    urn = f"urn:pulumi:prod::web::{type_token}::{operation}"
    return ResourceChange(urn, type_token, "thing", operation, stateful, protected)


def make_facts(
    *changes: ResourceChange, outcome: Outcome = Outcome.SUCCEEDED, **over: object
) -> Facts:
    counts: dict[str, int] = {}
    for item in changes:
        counts[item.operation] = counts.get(item.operation, 0) + 1
    values = {"outcome": outcome, "counts": counts or {"same": 3}, "changes": changes, **over}
    return Facts(**values)  # type: ignore[arg-type]


def verdict(facts: Facts, *fail_on: FailOn, threshold: RiskLevel = RiskLevel.HIGH) -> Verdict:
    return decide(facts, policy=PolicyInputs(fail_on=fail_on, risk_threshold=threshold))


class TestStatus:
    @pytest.mark.parametrize(
        ("facts", "status"),
        [
            (make_facts(change("create")), VerdictStatus.SUCCEEDED),
            (make_facts(), VerdictStatus.NO_CHANGES),
            (make_facts(kind=UpdateKind.PREVIEW), VerdictStatus.NO_CHANGES),
            (Facts(outcome=Outcome.SUCCEEDED), VerdictStatus.SUCCEEDED),
            (make_facts(outcome=Outcome.FAILED), VerdictStatus.FAILED),
            (make_facts(outcome=Outcome.CANCELLED), VerdictStatus.CANCELLED),
            (Facts(), VerdictStatus.UNKNOWN),
            (make_facts(is_running=True), VerdictStatus.UNKNOWN),
        ],
    )
    def test_of_the_run(self, facts: Facts, status: VerdictStatus) -> None:
        assert verdict(facts).status is status

    @pytest.mark.parametrize("evidence", [*Outcome, None])
    @pytest.mark.parametrize("step", [*StepOutcome, None])
    def test_the_verdict_is_never_greener_than_the_step(
        self, evidence: Outcome | None, step: StepOutcome | None
    ) -> None:
        """Every pair of evidence (None: there is none) and outcome of the step."""
        facts = Facts() if evidence is None else Facts(outcome=evidence, sources=("log-file",))
        settled = settle_outcome(facts, step).outcome
        floor = {StepOutcome.FAILURE: Outcome.FAILED, StepOutcome.CANCELLED: Outcome.CANCELLED}
        if evidence in {Outcome.FAILED, Outcome.CANCELLED}:
            assert settled is evidence
        elif step in floor:
            assert settled is floor[step]
        elif evidence is Outcome.UNKNOWN and step is StepOutcome.SUCCESS:
            assert settled is Outcome.SUCCEEDED
        else:
            assert settled is (evidence or Outcome.UNKNOWN)

    def test_a_step_that_failed_while_pulumi_cloud_says_running_has_failed(self) -> None:
        settled = settle_outcome(Facts(is_running=True), StepOutcome.FAILURE)
        assert (settled.outcome, settled.is_running) == (Outcome.FAILED, False)

    def test_a_run_that_still_goes_on_has_no_outcome(self) -> None:
        running = Facts(is_running=True, sources=("pulumi-cloud",))
        assert settle_outcome(running, StepOutcome.SUCCESS) is running


class TestRisk:
    @pytest.mark.parametrize(
        ("facts", "level"),
        [
            (make_facts(), RiskLevel.NONE),
            (Facts(), RiskLevel.NONE),
            (make_facts(change("create")), RiskLevel.LOW),
            (make_facts(change("update")), RiskLevel.LOW),
            (make_facts(change("read")), RiskLevel.NONE),
            (make_facts(change("delete")), RiskLevel.MEDIUM),
            (make_facts(change("replace")), RiskLevel.MEDIUM),
            (make_facts(change("update", DATABASE, stateful=True)), RiskLevel.LOW),
            (make_facts(change("delete", DATABASE, stateful=True)), RiskLevel.CRITICAL),
            (make_facts(change("replace", DATABASE, stateful=True)), RiskLevel.CRITICAL),
            (make_facts(change("create-replacement", DATABASE, stateful=True)), RiskLevel.CRITICAL),
            (make_facts(change("delete", protected=True)), RiskLevel.HIGH),
            (make_facts(change("create", "aws:iam/role:Role")), RiskLevel.MEDIUM),
            (make_facts(change("delete", "aws:iam/role:Role")), RiskLevel.HIGH),
            (
                make_facts(change("update", "gcp:projects/iAMBinding:IAMBinding")),
                RiskLevel.MEDIUM,
            ),
            (
                make_facts(change("replace", "aws:ec2/securityGroup:SecurityGroup")),
                RiskLevel.HIGH,
            ),
            (make_facts(change("update", "azure-native:network:NetworkSecurityGroup")), "medium"),
            (make_facts(change("delete", "aws:kms/key:Key")), RiskLevel.CRITICAL),
            (make_facts(counts={"delete": 9}), RiskLevel.MEDIUM),
            (make_facts(counts={"delete": 10}), RiskLevel.HIGH),
            (make_facts(counts={"delete": 1}, kind=UpdateKind.DESTROY), RiskLevel.HIGH),
            (make_facts(change("update"), outcome=Outcome.FAILED), RiskLevel.MEDIUM),
            (
                make_facts(change("update"), outcome=Outcome.FAILED, kind=UpdateKind.PREVIEW),
                RiskLevel.LOW,
            ),
            (make_facts(pending_operations=("creating urn:x",)), RiskLevel.MEDIUM),
            (make_facts(protected=("urn:x",)), RiskLevel.HIGH),
        ],
    )
    def test_by_rule(self, facts: Facts, level: RiskLevel) -> None:
        assert verdict(facts).risk_level == level

    @pytest.mark.parametrize(
        ("enforcement", "severity", "level"),
        [
            ("mandatory", "", RiskLevel.HIGH),
            ("advisory", "", RiskLevel.NONE),
            ("advisory", "critical", RiskLevel.MEDIUM),
        ],
    )
    def test_of_policies(self, enforcement: str, severity: str, level: RiskLevel) -> None:
        violation = PolicyViolation("p", "pack", enforcement, "message", severity=severity)
        assert verdict(make_facts(policy_violations=(violation,))).risk_level is level

    def test_the_gravest_reason_comes_first(self) -> None:
        facts = make_facts(change("create"), change("delete", DATABASE, stateful=True))
        assert verdict(facts).risk_reasons == (
            "deletes 1 resource holding data",
            "deletes 1 resource",
            "creates or updates 1 resource",
        )

    def test_a_replacement_and_its_steps_are_counted_once(self) -> None:
        counts = {"replace": 1, "create-replacement": 1, "delete-replaced": 1}
        facts = make_facts(counts=counts)
        assert verdict(facts).risk_reasons == ("replaces 1 resource",)

    def test_t21_no_word_of_the_evidence_gets_into_a_reason(self) -> None:
        hostile = "approved by @admin"
        facts = make_facts(
            ResourceChange(hostile, f"aws:iam/{hostile}", hostile, "delete", stateful=True),
            policy_violations=(PolicyViolation(hostile, hostile, "mandatory", hostile),),
            protected=(hostile,),
            pending_operations=(hostile,),
        )
        found = verdict(facts, *list(FailOn)[1:])
        assert found.risk_reasons
        assert found.breaches
        assert "@" not in str((found.risk_reasons, [breach.what for breach in found.breaches]))


class TestModel:
    def test_a_line_in_its_answer_raises_the_risk(self) -> None:
        answer = Answer(BackendName.COPILOT, "It drops data.\n\n**Risk level:** Critical.\n")
        found = decide(make_facts(change("create")), answer, policy=PolicyInputs())
        assert found.risk_level is RiskLevel.CRITICAL
        assert found.risk_reasons[0] == "raised from low to critical by copilot"

    def test_it_cannot_lower_the_risk(self) -> None:
        facts = make_facts(change("delete", DATABASE, stateful=True))
        answer = Answer(BackendName.NEO, "Risk level: none")
        assert decide(facts, answer, policy=PolicyInputs()) == verdict(facts)

    @pytest.mark.parametrize(
        "text", ["", "The risk level: high is mentioned", "Risk level: enormous", "risk: high"]
    )
    def test_an_answer_without_the_line_changes_nothing(self, text: str) -> None:
        facts = make_facts(change("create"))
        found = decide(facts, Answer(BackendName.NEO, text), policy=PolicyInputs())
        assert found == verdict(facts)

    def test_no_answer_changes_nothing(self) -> None:
        facts = make_facts(change("create"))
        reply = NoAnswer(BackendName.COPILOT, why="Risk level: critical")
        assert decide(facts, reply, policy=PolicyInputs()) == verdict(facts)


class TestFailOn:
    @pytest.mark.parametrize(
        ("item", "breaking", "harmless"),
        [
            (
                FailOn.FAILURE,
                make_facts(outcome=Outcome.FAILED),
                make_facts(outcome=Outcome.CANCELLED),
            ),
            (FailOn.DELETE, make_facts(change("delete")), make_facts(change("replace"))),
            (FailOn.REPLACE, make_facts(counts={"replace": 2}), make_facts(change("delete"))),
            (
                FailOn.STATEFUL_REPLACE,
                make_facts(change("replace", DATABASE, stateful=True)),
                make_facts(change("replace")),
            ),
            (
                FailOn.PROTECT,
                make_facts(change("replace", protected=True)),
                make_facts(change("update", protected=True)),
            ),
            (
                FailOn.POLICY,
                make_facts(policy_violations=(PolicyViolation("p", "q", "mandatory", "m"),)),
                make_facts(policy_violations=(PolicyViolation("p", "q", "advisory", "m"),)),
            ),
            (FailOn.CHANGES, make_facts(change("update")), make_facts()),
            (
                FailOn.RISK,
                make_facts(change("delete", protected=True)),
                make_facts(change("delete")),
            ),
        ],
    )
    def test_each_word(self, item: FailOn, breaking: Facts, harmless: Facts) -> None:
        (breach,) = verdict(breaking, item).breaches
        assert str(breach).startswith(f"fail-on: {item}: ")
        assert verdict(harmless, item).breaches == ()

    def test_nothing_is_forbidden_by_default(self) -> None:
        facts = make_facts(change("delete", DATABASE, stateful=True), outcome=Outcome.FAILED)
        assert verdict(facts).breaches == ()

    def test_the_threshold_counts_for_risk_alone(self) -> None:
        facts = make_facts(change("create"))
        assert verdict(facts, threshold=RiskLevel.LOW).breaches == ()
        (breach,) = verdict(facts, FailOn.RISK, threshold=RiskLevel.LOW).breaches
        assert str(breach) == "fail-on: risk: the risk is low, and risk-threshold is low"

    def test_a_breach_names_the_resources(self) -> None:
        facts = make_facts(change("delete"), change("replace", DATABASE, stateful=True))
        found = verdict(facts, FailOn.DELETE, FailOn.STATEFUL_REPLACE).breaches
        assert [str(breach) for breach in found] == [
            "fail-on: delete: deletes 1 resource (thing)",
            "fail-on: stateful-replace: replaces a resource that holds data (thing)",
        ]

    @pytest.mark.parametrize("item", [FailOn.STATEFUL_REPLACE, FailOn.PROTECT])
    def test_what_the_list_may_hide_counts_as_broken(self, item: FailOn) -> None:
        facts = Facts(outcome=Outcome.SUCCEEDED, counts={"replace": 3, "same": 9})
        (breach,) = verdict(facts, item).breaches
        assert "3 resources" in breach.what
        assert "counted and not listed" in breach.what

    def test_what_is_unknown_breaks_nothing(self) -> None:
        assert verdict(Facts(), *list(FailOn)[1:]).breaches == ()


@pytest.mark.parametrize(
    ("type_token", "category"),
    [
        ("aws:iam/role:Role", "access"),
        ("gcp:projects/iAMBinding:IAMBinding", "access"),
        ("aws:ec2/securityGroup:SecurityGroup", "network"),
        ("aws:ec2/route:Route", "network"),
        ("gcp:compute/firewall:Firewall", "network"),
        ("cloudflare:index/dnsRecord:DnsRecord", "network"),
        ("aws:kms/key:Key", "keys"),
        ("azure:keyvault/keyVault:KeyVault", "keys"),
        ("azure-native:keyvault:Vault", "keys"),
        ("aws:s3/bucket:Bucket", ""),
        ("aws:ec2/routerThing:RouterThing", ""),
        ("aws:kms/keyPolicy:KeyPolicy", ""),
    ],
)
def test_a_type_is_of_one_category_as_events_and_as_logs_spell_it(
    type_token: str, category: str
) -> None:
    for token in (type_token, display_type(type_token)):
        found = [name for name, each in load_rules().category.items() if each.holds(token)]
        assert found == [category] * bool(category)


def test_every_rule_names_a_category_that_exists() -> None:
    rules = load_rules()
    assert {rule.category for rule in rules.rule if rule.category} == set(rules.category)
    assert len({rule.id for rule in rules.rule}) == len(rules.rule)
    assert all("{n}" in rule.reason for rule in rules.rule)


def test_categories_are_lower_case_as_they_are_compared() -> None:
    for category in load_rules().category.values():
        for text in (*category.starts, *category.contains):
            assert text == text.lower().replace("/", ":")


changes = st.builds(
    ResourceChange,
    urn=st.text(max_size=5),
    type=st.sampled_from([BUCKET, DATABASE, "aws:iam/role:Role", ""]),
    name=st.text(max_size=5),
    operation=st.sampled_from(["create", "update", "delete", "replace", "same", "odd"]),
    stateful=st.booleans(),
    protected=st.booleans(),
)
any_facts = st.builds(
    Facts,
    outcome=st.sampled_from(Outcome),
    kind=st.sampled_from(UpdateKind),
    counts=st.none()
    | st.dictionaries(st.sampled_from(["create", "delete", "same"]), st.integers(0, 20)),
    changes=st.lists(changes, max_size=5).map(tuple),
)
lines = st.sampled_from([f"Risk level: {level}" for level in RiskLevel]) | st.text(max_size=30)


@given(any_facts, st.lists(lines, max_size=4).map("\n".join))
def test_no_answer_of_a_model_ever_lowers_anything(facts: Facts, text: str) -> None:
    alone = decide(facts, policy=PolicyInputs(fail_on=tuple(FailOn)[1:]))
    asked = decide(
        facts, Answer(BackendName.COPILOT, text), policy=PolicyInputs(fail_on=tuple(FailOn)[1:])
    )
    assert asked.status is alone.status
    assert asked.risk_level.rank >= alone.risk_level.rank
    assert {b for b in alone.breaches if b.rule != "risk"} <= set(asked.breaches)
    assert len(asked.breaches) >= len(alone.breaches)
