"""The end of a run about a workflow: files, report, outputs, exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from upshot.inputs.choices import CommentMode
from upshot.inputs.powabase import PowabaseInputs
from upshot.job import Job
from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.page_end import PageEnd, publish_pages
from upshot.modes.shared.report import run_of
from upshot.powabase.change import Change
from upshot.powabase.graph import Block, Edge, Graph, to_wire
from upshot.powabase.names import display_names
from upshot.powabase.secrets.hide import hide_new_secrets
from upshot.powabase.wire.events import ToolCalled
from upshot.powabase.workflow_file import write_workflow
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
from upshot.result.outputs import clip
from upshot.result.run_result import RunResult
from upshot.runner.scratch import write_scratch

_MODIFY: Final = "modify_workflow"
_LONGEST_VALUE: Final = 400
_MOST_ROWS: Final = 2_000
"""Of the table of changes; more are counted. The files have all of them."""
_LONGEST_ARGUMENTS: Final = 2_000


def publish_outcome(
    job: Job, own: PowabaseInputs, outcome: Outcome, lookup: PullRequestLookup
) -> RunResult:
    """Writes the summary, the comment and the files; the run's result."""
    context = lookup.result()
    has_comment = job.inputs.publish.comment_mode is not CommentMode.OFF
    page = build_page(job, own, outcome)
    renderer = WorkflowRenderer(
        page,
        run=run_of(job, context),
        made_at=job.clock.now(),
        notices=job.warnings.notices,
        redactor=job.redactor,
    )
    end = PageEnd(
        exit_code=outcome.exit_code,
        reason=outcome.reason,
        outputs=_outputs(job, outcome),
        answer=clip(job.redactor.redact(page.answer)),
        conversation=outcome.session_id,
        is_waiting=outcome.state is ApplyState.WAITING,
    )
    on_pull = renderer.comment() if has_comment else None
    return publish_pages(job, end, renderer.summary(), on_pull, context)


def build_page(job: Job, own: PowabaseInputs, outcome: Outcome) -> WorkflowPage:
    turn = outcome.turn
    state = outcome.state
    rows = list(_rows(outcome.change, _names(outcome.before, outcome.after)))
    is_waiting = state is ApplyState.WAITING and bool(outcome.request_id)
    return WorkflowPage(
        state=state,
        apply=own.apply,
        name=outcome.name,
        workflow_id=own.workflow_id,
        version=outcome.before.version,
        session_id=outcome.session_id,
        question="" if outcome.is_drift or outcome.is_undo else job.inputs.ask.prompt,
        answer=turn.answer if turn else "",
        changes=tuple(rows[:_MOST_ROWS]),
        more_changes=max(0, len(rows) - _MOST_ROWS),
        counts=outcome.change.counts,
        picture=_picture(outcome.before, outcome.after, outcome.change),
        problems=tuple(Problem(one.message, one.remedy, one.is_error) for one in outcome.findings),
        tools=tuple(
            ToolRow(one.name, _arguments(one), one.is_dangerous)
            for one in (turn.tool_calls if turn else ())
        ),
        more_tools=turn.more_tool_calls if turn else 0,
        is_log_whole=turn.is_log_whole if turn else True,
        command=f"/upshot approve {outcome.request_id}" if is_waiting else "",
        approvals=outcome.approved_by,
        message=outcome.message,
        file=job.workspace.relative_path(own.workflow_file) or "" if own.workflow_file else "",
        is_drift=outcome.is_drift,
        is_undo=outcome.is_undo,
        is_deployed=outcome.is_deployed,
        fault=outcome.fault,
        hint=outcome.hint,
    )


def _names(before: Graph, after: Graph | None) -> dict[str, str]:
    return display_names(before) | (display_names(after) if after else {})


