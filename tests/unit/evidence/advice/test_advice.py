"""The one concrete step: filled with the evidence's own values, or not given at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from tools.corpus import load_corpus, run_case
from tools.scoring import advice_of

from upshot.evidence import diagnose
from upshot.evidence.advice import advise, load_rules
from upshot.evidence.catalogue import load_catalogue
from upshot.model import Facts, Failure, Outcome, PolicyViolation, StackRef

OWN: Final = Path(__file__).parents[3] / "corpus" / "own.jsonl"
BUCKET: Final = "aws:s3/bucket:Bucket"


def facts(message: str, *, type_: str = "", name: str = "", **more: object) -> Facts:
    failure = Failure(message, message.split("\n", 1)[0], type=type_, name=name)
    return Facts(outcome=Outcome.FAILED, failures=(failure,), **more)  # type: ignore[arg-type]


def step(slug: str, message: str, *, type_: str = "", name: str = "", stack: str = "") -> str:
    found = advise(slug, facts(message, type_=type_, name=name), stack)
    return found.step if found else ""


class TestRules:
    def test_each_one_belongs_to_a_class_and_can_be_filled(self) -> None:
        classes = {found.slug for found in load_catalogue()}
        for rule in load_rules():
            re.compile(rule.pattern)
            assert rule.slug in classes

    def test_they_cover_at_least_twenty_five_classes(self) -> None:
        assert len({rule.slug for rule in load_rules()}) >= 25


class TestPermissions:
    def test_aws_gets_the_statement_to_add(self) -> None:
        text = step(
            "permission-denied",
            "api error AccessDenied: User: arn:aws:iam::111122223333:user/ci is not authorized to "
            "perform: s3:CreateBucket on resource: arn:aws:s3:::assets because no identity-based "
            "policy allows the s3:CreateBucket action",
        )
        assert "Allow `s3:CreateBucket` for `arn:aws:iam::111122223333:user/ci`" in text
        assert '"Action": "s3:CreateBucket",\n  "Resource": "arn:aws:s3:::assets"' in text

    def test_an_explicit_deny_is_not_answered_by_a_permission(self) -> None:
        text = step(
            "permission-denied",
            "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: s3:PutObject on "
            "resource: arn:aws:s3:::a/b with an explicit deny in a service control policy",
        )
        assert "explicit deny in a **service control policy**" in text
        assert "Effect" not in text

    def test_azure_gets_the_role_assignment(self) -> None:
        text = step(
            "permission-denied",
            "The client 'ci@acme.dev' with object id '6f1c' does not have authorization to perform "
            "action 'Microsoft.Storage/storageAccounts/write' over scope '/subscriptions/0/x'",
        )
        assert "--assignee-object-id 6f1c" in text
        assert "--scope '/subscriptions/0/x'" in text

    def test_kubernetes_gets_the_rule(self) -> None:
        text = step(
            "permission-denied",
            'secrets "tls" is forbidden: User "ci" cannot get resource "secrets" in API group "" in '
            'the namespace "shop"',
        )
        assert 'apiGroups: [""]\n    resources: ["secrets"]\n    verbs: ["get"]' in text


class TestTheOwnerDecidesWhatToDoWithABucket:
    TAKEN = "creating S3 Bucket (acme-assets): api error {}: no"

    def test_ours_is_imported_by_the_whole_command(self) -> None:
        text = step(
            "already-exists",
            self.TAKEN.format("BucketAlreadyOwnedByYou"),
            type_=BUCKET,
            name="assets",
            stack=" --stack acme/shop/prod",
        )
        assert f"pulumi import {BUCKET} 'assets' acme-assets --stack acme/shop/prod" in text

    def test_another_accounts_gets_another_name(self) -> None:
        text = step("already-exists", self.TAKEN.format("BucketAlreadyExists"), type_=BUCKET)
        assert text.startswith("Choose another name than `acme-assets`")
        assert "import" not in text


def test_each_pending_operation_has_its_command() -> None:
    pending = ("creating urn:pulumi:p::s::a:b:C::x", "deleting urn:pulumi:p::s::a:b:C::y")
    found = advise("pending-operations", facts("pending", pending_operations=pending))
    assert found is not None
    assert "creating `urn:pulumi:p::s::a:b:C::x`: `pulumi refresh --clear-pending-creates`" in (
        found.step
    )
    assert "deleting `urn:pulumi:p::s::a:b:C::y`: `pulumi refresh` finds out" in found.step


def test_a_policy_is_named_with_its_pack_and_its_resource() -> None:
    violation = PolicyViolation("tags", "acme", "mandatory", "no tag", "urn:pulumi:p::s::a:b:C::x")
    found = advise("policy-violation", facts("policy", policy_violations=(violation,)))
    assert found is not None
    assert found.step == "Change `x` so that it complies with `tags` of the pack `acme`."


def test_the_concrete_step_takes_the_place_of_the_general_one() -> None:
    said = facts(
        "error: Missing required configuration variable 'shop:domain'",
        stack=StackRef("acme", "shop", "prod"),
    )
    diagnosis = diagnose(said)
    assert diagnosis.failure_class == "missing-config"
    assert diagnosis.next_steps[0].startswith(
        "Set it: `pulumi config set shop:domain <value> --stack acme/shop/prod`"
    )
    assert diagnosis.values == {"key": "shop:domain"}


def test_a_slot_that_the_evidence_does_not_fill_is_no_advice() -> None:
    assert step("already-exists", 'queues "jobs" already exists', type_="", name="") == ""
    assert step("program-exception", "TypeError: x is not a function") == ""
    assert advise("not-found", Facts()) is None


@pytest.mark.parametrize(
    "evil", ["$(curl evil)", "`id`", "a;rm -rf /", "a|sh", "a&&b", "a'b", 'a"b', "a\nb", "a>b", "$HOME"]
)  # fmt: skip
def test_t15_no_value_of_the_evidence_becomes_a_command(evil: str) -> None:
    messages = {
        "already-exists": f"creating S3 Bucket ({evil}): BucketAlreadyOwnedByYou",
        "missing-config": f"Missing required configuration variable 'shop:{evil}'",
        "plugin-unavailable": f"`pulumi plugin install resource {evil} v1.0.0`",
        "backend-access": f"no stack named '{evil}' found",
        "api-not-enabled": f"not registered to use namespace '{evil}'",
    }
    for slug, message in messages.items():
        assert evil not in step(slug, message, type_=BUCKET, name="assets")
        assert evil not in step(slug, message, type_=BUCKET, name=evil)


def test_the_project_own_corpus_has_the_values_and_no_wrong_one() -> None:
    results = [run_case(case, OWN.parent) for case in load_corpus(OWN)]
    found = [advice_of(result) for result in results]
    assert found.count("wrong") == 0
    assert found.count("missing") == 0
    assert found.count("right") >= 140
    labelled = {one.case.failure_class for one in results if one.case.advice is not None}
    assert len(labelled) >= 25


class TestSchemas:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            (
                "expected delay to be in the range (0 - 900), got 1000",
                "Change `delay`: it is `1000` and must be `in the range (0 - 900)`.",
            ),
            (
                "expected min_size to be at least (1), got 0",
                "Change `min_size`: it is `0` and must be `at least (1)`.",
            ),
            (
                "expected cpu to be divisible by 256, got: 300",
                "Change `cpu`: it is `300` and must be `divisible by 256`.",
            ),
            (
                "expected length of name to be in the range (1 - 80), got x y z",
                "Change `name`: its length must be `in the range (1 - 80)`.",
            ),
            (
                '"role_name" cannot be longer than 64 characters',
                "Shorten `role_name` to at most `64` characters.",
            ),
            ("missing required property 'sku'", "Set `sku`: it is required."),
            ('missing required field "selector" in Spec', "Set `selector`: it is required."),
            (
                "only one of `source,content` can be specified, but both were",
                "Keep one of these and remove the others: `source,content`.",
            ),
            ("expected the unexpected, got nothing", ""),
        ],
    )
    def test_a_limit_that_the_message_states_is_said(self, message: str, expected: str) -> None:
        assert step("schema-validation", f"resource 'a' has a problem: {message}") == expected
