"""What the facts mean for a workflow: verdict, risk, and the reason code of the run."""

from upshot.verdict.decide import decide, settle_outcome
from upshot.verdict.reason import decide_reason

__all__ = ["decide", "decide_reason", "settle_outcome"]
