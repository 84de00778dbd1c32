"""What the facts mean for the one who waits for them: verdict, risk, and why we ended so."""

from upshot.verdict.decide import decide, settle_outcome
from upshot.verdict.reason import decide_reason

__all__ = ["decide", "decide_reason", "settle_outcome"]
