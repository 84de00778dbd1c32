"""What a Neo task asks a person for, recognised again when the person has answered (threat T62).

The id alone is not enough: it may belong to another task, or its content may have changed since it
was shown. Both are read from the task's own events when the answer comes, and compared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256

import msgspec

from upshot.model import ApprovalRequest

_DIGEST_CHARS = 32


class ProposalFault(StrEnum):
    """Why an answer is not carried to the task, in words for its author."""

    NOT_OPEN = "The task asks for nothing with this id, or no longer."
    NOT_SHOWN = "What the task asks for was not shown here yet. Look at the comment, then answer."
    CHANGED = "The task asks for something else by now. Look at the comment, then answer again."


def digest_proposal(task_id: str, proposal: ApprovalRequest) -> str:
    """Of everything that a person is shown of it, 32 hexadecimal digits; kept with the comment."""
    shown = msgspec.json.encode(["upshot proposal 1", task_id, proposal], order="sorted")
    return sha256(shown).hexdigest()[:_DIGEST_CHARS]


def match_proposal(
    typed: str,
    *,
    task_id: str,
    is_open: Sequence[ApprovalRequest],
    shown: Mapping[str, str],
) -> ApprovalRequest | ProposalFault:
    """What the id means that a person typed: one of the task's open proposals, as it was shown.

    `is_open` is read from the events of the task now; `shown` is proposal id -> digest as our own
    comment holds them.
    """
    proposal = next((each for each in is_open if each.id == typed), None)
    if proposal is None:
        return ProposalFault.NOT_OPEN
    if typed not in shown:
        return ProposalFault.NOT_SHOWN
    if shown[typed] != digest_proposal(task_id, proposal):
        return ProposalFault.CHANGED
    return proposal
