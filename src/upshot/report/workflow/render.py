"""The report about a workflow, rendered for the comment and the job summary."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from upshot.model import Run
from upshot.report.content import map_texts
from upshot.report.explanation import Prose, ReplyView
from upshot.report.markdown.escape import code_span, fence, paste
from upshot.report.markdown.fit import (
    COMMENT,
    SUMMARY,
    Room,
    Size,
    cut_markdown,
    fit_rows,
    less,
    tidy,
)
from upshot.report.markdown.text import clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, render_run_footer
from upshot.report.rows import plain
from upshot.report.templating.sandbox import render_template
from upshot.report.view import lines
from upshot.report.words import number
from upshot.report.workflow.page import ChangeRow, Problem, ToolRow, WorkflowPage
from upshot.report.workflow.picture import draw
from upshot.report.workflow.words import count_changes, find_words

_SLACK: Final = 2_500
_LONGEST_VALUE: Final = 160
_LONGEST_NAME: Final = 100
_LONGEST_FAULT: Final = 2_000
_LONGEST_ARGUMENTS: Final = 300
_LONGEST_QUESTION: Final = 1_000
_SMALL_PICTURE: Final = 12
"""Blocks up to which the picture is unfolded."""
_SIGNS: Final = {"+": "🟢", "-": "🔴", "~": "🟡"}


class WorkflowRenderer:
    """Renders one page, redacted, within the limits of each place."""

    def __init__(
        self,
        page: WorkflowPage,
        *,
        run: Run,
        made_at: float,
        notices: Sequence[str],
        redactor: Redactor,
    ) -> None:
        """`made_at`: seconds since the Unix epoch."""
        self._page = map_texts(page, redactor.redact)
        self._notices = lines([redactor.redact(notice) for notice in notices])
        self._redactor = redactor
        self._sha = run.sha
        self._footer = render_run_footer(run, made_at)
        self._prose = Prose(frozenset(), redactor.redact)

    def comment(self) -> Rendered:
        """For a comment on a pull request; leaves room for the marker that the publisher adds."""
        return self._page_for(COMMENT)

    def summary(self) -> Rendered:
        return self._page_for(SUMMARY)

    def _page_for(self, limit: Size) -> Rendered:
        fixed = self._footer + "\n".join(self._notices)
        room = Room(less(limit, fixed, _SLACK))
        values, omitted = self._values(room)
        body = self._redactor.redact(tidy(render_template("workflow.md.j2", values)))
        text = cut_markdown(body, less(limit, self._footer, 2))
        digest = sha256(f"{self._sha}\n{text}".encode()).hexdigest()
        is_cut = omitted > 0 or not text.startswith(body)
        return Rendered(f"{text}\n\n{self._footer}\n", is_cut, digest)

    def _values(self, room: Room) -> tuple[dict[str, Any], int]:
        page, words = self._page, find_words(self._page)
        names = {
            "name": code_span(clip_line(page.name or page.workflow_id, _LONGEST_NAME)),
            "file": code_span(clip_line(page.file or "workflow-file", 200)),
        }
        picture = draw(page.picture) if page.changes else ""
        picture = picture if room.take(picture) else ""
        problems = fit_rows(page.problems, _problem_row, room)
        part = room.part(1, 2)
        changes = fit_rows(_grouped(page.changes), _change_row, part.room)
        part.settle()
        part = room.part(1, 3)
        tools = fit_rows(page.tools, _tool_row, part.room)
        part.settle()
        reply = ReplyView(self._prose, room)
        answer = reply.quote(page.answer)
        more = changes.omitted + page.more_changes
        omitted = problems.omitted + more + tools.omitted + reply.omitted
        said = "\n".join(filter(None, (page.fault or page.message, page.hint)))
        people = ", ".join(code_span(login) for login in page.approvals[:20])
        dangerous = [one.name for one in page.tools if one.is_dangerous]
        values = {
            "icon": words.icon,
            "title": words.title.format(**names),
            "lead": words.lead.format(**names),
            "version": f"{page.version}" if page.version else "",
            "is_deployed": page.is_deployed,
            "dangerous": ", ".join(code_span(name) for name in dict.fromkeys(dangerous)),
            "is_log_whole": page.is_log_whole,
            "said": fence(said[:_LONGEST_FAULT]) if said and page.state != "applied" else "",
            "command": paste(page.command) if page.command else "",
            "approvals": f" Approved so far by {people}." if people else "",
            "question": plain(page.question, _LONGEST_QUESTION),
            "answer": answer,
            "changes": changes.kept,
            "changes_label": count_changes(page.counts)
            or number(len(page.changes) + page.more_changes, "change"),
            "changes_omitted": f"{more:,}" if more else "",
            "picture": picture,
            "is_small": len(page.picture.nodes) <= _SMALL_PICTURE,
            "problems": problems.kept,
            "tools": tools.kept,
            "tools_label": number(len(page.tools) + page.more_tools, "tool call"),
            "tools_omitted": f"{tools.omitted + page.more_tools:,}"
            if tools.omitted + page.more_tools
            else "",
            "session": code_span(clip_line(page.session_id, 100)),
            "notices": self._notices,
        }
        return values, omitted


def _grouped(rows: Sequence[ChangeRow]) -> tuple[tuple[ChangeRow, bool], ...]:
    """Each row, and whether it goes on with the block of the one before.

    A block that is named alone and then with its properties is named with the first of them.
    """
    found: list[tuple[ChangeRow, bool]] = []
    for row in rows:
        before = found[-1][0] if found else None
        is_same = before is not None and _subject(before) == _subject(row)
        if is_same and before is not None and not before.property and row.property:
            found[-1] = (row, found[-1][1])
        else:
            found.append((row, is_same and bool(row.property)))
    return tuple(found)


def _subject(row: ChangeRow) -> tuple[str, str, str]:
    return row.sign, row.what, row.kind


def _change_row(item: tuple[ChangeRow, bool]) -> str:
    row, goes_on = item
    what = code_span(clip_line(row.what, _LONGEST_NAME), in_table=True)
    kind = code_span(clip_line(row.kind, 40), in_table=True)
    named = "|  |  |" if goes_on else f"| {_SIGNS.get(row.sign, '')} {what} | {kind} |"
    prop = code_span(clip_line(row.property, _LONGEST_NAME), in_table=True) if row.property else ""
    return f"{named} {prop} | {_value(row.before)} | {_value(row.after)} |"


def _value(text: str) -> str:
    return code_span(clip_line(text, _LONGEST_VALUE), in_table=True) if text else ""


def _problem_row(problem: Problem) -> str:
    mark = "❌" if problem.is_error else "⚠️"
    return f"- {mark} {plain(problem.message, 400)}. {plain(problem.remedy, 300)}"


def _tool_row(tool: ToolRow) -> str:
    mark = "🚨 " if tool.is_dangerous else ""
    arguments = code_span(clip_line(tool.arguments, _LONGEST_ARGUMENTS))
    return (
        f"1. {mark}{code_span(clip_line(tool.name, 60))}{f' {arguments}' if tool.arguments else ''}"
    )
