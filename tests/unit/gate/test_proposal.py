"""What a Neo task asks for is what the person saw who answers (threat T62)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from upshot.gate.proposal import ProposalFault, digest_proposal, match_proposal
from upshot.model import ApprovalRequest


class TestAProposal:
    ASKED = ApprovalRequest(
        "a-1", "approval", "Delete the bucket?", tool_name="pulumi_up", diff={"a": "-1"}
    )

    def match(self, typed: str = "a-1", **over: Any) -> ApprovalRequest | ProposalFault:
        given: dict[str, Any] = {
            "task_id": "t-1", "is_open": (self.ASKED,), "shown": {"a-1": digest_proposal("t-1", self.ASKED)},
        }  # fmt: skip
        return match_proposal(typed, **given | over)

    def test_an_open_one_as_it_was_shown(self) -> None:
        assert self.match() == self.ASKED

    def test_t62_an_id_of_another_task_is_none(self) -> None:
        assert self.match("a-2") is ProposalFault.NOT_OPEN
        assert self.match(task_id="t-2") is ProposalFault.CHANGED
        assert self.match(is_open=()) is ProposalFault.NOT_OPEN

    def test_t62_one_that_was_never_shown_is_not_answered(self) -> None:
        assert self.match(shown={}) is ProposalFault.NOT_SHOWN

    @pytest.mark.parametrize(
        "over",
        [
            {"message": "Delete all buckets?"}, {"kind": "plan"}, {"sensitivity": "high"}, {"tool_name": "shell"},
            {"plan": "1. Delete"}, {"diff": {"a": "-2"}}, {"diff": {}}, {"choices": ("yes",)},
        ],
    )  # fmt: skip
    def test_t62_a_proposal_that_changed_behind_its_id_is_not_answered(
        self, over: dict[str, Any]
    ) -> None:
        changed = replace(self.ASKED, **over)
        assert self.match(is_open=(changed,)) is ProposalFault.CHANGED
