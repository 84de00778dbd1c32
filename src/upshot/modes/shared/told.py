"""What a mode ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from upshot.model import ReasonCode, Run, Verdict, VerdictStatus

if TYPE_CHECKING:  # the outputs are loaded when there is something to tell
    from upshot.result import Ending


class Told(Struct, frozen=True):
    """All that the outputs need, and whether policy forbids this deployment."""

    ending: Ending
    is_forbidden: bool = False
    """`fail-on` or `risk-threshold` says no."""


def ended_early(
    code: ReasonCode, *, run: Run | None = None, redacted_count: int = 0, duration_s: float = 0.0
) -> Ending:
    """An ending without a report: every output is set all the same."""
    from upshot.result import Ending

    return Ending(
        verdict=Verdict(VerdictStatus.UNKNOWN),
        reason_code=code,
        run=run,
        redacted_count=redacted_count,
        duration_s=duration_s,
    )
