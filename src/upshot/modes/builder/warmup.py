"""A dummy page about a workflow, rendered while the Copilot answers: it loads what the report needs."""

from __future__ import annotations

from upshot.model import Run


def warm_up() -> None:
    """Renders a page with one of each part; loads the reading of diffs and what publishes."""
    import upshot.modes.builder.publish
    import upshot.publish.outputs  # noqa: F401 - loaded here, used later
    from upshot.registry import PUBLISHERS, load
    from upshot.report.redact.redact import Redactor
    from upshot.report.workflow.page import ChangeRow, Node, Picture, ToolRow, WorkflowPage
    from upshot.report.workflow.render import WorkflowRenderer

    for name in ("summary", "comment"):
        load(PUBLISHERS[name].publish)
    page = WorkflowPage(
        state="not-asked",
        name="Name",
        answer="One *word* of **each** kind, `code`, a [link](https://example.com), @person\n\n1. one\n\n> two",
        changes=(ChangeRow("+", "Block", "agent", "model", "", "a"),),
        picture=Picture((Node("a", "Block", "agent", "+"),)),
        tools=(ToolRow("get_block_info"),),
    )
    run = Run("acme/shop", "https://github.com", "1", sha="0" * 40)
    renderer = WorkflowRenderer(page, run=run, made_at=1.0, notices=(), redactor=Redactor(()))
    renderer.comment()
    renderer.summary()
