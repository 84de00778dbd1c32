"""The engine's own statements are known by their grammar: verb and object, not the words of one version."""

from __future__ import annotations

import pytest

from upshot.evidence import facts_from_console
from upshot.evidence.diagnosis import diagnose
from upshot.model import Facts, Failure, Outcome

URN = "urn:pulumi:qa::garden::aws:sqs/queue:Queue::roses"


def class_of(message: str, provider: str = "pulumi", type_: str = "") -> str:
    failure = Failure(message=message, headline=message, provider=provider, type=type_)
    return diagnose(Facts(outcome=Outcome.FAILED, failures=(failure,))).failure_class


@pytest.mark.parametrize(
    "message",
    [
        "creating the update lock: no space left",
        "could not release lease: the peer was gone",
        "someone else is at it\nread on at https://docs.example.com/update-conflicts/",
    ],
)
def test_what_is_done_to_a_lock_or_lease_is_the_stacks_lock(message: str) -> None:
    assert class_of(message) == "state-locked"


def test_operations_that_are_pending_are_those_of_an_interrupted_run() -> None:
    assert class_of("three operations are still pending") == "pending-operations"


@pytest.mark.parametrize(
    "message",
    [
        "deserializing the old checkpoint: it broke",
        "could not unmarshal snapshot: it broke",
        "resource serialization ended early",
        "uploading the merged snapshot: it broke",
        "snapshot validation gave up",
        f"resource {URN} comes after it",
        f"the child {URN} refers to unknown parent x",
        "the state file is corrupt",
        "corruption was detected in it",
        "this stack is too new for me",
        "the stack 'qa' needs features that are off",
        "it was unable to prune the merged snapshot",
        f"unknown provider 'roses' for resource '{URN}'",
    ],
)
def test_what_is_done_to_a_snapshot_or_is_wrong_in_it_is_the_state(message: str) -> None:
    assert class_of(message) == "state-integrity"


@pytest.mark.parametrize(
    "message",
    [
        "building a decrypter for the deployment: it broke",
        "batch encryption came to nothing",
        "the passphrase was typed twice in two ways",
    ],
)
def test_encryption_of_secrets_configuration_or_stack_is_the_secrets_provider(message: str) -> None:
    assert class_of(message) == "secrets-decryption"


@pytest.mark.parametrize(
    "message",
    [
        "it needs an account; have you logged in?",
        "clear it with `pulumi logout`",
        "querying the service for stacks: it broke",
        "fetching user info of the service: it broke",
        "OIDC token exchange came to nothing",
        "a team or user is asked for in a token exchange",
        "no garden project file found",
        "the address has an illegal prefix",
    ],
)
def test_the_way_to_stacks_and_accounts_is_the_backend(message: str) -> None:
    assert class_of(message) == "backend-access"


@pytest.mark.parametrize(
    "message",
    ["fetching cloud credentials: it broke", "the service returned an empty refresh_token"],
)
def test_credentials_that_cannot_be_had_are_missing(message: str) -> None:
    assert class_of(message) == "missing-credentials"


@pytest.mark.parametrize(
    "message",
    [
        "loading the analyzer plugin: it broke",
        "the resource plugin 'roses' did not answer",
        "error downloading provider roses",
        "could not connect to language runtime",
        "getting the latest version of roses: it broke",
        "the CLI version 1.2 does not satisfy >=3.0",
        'the policy pack "thorns" was not installed',
        "preparing the policy pack: it broke",
        "an unsupported kind of plugin",
    ],
)
def test_what_is_done_to_a_plugin_its_host_or_a_policy_pack_is_the_plugin(message: str) -> None:
    assert class_of(message) == "plugin-unavailable"


def test_a_plugin_is_the_engines_in_a_providers_block_too() -> None:
    message = "load plugin for roses provider 'x': it broke"
    assert class_of(message, "roses", "pulumi:providers:roses") == "plugin-unavailable"


def test_requirements_are_discovered_by_a_build_of_the_program() -> None:
    assert class_of("failed to discover plugin requirements: it broke") == "program-build"
    found = class_of("failed to discover package requirements: downloading plugin roses: it broke")
    assert found == "plugin-unavailable"


def test_the_program_that_does_not_build_is_more_than_the_requirements_it_has() -> None:
    message = "failed to discover plugin requirements: main.go:7:2: undefined: roses"
    assert class_of(message) == "program-build"


def test_a_policy_pack_is_violated_only_where_its_text_says_so() -> None:
    assert class_of("the policy pack rejects this") == "policy-violation"
    assert class_of("the policy pack has no such setting") != "policy-violation"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"the queue {URN} was registered twice", "duplicate-urn"),
        ("duplicate import 'roses' of type 'x'", "duplicate-urn"),
        ("cannot destroy the protected resource 'roses'", "protected-resource"),
        ("no value was given for config key 'garden:soil'", "missing-config"),
        ("parsing the Pulumi project came to nothing", "program-build"),
        ("could not validate '/x/Pulumi.qa.yaml'", "program-build"),
        ("the hook 'rake' failed", "command-failed"),
        ("such an object cannot be imported", "import-mismatch"),
        (f"state migration for {URN}: the object already exists", "program-exception"),
        (f"state migration for {URN}: the state file is corrupt", "state-integrity"),
        ("configuration key 'garden:soil' must be a number", "schema-validation"),
        ("stack names may have no blanks", "invalid-value"),
        ("no queue named 'roses' was found", "not-found"),
        ("provider check failed for roses", "schema-validation"),
        ("sending the request: it broke", "network-error"),
        ("too fast: rate-limit reached, wait a moment", "service-error"),
        ("detected that pulumi-resource-roses exited", "provider-crash"),
    ],
)
def test_other_statements_of_the_engine(message: str, expected: str) -> None:
    assert class_of(message) == expected


@pytest.mark.parametrize(
    ("message", "provider", "not_this"),
    [
        ("creating EBS Snapshot (snap-1): it broke", "aws", "state-integrity"),
        ("creating Deployment: serializing the operation failed", "kubernetes", "state-integrity"),
        ("the file system refers to unknown resource fs-1", "aws", "state-integrity"),
        ("deleting the management lock: it broke", "azure-native", "state-locked"),
        ("a change is made while operations are pending", "azure-native", "pending-operations"),
        ("unable to destroy the protected resource group x", "azure", "protected-resource"),
        ("the volume's encryption of the stack failed", "aws", "secrets-decryption"),
        ("the SSH key's passphrase is empty", "pulumi", "secrets-decryption"),
        ("installing the dashboard plugin failed", "grafana", "plugin-unavailable"),
        ("the docker plugin did not respond", "pulumi", "plugin-unavailable"),
        ("duplicate resource alias of the listener", "aws", "already-exists"),
        ("failed to delete DB Snapshot", "aws", "state-integrity"),
        ("the resource monitor failed to start", "pulumi", "not-ready"),
        ("webhook failed: the hook was refused", "github", "command-failed"),
        ("unexpected token in JSON while reading token", "pulumi", "missing-credentials"),
    ],
)
def test_a_providers_statement_about_its_own_objects_is_not_the_engines(
    message: str, provider: str, not_this: str
) -> None:
    assert class_of(message, provider, f"{provider}:x/y:Z") != not_this


def test_a_confirmation_that_a_person_refused_is_a_cancelled_run() -> None:
    log = [b"error: confirmation cancelled: nobody said yes\n"]
    assert facts_from_console(log).outcome is Outcome.CANCELLED
