"""What the binding `plan` binds to: the head commit and the digest of what a preview would do.

The digest of each stack's plan comes from the engine's events (`Facts.plans`); here it is decided
whether the facts are good enough to be approved, and the plans of several stacks become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from upshot.errors import UpshotError
from upshot.model import Facts, Outcome, UpdateKind

_DIGEST_BYTES: Final = 32
_USE_EVENTS: Final = (
    "Give the events of a preview: `pulumi preview --event-log FILE` with `events-file: FILE`, or "
    "`update-url` with an access token. Or bind to the commit: `approval-binding: head-sha`."
)
_PREVIEW_AGAIN: Final = "Run the preview again, then the gate."


class PlanUnknown(UpshotError):
    """The facts hold no plan that a person could approve; the message says why."""


def digest_plan(accounts: Sequence[Facts]) -> str:
    """SHA-256, 64 hexadecimal digits, of what the previews of these stacks would do.

    One account a stack, in any order. The same for the same operations, resources, replacement
    keys, changed property paths and policy results, whatever the source, the order, the values and
    the times; another one where one of them differs.

    Raises PlanUnknown for anything but previews that succeeded and were read whole.
    """
    if not accounts:
        raise PlanUnknown("There is no preview to approve.", hint=_USE_EVENTS)
    plans = sorted({plan for facts in accounts for plan in _plans(facts)})
    return sha256(b"upshot plans 1\n" + b"".join(plans)).hexdigest()


def bound_to_plan(commit: str, digest: str) -> str:
    """The bound value of a request with the binding `plan`: `COMMIT:DIGEST`."""
    return f"{commit}:{digest}"


def _plans(facts: Facts) -> Iterable[bytes]:
    of_stack = f" of {facts.stack}" if facts.stack else ""
    if facts.is_running or facts.is_incomplete:
        raise PlanUnknown(f"The events{of_stack} are not complete.", hint=_PREVIEW_AGAIN)
    if not facts.plans:
        raise PlanUnknown(f"No engine events{of_stack} were read.", hint=_USE_EVENTS)
    if facts.kind is not UpdateKind.PREVIEW:
        raise PlanUnknown(f"The events{of_stack} are not those of a preview.", hint=_USE_EVENTS)
    if facts.outcome is not Outcome.SUCCEEDED:
        raise PlanUnknown(f"The preview{of_stack} did not succeed.", hint=_PREVIEW_AGAIN)
    if any(len(plan) != _DIGEST_BYTES for plan in facts.plans):
        raise PlanUnknown(
            f"The plan{of_stack} has too many steps, or one that cannot be read.",
            hint="Bind to the commit instead: `approval-binding: head-sha`.",
        )
    return facts.plans
