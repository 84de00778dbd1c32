"""What hangs on a gate, as a value."""

from __future__ import annotations

from msgspec import Struct

from upshot.report.gate.page import PlanRow


class Stakes(Struct, frozen=True, kw_only=True):
    is_needed: bool = True
    """Whether `approval-required-on` asks for an approval."""
    plan: str = ""
    """Digest of what the previews would do; only with the binding `plan`."""
    rows: tuple[PlanRow, ...] = ()
    stacks: tuple[str, ...] = ()
    """Named by the evidence; only with the binding `plan`."""
