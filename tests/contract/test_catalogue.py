"""The catalogue keeps its form, its promises and its made files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tools.catalogue import PAGE, SCHEMA, build_schema, render_page

from upshot.evidence.catalogue import Example, FailureClass, load_catalogue
from upshot.evidence.diagnosis import diagnose
from upshot.evidence.signals import Signal
from upshot.model import Facts, Failure, Outcome

CLASSES = load_catalogue()
FILES = sorted(SCHEMA.parent.glob("*.toml"))

# What `failure-class` may say: public, so a rename is a breaking change.
SLUGS = {
    "state-locked",
    "pending-operations",
    "state-integrity",
    "backend-access",
    "secrets-decryption",
    "missing-config",
    "plugin-unavailable",
    "program-build",
    "program-exception",
    "output-misuse",
    "out-of-resources",
    "schema-validation",
    "invalid-value",
    "immutable-property",
    "already-exists",
    "not-found",
    "dependency-violation",
    "protected-resource",
    "duplicate-urn",
    "import-mismatch",
    "drift",
    "plan-violation",
    "policy-violation",
    "missing-credentials",
    "permission-denied",
    "api-not-enabled",
    "quota-capacity",
    "operation-conflict",
    "eventual-consistency",
    "network-error",
    "service-error",
    "provider-crash",
    "cluster-unreachable",
    "not-ready",
    "image-build-failed",
    "command-failed",
    "cancelled",
    "invalid-command",
    "unclassified",
}
PULUMI_COMMANDS = {
    "up",
    "preview",
    "destroy",
    "refresh",
    "cancel",
    "config",
    "import",
    "install",
    "login",
    "plugin",
    "stack",
    "state",
    "whoami",
}
DOCUMENTATION_HOSTS = {"www.pulumi.com", "cloud.google.com"}
SLOTS = {"stack_option", "urn", "type"}


def signals() -> Iterator[tuple[FailureClass, Signal]]:
    return ((found, signal) for found in CLASSES for signal in found.signals)


def examples() -> list[tuple[str, Example]]:
    return [(found.slug, example) for found in CLASSES for example in found.examples]


def test_the_classes_are_the_documented_ones_each_once() -> None:
    slugs = [found.slug for found in CLASSES]
    assert sorted(slugs) == sorted(SLUGS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_fits_the_schema(path: Path) -> None:
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(build_schema()).validate(json.loads(json.dumps(content)))
    assert content["family"] == path.stem


def test_the_schema_is_current() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json.loads(json.dumps(build_schema()))


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(CLASSES), "python -m tools.catalogue"


def test_every_class_but_the_last_resort_has_signals_examples_and_a_word_on_retrying() -> None:
    for found in CLASSES:
        if found.slug != "unclassified":
            assert found.signals, found.slug
            assert found.examples, found.slug
            assert found.retry, found.slug


@pytest.mark.parametrize(("slug", "example"), examples(), ids=lambda value: str(value)[:40])
def test_each_example_gets_its_own_class_and_no_other(slug: str, example: Example) -> None:
    failure = Failure(
        message=example.message,
        headline=example.message.split("\n", maxsplit=1)[0],
        type=example.type,
        provider=example.provider,
        operation=example.operation,
        status_code=example.status_code,
    )
    found = diagnose(Facts(outcome=Outcome.FAILED, failures=(failure,)))
    assert (found.failure_class, found.ties) == (slug, ())


def test_each_signal_asks_for_something() -> None:
    for found, signal in signals():
        asked = (signal.codes, signal.words, signal.status, signal.phrases, signal.types)
        assert any(asked) or signal.source != "failure", found.slug


def test_phrases_are_lower_case_and_their_white_space_is_single() -> None:
    for found, signal in signals():
        for phrase in (*signal.phrases, *signal.together, *signal.unless):
            assert phrase == phrase.lower(), (found.slug, phrase)
            assert "  " not in phrase, (found.slug, phrase)


def test_t38_patterns_run_in_linear_time() -> None:
    """A phrase comes first, every repeat is bounded, and no repeat holds another long one."""
    for found, signal in signals():
        if not signal.pattern:
            continue
        assert signal.phrases, (found.slug, signal.pattern)
        bare = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", signal.pattern)
        assert "*" not in bare, (found.slug, signal.pattern)
        assert "+" not in bare, (found.slug, signal.pattern)
        assert not re.search(r"\{\d+,(?:\}|\d{4})", bare), (found.slug, signal.pattern)
        assert not re.search(r"\{[^}]*\}\)\{(?!\d\})\d*,?\d\d", bare), (found.slug, signal.pattern)


def test_steps_name_only_what_the_evidence_can_fill() -> None:
    for found in CLASSES:
        held = {name for s in found.signals for name in re.compile(s.pattern).groupindex}
        for step in found.next_steps:
            assert set(re.findall(r"\{([a-z_]+)\|", step)) <= SLOTS | held, found.slug
            assert "urn:pulumi:" not in step, found.slug


def test_commands_to_paste_are_commands_that_pulumi_has() -> None:
    for found in CLASSES:
        for step in found.next_steps:
            for command in re.findall(r"`pulumi ([a-z]+)", step):
                assert command in PULUMI_COMMANDS, (found.slug, command)


def test_documentation_is_pulumis_or_a_providers_own() -> None:
    for found in CLASSES:
        assert found.documentation_url.split("/")[2] in DOCUMENTATION_HOSTS, found.slug
