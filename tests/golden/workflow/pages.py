"""Pages about a workflow, one for each end, and how they are rendered in tests."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.model import Run
from upshot.report.redact.redact import Redactor
from upshot.report.workflow.page import (
    Arrow,
    ChangeRow,
    Node,
    Picture,
    Problem,
    ToolRow,
    WorkflowPage,
)
from upshot.report.workflow.render import WorkflowRenderer

RUN: Final = Run(
    repository="acme/support",
    server_url="https://github.com",
    run_id="19283746501",
    sha="4f1c2d9b7a3e5f60718293a4b5c6d7e8f9012345",
)
PICTURE: Final = Picture(
    nodes=(
        Node("i", "Input", "starter"),
        Node("a", "Answer", "agent", "~"),
        Node("c", "Check", "agent", "+"),
        Node("r", "Reply", "response"),
    ),
    arrows=(
        Arrow("i", "a"),
        Arrow("a", "c", "", "+"),
        Arrow("c", "r", "", "+"),
        Arrow("a", "r", "", "-"),
    ),
)
CHANGED: Final = WorkflowPage(
    state="not-asked",
    name="Support",
    workflow_id="3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11",
    version=3,
    session_id="832030e9-a64b-5b70-902d-41154abffb1d",
    question="Check each answer before it is sent.",
    answer="I added a **check** of the answer before it is sent.",
    changes=(
        ChangeRow("+", "Check", "agent"),
        ChangeRow("+", "Check", "agent", "model", "", "gpt-5.2"),
        ChangeRow("+", "Check", "agent", "system_prompt", "", "Is it right?"),
        ChangeRow(
            "~", "Answer", "agent", "system_prompt", "Answer politely.", "Name your sources."
        ),
        ChangeRow("+", "Answer → Check", "edge"),
        ChangeRow("-", "Answer → Reply", "edge"),
    ),
    counts={"blocks-added": 1, "blocks-updated": 1, "edges-added": 1, "edges-removed": 1},
    picture=PICTURE,
    tools=(ToolRow("modify_workflow"),),
)
PAGES: Final = {
    "not-asked": CHANGED,
    "no-change": WorkflowPage(
        state="no-change", name="Support", version=3, answer="It answers questions by mail."
    ),
    "waiting": replace(
        CHANGED,
        state="waiting",
        apply="server",
        is_deployed=True,
        command="/upshot approve abcd-efgh-ijkl-mnop",
        approvals=("maria-lopez",),
    ),
    "applied-file": replace(CHANGED, state="applied", apply="file", file="workflows/support.json"),
    "applied-server": replace(
        CHANGED, state="applied", apply="server", message="the graph is on the server"
    ),
    "undone": replace(
        CHANGED, state="applied", apply="server", is_undo=True, question="", answer="", tools=()
    ),
    "refused": WorkflowPage(
        state="refused",
        name="Support",
        version=3,
        answer="Done.",
        message="the proposed change cannot be used: an edge to add names no block 'Nowhere'",
        hint="The person who asked must act: ask again and name the block and the mistake.",
        problems=(
            Problem(
                "an edge to add names no block 'Nowhere'",
                "The person who asked must act: ask again and name the block and the mistake.",
                is_error=True,
            ),
            Problem(
                "the workflow has two triggers", "The approver must act: look.", is_error=False
            ),
        ),
    ),
    "stale": replace(
        CHANGED,
        state="stale",
        apply="server",
        message="the workflow on the server was changed meanwhile",
        hint="The person who asked must act: ask again.",
    ),
    "drift": replace(
        CHANGED, state="stale", is_drift=True, file="workflows/support.json", answer="", tools=()
    ),
    "dangerous": WorkflowPage(
        state="no-change",
        name="Support",
        version=3,
        answer="I removed the old orders.",
        tools=(
            ToolRow("execute_public_sql", '{"sql": "DELETE FROM orders"}', is_dangerous=True),
            ToolRow("get_schema"),
        ),
        is_log_whole=False,
    ),
    "no-answer": WorkflowPage(
        state="no-change",
        name="Support",
        version=3,
        fault="the Copilot failed in the middle of its turn",
        hint="No action needed: Powabase has a fault of its own, the next run asks again.",
    ),
}


def render(
    page: WorkflowPage, *, redactor: Redactor | None = None, notices: tuple[str, ...] = ()
) -> WorkflowRenderer:
    found = redactor or Redactor(())
    return WorkflowRenderer(page, run=RUN, made_at=1_790_000_000.0, notices=notices, redactor=found)
