"""What goes into a report: redacted, bounded, without errors that say nothing."""

from __future__ import annotations

from upshot.model import (
    BackendName,
    Diagnosis,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    Run,
    Verdict,
    VerdictStatus,
)
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

CAUSE = Failure("name taken", "name taken", type="aws:s3:Bucket", name="b", is_resource=True)
FOLLOWED = Failure(
    "gone", "gone", type="aws:s3:Policy", name="p", is_resource=True, is_cascade=True
)
LAST_WORDS = Failure("update failed", "update failed", type="pulumi:pulumi:Stack", is_cascade=True)


def build(*failures: Failure, secrets: tuple[Secret, ...] = ()) -> Report:
    return build_report(
        Facts(outcome=Outcome.FAILED, failures=failures),
        Diagnosis(failure_class="already-exists"),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=Verdict(VerdictStatus.FAILED),
        subject=None,
        context=RunContext(Run("acme/web", "https://github.com", run_id="1"), made_at=0.0),
        redactor=Redactor(secrets),
    )


def test_the_engines_last_error_is_left_out_when_another_one_is_the_cause() -> None:
    assert build(CAUSE, FOLLOWED, LAST_WORDS).facts.failures == (CAUSE, FOLLOWED)


def test_the_engines_last_error_is_kept_when_it_is_the_only_one() -> None:
    assert build(LAST_WORDS).facts.failures == (LAST_WORDS,)


def test_t09_every_text_of_a_report_is_redacted() -> None:
    secret = Secret("correct-horse-battery")
    failure = Failure(f"bad {secret.reveal()}", f"bad {secret.reveal()}", name=secret.reveal())
    assert secret.reveal() not in repr(build(failure, secrets=(secret,)))
