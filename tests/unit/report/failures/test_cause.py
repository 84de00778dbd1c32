"""The box of what failed first: the statement, and no line of a long error twice."""

from __future__ import annotations

import pytest

from upshot.model import Facts, Failure, PolicyViolation
from upshot.report.failures.cause import Stated, state_cause
from upshot.report.rows import broken_policy

SAID = "creating S3 Bucket (a): BucketAlreadyExists: taken"
LONG = "x" * 120


@pytest.mark.parametrize(
    ("message", "headline", "stated"),
    [
        (SAID, SAID, Stated()),
        (f"{SAID}\n  try another name", SAID, Stated()),
        (f"1 error occurred:\n\t* {SAID}\n", SAID, Stated(SAID, is_whole=True)),
        (f"creating urn:x: 1 error occurred:\n * {SAID}", SAID, Stated(SAID, is_whole=True)),
        (f"the plugin says\n{SAID}\nbye", SAID, Stated()),
        (f"the plugin says\n{LONG}\nbye", LONG, Stated(LONG, is_repeated=True)),
        (f"a\nb\nc\nd\nError: {SAID}", SAID, Stated(SAID, is_repeated=True)),
        ("a long text\nwithout it", SAID, Stated(SAID)),
    ],
)
def test_no_line_is_read_twice(message: str, headline: str, stated: Stated) -> None:
    assert state_cause(Failure(message, headline)) == stated


def test_a_broken_policy_is_named_in_the_box() -> None:
    urn = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::media"
    said = "Buckets must be encrypted."
    failure = Failure(said, said, urn, "aws:s3/bucket:Bucket", "media", is_resource=True)
    violation = PolicyViolation("encrypted-buckets", "guardrails", "mandatory", said, urn)
    facts = Facts(failures=(failure,), policy_violations=(violation,))
    assert broken_policy(failure, facts) == (
        "**`media`** (`aws:s3/bucket:Bucket`) breaks the policy `encrypted-buckets` of `guardrails`"
    )
    advisory = PolicyViolation("tags", "guardrails", "advisory", said, urn)
    assert broken_policy(failure, Facts(policy_violations=(advisory,))) == ""
