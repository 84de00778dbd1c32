"""An open gate opens a claim as its word does, and only the claim that was approved."""

from __future__ import annotations

from pathlib import Path

from tests.integration.accounts.conftest import Cloud, MakeCloud
from tests.stage import Stage

from upshot.inputs.account import AccountInputs
from upshot.modes.accounts.claims import run_claim
from upshot.modes.accounts.outcome import Outcome
from upshot.modes.accounts.talk import Talk
from upshot.pulumi.agents.confirm import build_word

COMMIT = "POST /api/agents/acme/claim"


class Approvals:
    """A gate that is open for some digests."""

    line = ""

    def __init__(self, *approved: str) -> None:
        self.approved = approved
        self.asked: list[str] = []

    def is_open(self, digest: str) -> bool:
        self.asked.append(digest)
        return digest in self.approved


def claim(folder: Path, cloud: Cloud, gate: Approvals, *, operation: str = "claim") -> Outcome:
    (folder / "temp").mkdir(exist_ok=True)
    job = Stage(folder).job(
        mode="account",
        account_operation=operation,
        organization="acme",
        claim_token=cloud.state.agents[0].claim_token,
        cloud_url=cloud.sandbox.cloud_url,
        pulumi_access_token=cloud.sandbox.world.cloud.workflow_token,
        max_wait="60s",
    )
    own: AccountInputs = job.inputs.own["account"]
    return run_claim(job, own, Talk(job), gate=gate)


def test_a_claim_that_is_approved_needs_no_word(tmp_path: Path, make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": {"stacks": ["shop/dev"]}}])
    closed = Approvals()
    waiting = claim(tmp_path, cloud, closed)
    assert (waiting.exit_code, waiting.page.state) == (0, "ready")
    (digest,) = closed.asked
    assert waiting.page.word == build_word(digest), "the gate is asked about what is shown"
    done = claim(tmp_path, cloud, Approvals(digest))
    assert (done.exit_code, done.page.state) == (0, "done")
    assert cloud.lines.count(COMMIT) == 1


def test_an_approval_of_what_has_changed_since_counts_for_nothing(
    tmp_path: Path, make_cloud: MakeCloud
) -> None:
    cloud = make_cloud(agents=[{"owns": {"stacks": ["shop/dev"]}}])
    gate = Approvals()
    claim(tmp_path, cloud, gate)
    cloud.state.agents[0].owns.known["TransferEntityStack", "shop", "late"] = {}
    late = claim(tmp_path, cloud, Approvals(*gate.asked))
    assert late.page.state == "ready"
    assert COMMIT not in cloud.lines


def test_an_open_gate_makes_no_claim_of_a_preview(tmp_path: Path, make_cloud: MakeCloud) -> None:
    cloud = make_cloud(agents=[{"owns": {"stacks": ["shop/dev"]}}])
    gate = Approvals()
    claim(tmp_path, cloud, gate)
    looked = claim(tmp_path, cloud, Approvals(*gate.asked), operation="preview-claim")
    assert looked.page.state == "ready"
    assert COMMIT not in cloud.lines
