"""Runs that a signal ended, and what comes after such a run."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.forms import (
    BUCKET,
    DENIED,
    QUEUE,
    UP,
    Run,
    Truth,
    failed,
    good,
    made,
    one,
    series,
    then,
)

_SLOW: Final = {"slow": made(QUEUE, slow=6), "after": made(BUCKET, value="${slow.value}")}


def _cancelled(kind: str = "update", **more: object) -> Truth:
    return Truth(outcome="cancelled", failure_class="cancelled", kind=kind, replaced=(), **more)  # type: ignore[arg-type]


INTERRUPTS: Final = (
    one("interrupted-json", _SLOW, _cancelled(), command=f"{UP} --json", interrupt_after=(3.5,)),
    one("interrupted-diff", _SLOW, _cancelled(), command=f"{UP} --diff", interrupt_after=(3.5,)),
    one("interrupted-terminal", _SLOW, _cancelled(), command="up --yes", terminal=True, interrupt_after=(4.5,)),
    one("terminated", _SLOW, _cancelled(), terminate_after=3.5),
    then("interrupted-destroy", {"slow": made(QUEUE, slow=6), "early": made(BUCKET, options={"dependsOn": ["${slow}"]})}, Run(resources={}, command="destroy --yes --skip-preview", interrupt_after=(3.5,)), _cancelled("destroy")),
    then("interrupted-refresh", {"slow": made(QUEUE, slow_read=6)}, Run(command="refresh --yes --skip-preview", interrupt_after=(3.5,)), _cancelled("refresh")),
    one("interrupted-and-failed", {"slow": made(QUEUE, slow=6, fault="create: creating SQS Queue (slow): api error QueueNameExists: taken"), "after": made(BUCKET, value="${slow.value}")}, Truth(outcome="cancelled", failure_class="cancelled", also=("already-exists",), failed=((QUEUE, "slow", "create"),)), interrupt_after=(3.5,)),
    one("failed-then-interrupted", {"bad": made(BUCKET, fault=f"create: {DENIED}"), "slow": made(QUEUE, slow=6)}, failed("AccessDenied", "permission-denied", (BUCKET, "bad", "create"), also=("cancelled",)), interrupt_after=(3.5,)),
    then("killed-destroy", {"slow": made(QUEUE, slow=30)}, Run(resources={}, command="destroy --yes --skip-preview", kill_after=4.0), Truth(outcome="unknown", failure_class="unknown", kind="destroy")),
    series("pending-refresh", Run(resources={"slow": made(QUEUE, slow=30)}, kill_after=4.0), Run(resources={"slow": made(QUEUE)}, command="CANCEL refresh --yes --skip-preview"), truth=good(kind="refresh", replaced=(), deleted=(), counts={})),
    series("locked-by-killed", Run(resources={"slow": made(QUEUE, slow=30)}, kill_after=4.0), Run(resources={"slow": made(QUEUE)}), truth=failed("the stack is currently locked by", "state-locked", kind="unknown")),
    series("retry-fails-again", Run(resources={"jobs": made(QUEUE, fault="create: dial tcp: lookup sqs.eu-west-1.amazonaws.com: no such host")}), Run(resources={"jobs": made(QUEUE, fault="create: api error QueueNameExists: taken")}), truth=failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), also=("network-error",)), whole=True),
    series("up-then-destroy", Run(resources={"jobs": made(QUEUE)}), Run(resources={}, command="destroy --yes --skip-preview"), truth=good(kind="destroy"), whole=True),
)  # fmt: skip
