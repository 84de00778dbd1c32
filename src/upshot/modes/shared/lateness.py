"""Whether our own `timeout` cut something off, which is told once, whatever was cut off."""

from __future__ import annotations

from upshot.model import NoAnswer, ReasonCode, Reply, TaskState, TaskStatus
from upshot.modes.job import Job


def warn_if_timed_out(reply: Reply, job: Job) -> None:
    """Nothing is told where the time was up and everything was done all the same."""
    if not job.deadline.passed:
        return
    is_cut = ReasonCode.PULUMI_UNAVAILABLE in job.warnings.codes
    if isinstance(reply, NoAnswer):
        is_cut |= reply.reason_code is not None
    elif isinstance(reply, TaskState):
        is_cut |= reply.status is TaskStatus.TIMED_OUT
    if is_cut:
        job.warnings.degraded(
            ReasonCode.TIMED_OUT,
            "The time that 'timeout' gives to Upshot is over: what was known by then is reported.",
            hint="Raise 'timeout', or lower 'max-wait'.",
            anchor="timeout",
        )
