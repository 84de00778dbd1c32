"""What a run ends with: the value that every mode returns."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from upshot.model import (
    BackendName,
    Facts,
    NoAnswer,
    ReasonCode,
    Receipt,
    Reply,
    Run,
    Subject,
    Verdict,
    VerdictStatus,
)
from upshot.report.content import Report


class RunResult(Struct, frozen=True, kw_only=True):
    """A run that ended early, or that has nothing to report, has no report."""

    reason_code: ReasonCode
    report: Report | None = None
    run: Run | None = None
    """This run of the workflow; None when it ended before the event was read."""
    exit_code: int = 0
    """1 for a forbidden deployment or a gate that is not open."""
    answer: str = ""
    """The AI's text as the report shows it: redacted and made safe; empty when there is none."""
    receipts: tuple[Receipt, ...] = ()
    own_outputs: dict[str, str] = {}
    """Output name -> value, for the outputs that this mode alone sets (`ModeSpec.outputs`)."""
    is_truncated: bool = False
    """Something of the report did not fit into the comment or the summary."""
    redacted_count: int = 0
    duration_s: float = 0.0
    document: dict[str, Any] = {}
    """The result as plain JSON values (`build_document`), every text redacted."""
    report_file: str = ""
    """Relative to the runner's temp folder; empty when it was not written."""
    result_file: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.report.verdict if self.report else Verdict(VerdictStatus.UNKNOWN)

    @property
    def facts(self) -> Facts:
        return self.report.facts if self.report else Facts()

    @property
    def reply(self) -> Reply:
        return self.report.reply if self.report else NoAnswer(backend=BackendName.LOCAL)

    @property
    def failure_class(self) -> str:
        return self.report.diagnosis.failure_class if self.report else ""

    @property
    def subject(self) -> Subject | None:
        return self.report.subject if self.report else None
