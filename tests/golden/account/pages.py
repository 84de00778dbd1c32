"""Pages about agent accounts, one for each thing that people see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from upshot.model import Run
from upshot.report.accounts.page import AccountPage, Item, Progress
from upshot.report.accounts.render import AccountRenderer
from upshot.report.redact.redact import Redactor

RUN: Final = Run(
    "acme/webshop", "https://github.com", "19283746501", workflow="Claim", sha="3f2c1b0a" * 5
)
MADE_AT: Final = 1_763_720_000.0
MOVES: Final = (
    Item("stack", "shop/prod", resources=41),
    Item("stack", "shop/pr-7", resources=1_200),
    Item("environment", "shop/preview"),
    Item("Insights account", "aws-demo"),
    Item("package", "private/acme/vpc"),
    Item("entity of another kind", "TransferEntityDashboard"),
)
CLAIM: Final = AccountPage(
    operation="preview-claim",
    state="ready",
    login="agent-3f9c1d",
    organization="agent-3f9c1d",
    created_at="2026-11-20T09:00:00Z",
    destination="acme",
    claim_until="2026-12-20T09:00:00Z",
    moves=(replace(MOVES[0], note="prod-of-agent"), *MOVES[1:3]),
)
BLOCKED: Final = replace(
    CLAIM,
    operation="claim",
    state="blocked",
    moves=MOVES,
    conflicts=(
        Item("stack", "shop/prod", "prod-agent-3f9c1d"),
        Item("environment", "shop/preview", "preview-agent-3f9c1d"),
        Item("entity of another kind", "TransferEntityDashboard"),
    ),
    failures=(Item("Insights account", "aws-demo", "Insights accounts cannot be transferred yet"),),
    renames=(
        ("shop/prod", "prod-agent-3f9c1d"),
        ("shop/preview", "preview-agent-3f9c1d"),
    ),
)
PAGES: Final[dict[str, AccountPage]] = {
    "signup": AccountPage(
        operation="signup",
        state="valid",
        login="agent-3f9c1d",
        organization="agent-3f9c1d",
        writes_until="2026-11-24T10:13:20Z",
        claim_until="2026-12-21T10:13:20Z",
        secret="production/AGENT_PULUMI",
    ),
    "signup-failed": AccountPage(
        operation="signup",
        fault="no proof of work of 28 zero bits was found in 600 s (1,234,567,000 hashes on 2 "
        "processes; on average it takes 130 s here)",
        hint="The workflow's author must act: raise `max-wait`. No account was made.",
    ),
    "validate": replace(CLAIM, operation="validate", state="valid", destination=""),
    "gone": AccountPage(operation="claim", state="gone"),
    "ready": replace(CLAIM, word="eslh-cpsl-s7mk-2zmu"),
    "wrong-word": replace(CLAIM, operation="claim", word="eslh-cpsl-s7mk-2zmu", is_word_wrong=True),
    "blocked": BLOCKED,
    "started": replace(CLAIM, operation="claim", state="started", transfer_id="f902ac5b-eb42"),
    "unsure": replace(
        CLAIM,
        operation="claim",
        state="started",
        fault="Pulumi Cloud did not answer within 30 s",
        hint="No action needed: Pulumi Cloud is busy.",
    ),
    "done": replace(CLAIM, operation="claim", state="done", transfer_id="f902ac5b-eb42"),
    "failed": replace(
        CLAIM,
        operation="claim",
        state="failed",
        transfer_id="f902ac5b-eb42",
        moves=MOVES[:1],
        failures=(Item("stack", "shop/prod", "the stack is locked by an update"),),
    ),
    "status": AccountPage(
        operation="status",
        destination="acme",
        claims=(
            Progress("agent-3f9c1d", "done", 0, "f902ac5b-eb42"),
            Progress("agent-71aa02", "started", 3, "11c09d77-00aa"),
        ),
    ),
    "status-none": AccountPage(operation="status", destination="acme"),
}


def render(page: AccountPage, *, notices: Sequence[str] = (), **more: Any) -> AccountRenderer:
    """The renderer of a page, of one run at one time."""
    return AccountRenderer(
        page,
        run=more.get("run", RUN),
        made_at=MADE_AT,
        notices=notices,
        redactor=more.get("redactor") or Redactor(()),
    )
