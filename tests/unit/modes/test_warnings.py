"""What degraded is warned about once, told in the report, and counts in strict mode."""

from __future__ import annotations

from tests.stage import Stage

from upshot.errors import ServiceUnavailable
from upshot.model import ReasonCode


def test_a_degraded_step_is_a_warning_with_who_must_act_and_where_to_read_on(stage: Stage) -> None:
    job = stage.job()
    fault = ServiceUnavailable("GET /api/user: 503", hint="Pulumi must act.")
    job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, "Pulumi Cloud could not be read", fault)
    said = stage.out.getvalue()
    assert said.startswith("::warning title=Upshot::")
    assert "GET /api/user" in said
    assert "Pulumi must act." in said
    assert "troubleshooting.md#pulumi-unavailable" in said
    assert job.warnings.notices == ("Pulumi Cloud could not be read: GET /api/user: 503",)


def test_the_same_notice_is_reported_once(stage: Stage) -> None:
    warnings = stage.job().warnings
    warnings.degraded(ReasonCode.COMMENT_FAILED, "no comment")
    warnings.degraded(ReasonCode.COMMENT_FAILED, "no comment")
    assert warnings.notices == ("no comment",)
    assert stage.out.getvalue().count("::warning") == 1


def test_a_note_degrades_nothing(stage: Stage) -> None:
    warnings = stage.job().warnings
    warnings.note("a new conversation was started")
    assert not warnings.is_degraded
    assert warnings.codes == ()
