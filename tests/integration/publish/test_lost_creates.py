"""Jobs whose creates all took effect although the answer was lost: one comment, in the same run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from tests.integration.publish.test_hybrid import job, run_jobs
from tests.integration.publish.test_matrix import Conversation, Matrix, stack

from upshot.publish.github.faults import Fault
from upshot.publish.github.request import Attempt

LOST = {
    "a 502": Attempt(502, {}, None, "Bad Gateway"),
    "no answer": Attempt(0, {}, None, Fault.OTHER),
}


class Losing(Conversation):
    """Does what it is asked, and loses the first answers to creates."""

    lost = 0
    fault = LOST["no answer"]

    def _answer(self, verb: str, url: str, body: Mapping[str, Any]) -> Attempt:
        reply = super()._answer(verb, url, body)
        if verb == "POST" and url != "/graphql" and self.lost:
            self.lost -= 1
            return self.fault
        return reply


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("stacks", [2, 3, 6])
@pytest.mark.parametrize("seed", range(8))
def test_t43_creates_whose_answers_were_lost_leave_one_comment_with_all_sections(
    how: str, stacks: int, seed: int
) -> None:
    matrix, chance = Matrix(seed), random.Random(seed)
    conversation = Losing(matrix.simulation, seed, (0.05, 0.15))
    conversation.lost, conversation.fault = chance.randint(2, stacks), LOST[how]
    matrix.conversation = conversation
    jobs = [
        (chance.uniform(0, 1.0), job(matrix, stack(n), n, asks_s=chance.uniform(0, 0.5)))
        for n in range(stacks)
    ]
    run_jobs(matrix, jobs)
    assert [section.stack for section in matrix.sections] == [stack(n).stack for n in range(stacks)]
    (number,) = conversation.comments
    assert {receipt.comment_id for receipt in matrix.receipts} == {number}
    assert all(receipt.comment_url.endswith(f"-{number}") for receipt in matrix.receipts)