def _rows(change: Change, names: dict[str, str]) -> Iterator[ChangeRow]:
    """Blocks that come, go and differ, property by property, then edges."""
    for block in change.added:
        yield ChangeRow("+", _shown(block.name or block.id), block.type)
        for field, value in sorted(block.config.items()):
            yield ChangeRow(
                "+", _shown(block.name or block.id), block.type, field, "", _shown(value)
            )
    for block in change.removed:
        yield ChangeRow("-", _shown(block.name or block.id), block.type)
    for one in change.updated:
        for prop in one.properties:
            yield ChangeRow(
                "~",
                _shown(one.after.name or one.after.id),
                one.after.type,
                prop.path.removeprefix("config."),
                _shown(prop.before) if prop.was_there else "",
                _shown(prop.after) if prop.is_there else "",
            )
    for sign, edges in (("+", change.edges_added), ("-", change.edges_removed)):
        for edge in edges:
            yield ChangeRow(sign, _edge(edge, names), "edge", edge.handle)


def _edge(edge: Edge, names: dict[str, str]) -> str:
    ends = (names.get(end, f"{end[:8]}…") for end in (edge.source, edge.target))
    return " → ".join(ends)


def _picture(before: Graph, after: Graph | None, change: Change) -> Picture:
    """Both graphs in one: what comes, what goes, and what stays."""
    if after is None or change.is_empty:
        return Picture()
    shown = _names(before, after)
    signs = {block.id: "+" for block in change.added}
    signs |= {block.id: "-" for block in change.removed}
    signs |= {one.after.id: "~" for one in change.updated}
    blocks: dict[str, Block] = before.by_id() | after.by_id()
    nodes = tuple(
        Node(block.id, shown.get(block.id, block.name), block.type, signs.get(block.id, " "))
        for block in blocks.values()
    )
    came = {edge.ends for edge in change.edges_added}
    arrows = [Arrow(*_ends(edge), "+" if edge.ends in came else " ") for edge in after.edges]
    arrows += [Arrow(*_ends(edge), "-") for edge in change.edges_removed]
    known = tuple(one for one in arrows if one.source in blocks and one.target in blocks)
    return Picture(nodes, known)


def _ends(edge: Edge) -> tuple[str, str, str]:
    return edge.source, edge.target, edge.handle


def _arguments(call: ToolCalled) -> str:
    """As JSON, shortened; not of the tool whose work is the table of changes."""
    if call.name == _MODIFY or not call.arguments:
        return ""
    return _shown(call.arguments)[:_LONGEST_ARGUMENTS]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _outputs(job: Job, outcome: Outcome) -> dict[str, str]:
    turn = outcome.turn
    counts = json.dumps(outcome.change.counts)
    return {
        "session-id": outcome.session_id,
        "message-id": turn.message_id if turn else "",
        "workflow-diff-file": _write_diff(job, outcome),
        "workflow-graph-file": _write_graph(job, outcome),
        "workflow-changes": counts,
        "apply-state": outcome.state.value,
        "approval-request-id": outcome.request_id,
        "ai-calls": str(outcome.chats),
    }


def _write_graph(job: Job, outcome: Outcome) -> str:
    """The graph after the change, as `workflow-file` has it; the server's own in a drift."""
    if outcome.after is None:
        return ""
    shown = hide_new_secrets(outcome.after, job.redactor.spans)
    return _write(job, "workflow.json", write_workflow(shown))


def _write_diff(job: Job, outcome: Outcome) -> str:
    """What differs, with the secrets hidden: blocks and edges as Powabase has them."""
    if outcome.change.is_empty:
        return ""
    change = outcome.change
    updated = [
        {
            "id": one.after.id,
            "name": one.after.name,
            "properties": [
                {
                    "path": prop.path,
                    **({"before": prop.before} if prop.was_there else {}),
                    **({"after": prop.after} if prop.is_there else {}),
                }
                for prop in one.properties
            ],
        }
        for one in change.updated
    ]
    record = {
        "version": list(change.version),
        "blocks-added": to_wire(Graph(change.added))["blocks"],
        "blocks-removed": to_wire(Graph(change.removed))["blocks"],
        "blocks-updated": updated,
        "edges-added": to_wire(Graph((), change.edges_added))["edges"],
        "edges-removed": to_wire(Graph((), change.edges_removed))["edges"],
    }
    text = json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return _write(job, "workflow-diff.json", job.redactor.redact(text))


def _write(job: Job, name: str, text: str) -> str:
    if not job.workspace.temp:
        return ""
    try:
        return write_scratch(job.workspace.temp, job.inputs.publish.comment_key, name, text)
    except OSError as fault:
        job.warnings.degraded(None, f"The file {name} was not written: {fault.strerror}")
        return ""
