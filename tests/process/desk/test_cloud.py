"""Addresses and questions: the installed command against a Pulumi Cloud on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.process.desk.conftest import Installed
from tests.unit.cli.conftest import LOG

from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

URL = "https://app.pulumi.com/acme/shop/prod/updates/65"
CHAT = "POST /api/ai/chat/preview"
QUESTION = "Would the random suffix change when we run it again?"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(load_scenario("ask")) as found:
        yield found
    assert found.world.journal.violations == []


def run(plain: Installed, sandbox: Sandbox, *arguments: str, **env: str) -> CompletedProcess[bytes]:
    """With the token and the address of that Pulumi Cloud in the environment."""
    (token, *_) = sorted(sandbox.world.cloud.tokens)
    told = {"PULUMI_ACCESS_TOKEN": token, "PULUMI_BACKEND_URL": sandbox.cloud_url, **env}
    found = plain.run(*arguments, env=told)
    assert token.encode() not in found.stdout + found.stderr
    return found


def lines(sandbox: Sandbox) -> list[str]:
    return [request.line for request in sandbox.world.journal.requests]


def test_an_address_is_explained_without_asking_an_ai(plain: Installed, sandbox: Sandbox) -> None:
    found = run(plain, sandbox, "explain", URL)
    assert (found.returncode, found.stderr) == (0, b"")
    assert f"]({URL})" in found.stdout.decode()
    assert "BucketAlreadyExists" in found.stdout.decode()
    assert lines(sandbox)
    assert CHAT not in lines(sandbox)


def test_why_takes_an_address_too(plain: Installed, sandbox: Sandbox) -> None:
    found = run(plain, sandbox, "why", "receipts", URL, "--json")
    (match,) = json.loads(found.stdout)["matches"]
    assert match["urn"] == "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::receipts"
    assert match["diagnosis"]["failure_class"] == "already-exists"


def test_a_question_about_an_address_is_answered(plain: Installed, sandbox: Sandbox) -> None:
    found = run(plain, sandbox, "ask", QUESTION, URL)
    assert (found.returncode, found.stderr) == (0, b"")
    assert "Pulumi chooses the suffix once" in found.stdout.decode()
    (asked,) = [each.json for each in sandbox.world.journal.requests if each.line == CHAT]
    assert QUESTION in asked["query"]
    assert asked["state"]["client"]["cloudContext"] == {"orgId": "acme", "url": URL}


def test_a_question_about_a_log_reads_nothing_from_pulumi_cloud(
    plain: Installed, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "pulumi.log").write_text(f"{LOG}\nView Live: {URL}\n", "utf-8")
    found = run(plain, sandbox, "ask", QUESTION, str(tmp_path / "pulumi.log"))
    assert found.returncode == 0
    assert "Pulumi chooses the suffix once" in found.stdout.decode()
    assert set(lines(sandbox)) == {CHAT}


def test_a_question_about_nothing_is_for_an_organization(
    plain: Installed, sandbox: Sandbox
) -> None:
    found = run(plain, sandbox, "ask", QUESTION, "--organization", "acme")
    assert (found.returncode, found.stderr) == (0, b"")
    page = found.stdout.decode()
    assert page.startswith("**Written by Pulumi Copilot:**")
    assert "Pulumi chooses the suffix once" in page
    assert "--conversation" in page


def test_a_question_in_json_has_the_answer(plain: Installed, sandbox: Sandbox) -> None:
    document = json.loads(run(plain, sandbox, "ask", QUESTION, URL, "--json").stdout)
    assert document["ai"]["backend_used"] == "copilot"
    assert document["ai"]["answer"].startswith("No. Pulumi chooses the suffix once")


def test_neo_is_followed_on_standard_error_without_a_workflow_command(plain: Installed) -> None:
    url = "https://app.pulumi.com/acme/shop/prod/updates/71"
    with Sandbox(load_scenario("neo-answer")) as sandbox:
        found = run(plain, sandbox, "ask", "What is wrong?", url, "--backend", "neo")
        assert sandbox.world.journal.violations == []
    assert found.returncode == 0
    assert (
        "The bucket name `acme-receipts` is taken by another AWS account." in found.stdout.decode()
    )
    told = found.stderr.decode()
    assert (
        "Pulumi Neo works on task task-0001 https://app.pulumi.com/acme/neo/tasks/task-0001" in told
    )
    assert "pulumi__get_update is done" in told
    assert "::" not in told


def test_the_offline_rules_ask_nobody(plain: Installed, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "pulumi.log").write_text(LOG, "utf-8")
    arguments = ("ask", "Why?", "--backend", "local", str(tmp_path / "pulumi.log"))
    found = run(plain, sandbox, *arguments)
    assert (found.returncode, found.stderr) == (0, b"")
    assert "The name is already taken" in found.stdout.decode()
    assert lines(sandbox) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://app.pulumi.com.evil.example/acme/shop/prod/updates/65",
        "https://evil.example/acme/shop/prod/updates/65",
        "http://app.pulumi.com/acme/shop/prod/updates/65",
        "https://app.pulumi.com@evil.example/acme/shop/prod/updates/65",
        "https://app.pulumi.com/claim/0123456789abcdef",
    ],
)
def test_t31_the_token_goes_to_no_other_host(plain: Installed, sandbox: Sandbox, url: str) -> None:
    found = run(plain, sandbox, "explain", url)
    assert (found.returncode, found.stdout) == (2, b"")
    assert b"allowed" in found.stderr
    assert lines(sandbox) == []


@pytest.mark.parametrize("backend", ["http://evil.example", "https://169.254.169.254"])
def test_t31_a_backend_that_no_token_may_go_to_is_refused(
    plain: Installed, sandbox: Sandbox, backend: str
) -> None:
    found = run(plain, sandbox, "explain", URL, PULUMI_BACKEND_URL=backend)
    assert (found.returncode, found.stdout) == (2, b"")
    assert b"PULUMI_BACKEND_URL" in found.stderr


def test_without_a_token_it_is_said_what_to_set(plain: Installed) -> None:
    for arguments in (("explain", URL), ("ask", "Why?", URL), ("ask", "Why?")):
        found = plain.run(*arguments)
        assert (found.returncode, found.stdout) == (1, b"")
        assert b"export PULUMI_ACCESS_TOKEN=" in found.stderr


def test_without_a_token_a_question_about_a_log_gets_the_offline_rules_and_1(
    plain: Installed, tmp_path: Path
) -> None:
    (tmp_path / "pulumi.log").write_text(LOG, "utf-8")
    found = plain.run("ask", "Why?", str(tmp_path / "pulumi.log"))
    assert found.returncode == 1
    assert "The name is already taken" in found.stdout.decode()
    assert b"Pulumi Copilot did not answer: PULUMI_ACCESS_TOKEN is not set" in found.stderr


def test_a_token_that_is_refused_is_said(plain: Installed, sandbox: Sandbox) -> None:
    found = run(plain, sandbox, "explain", URL, PULUMI_ACCESS_TOKEN="pul-0000000000000000")
    assert found.returncode == 1
    assert "401" in found.stdout.decode()
