"""The job summary."""

from __future__ import annotations

from upshot.model import Receipt, ReceiptStatus
from upshot.runner.files import SUMMARY_BUDGET, write_summary

_NAME = "summary"


def publish_summary(path: str, text: str, *, budget_bytes: int = SUMMARY_BUDGET) -> Receipt:
    """Adds finished Markdown to GITHUB_STEP_SUMMARY; `path` is empty where there is no runner."""
    if not path:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="there is no job summary here")
    try:
        is_whole = write_summary(path, text, budget_bytes=budget_bytes)
    except OSError as fault:
        why = f"the job summary cannot be written: {fault.strerror}"
        return Receipt(_NAME, ReceiptStatus.FAILED, why=why)
    return Receipt(_NAME, ReceiptStatus.POSTED, why="" if is_whole else "its end was cut off")
