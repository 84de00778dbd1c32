"""Messages name the true cause, who must act, and what to paste; no library's words, said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("prod", "got no address: 'prod'"),
        ("http://app.pulumi.com/acme/web/prod/updates/4", "with http: write https"),
        ("https://other.example/a/b/c/updates/1", "an address of another host, 'other.example'"),
    ],
)
def test_a_wrong_update_url_says_what_is_wrong_with_it(start: Start, given: str, said: str) -> None:
    result = start("log-only").run(inputs={"update-url": given})
    assert result.exit_code == 1
    assert said in result.errors[0]


LOG = b"""Updating (prod)
Diagnostics:
  aws:s3:Bucket (receipts):
    error: creating S3 Bucket (receipts): BucketAlreadyExists: taken
"""


def status(route: str, code: int) -> Fault:
    return Fault(route=route, kind=FaultKind.STATUS, status=code, body="{}")


GITHUB: dict[str, tuple[tuple[Fault, ...], tuple[str, ...]]] = {
    "an error of its own": (
        (status("* /repos/*", 500),),
        ("answered with an error of its own, HTTP 500", "githubstatus.com"),
    ),
    "a redirect": ((status("POST /graphql", 307),), ("redirect", "check GITHUB_API_URL")),
    "no connection": (
        (
            Fault(route="POST /graphql", kind=FaultKind.DROP),
            Fault(route="* /repos/*", kind=FaultKind.DROP),
        ),
        ("GitHub did not answer", "githubstatus.com"),
    ),
}


@pytest.mark.parametrize("what", GITHUB)
def test_a_comment_that_was_not_written_says_why_and_who_acts(start: Start, what: str) -> None:
    faults, said = GITHUB[what]
    result = start("log-only", faults=faults).run()
    [warning] = result.warnings
    assert all(words in warning for words in said)
    assert not any(word in warning for word in ("RetryError", "ConnectionError", "no reason given"))


def test_a_file_that_is_no_transcript_names_no_exception(start: Start) -> None:
    result = start("log-only").run(inputs={"replay-file": "x"}, files={"x": b"nope"})
    assert "a file that is no transcript; allowed" in result.errors[0]


def test_an_earlier_comment_that_could_not_be_hidden_is_a_warning(start: Start) -> None:
    body = '{"message":"Resource not accessible by integration"}'
    refused = Fault(
        route="POST /graphql", kind=FaultKind.STATUS, nth=(3, 4, 5), status=403, body=body
    )
    job = start("failed-update", faults=(refused,))
    inputs = {"comment-mode": "hide-and-new", "backend": "local"}
    job.run(inputs=inputs)
    later = {"GITHUB_RUN_ID": "19283746999", "GITHUB_SHA": "f" * 40}
    result = job.run(inputs={**inputs, "outcome": "failure", "risk-threshold": "low"}, env=later)
    assert len(result.comments) == 2
    [warning] = [text for text in result.warnings if "hide an earlier comment" in text]
    assert "The comment was written" in warning


def test_a_token_that_could_not_be_had_is_said_once(start: Start) -> None:
    cloud = replace(load_scenario("oidc").cloud, oidc_error="invalid_grant")
    inputs = {"log-file": "pulumi.log"}
    result = start("oidc", cloud=cloud).run(inputs=inputs, files={"pulumi.log": LOG})
    [warning] = [text for text in result.warnings if "token" in text]
    assert "No Pulumi access token" in warning
    assert "must act" in warning
    assert result.summary.count("no policy of the issuer allows this subject") == 1
    assert result.outputs["reason-code"] == "ai-token"


def test_a_refused_token_is_said_once(start: Start) -> None:
    result = start("expired-token").run()
    [warning] = [text for text in result.warnings if "pulumi-token" in text]
    assert "The owner of the token must act" in warning
