"""The explanation in a report: an AI's, which is marked as such, or that of the offline rules.

The rules are Upshot's own, but names from the evidence stand in their texts, so these are made
harmless like all foreign Markdown. Only the documentation that a rule names may be on any host.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final, assert_never
from urllib.parse import urlsplit

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    Diagnosis,
    NoAnswer,
    Program,
    Reply,
    TaskState,
    Todo,
)
from upshot.registry import BACKENDS
from upshot.report.markdown.defang import defang_blocks, defang_markdown
from upshot.report.markdown.effort import Effort
from upshot.report.markdown.escape import code_span, escape_inline, fence, paste
from upshot.report.markdown.fit import Room, cut_markdown, fit_rows, quoted
from upshot.report.markdown.links import allowed_url, shown_url
from upshot.report.markdown.quote import FOLD, FOLD_END
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.rows import plain
from upshot.report.words import TASKS, lines_to_answer

_TODO: Final = {"completed": "✔", "in_progress": "▸"}
_MOST: Final = 30
_MOST_REQUESTS: Final = 10
_MOST_STEPS: Final = 12
_MOST_TIES: Final = 5
_LONGEST_PROGRAM: Final = 12_000
_LONGEST_STEP: Final = 2_000
_LONGEST_EXPLANATION: Final = 4_000
_LONGEST_OPEN: Final = 3_000
"""Characters of a text that are seen before the rest is folded."""

_HOW: Final = {
    "approval": "approve it there, or reject it and say what to do instead",
    "plan": "approve the plan there, or say what to change in it",
    "question": "reply to the question there",
}
_KINDS: Final = {
    "approval": "Pulumi Neo asks for an approval",
    "plan": "Pulumi Neo asks to go ahead with its plan",
    "question": "Pulumi Neo asks",
}


class Prose:
    """Makes Markdown by a model harmless, each text once, however many pages it is fitted into."""

    def __init__(
        self,
        allowed_hosts: frozenset[str],
        redact: Callable[[str], str],
        effort: Effort | None = None,
    ) -> None:
        """`effort` is shared by the reports of one page."""
        self.allowed_hosts = allowed_hosts
        self._redact = redact
        self._effort = effort or Effort()
        self._known: dict[str, list[str]] = {}

    def blocks(self, text: str) -> list[str]:
        """The text defanged, one string for each top-level block."""
        if text not in self._known:
            self._known[text] = defang_blocks(
                text,
                allowed_hosts=self.allowed_hosts,
                redact=self._redact,
                effort=self._effort,
            )
        return self._known[text]


class ReplyView:
    """The values of a reply for the templates, fitted into one room."""

    def __init__(self, prose: Prose, room: Room) -> None:
        self._prose = prose
        self._room = room
        self.omitted = 0
        """Blocks that did not fit."""

    def quote(self, text: str) -> str:
        """A model's Markdown as a block quote: as many whole blocks as fit.

        A long text is folded after its first blocks, so that a reader finds what stands below it.
        """
        room = self._room
        if not text:
            return ""
        if min(room.left) <= 0:
            room.was_short = True
            return ""
        blocks = self._prose.blocks(text)
        rows = fit_rows(blocks, lambda block: quoted(f"{block}\n"), room)
        self.omitted += rows.omitted
        if rows.omitted and not rows.kept:  # one block is larger than the room: its first lines
            kept = cut_markdown(quoted(blocks[0]), room.left)
            return kept if room.take(kept) else ""
        parts = [*rows.kept, "> …"] if rows.omitted else [*rows.kept]
        ends = list(itertools.accumulate(len(part) for part in parts))
        shown = max(1, sum(end <= _LONGEST_OPEN for end in ends))
        first, rest = _unquoted_end(parts[:shown]), _unquoted_end(parts[shown:])
        return f"{first}\n\n{FOLD}\n\n{rest}\n\n{FOLD_END}" if rest else first

    def parts(self, reply: Reply) -> dict[str, object]:
        """`answer`, `task` and `no_answer`, of which two are empty."""
        parts: dict[str, object] = {"answer": None, "task": None, "no_answer": ""}
        match reply:
            case Answer():
                parts["answer"] = self._answer(reply)
            case TaskState():
                parts["task"] = self._task(reply)
            case NoAnswer():
                parts["no_answer"] = _no_answer(reply)
            case _:
                assert_never(reply)
        return parts

    def _answer(self, answer: Answer) -> dict[str, object]:
        return {
            "by": BACKENDS[answer.backend].title,
            "is_model": answer.backend != BackendName.LOCAL,
            "prose": self.quote(answer.text),
            "programs": [self._program(program) for program in answer.programs[:5]],
            "notes": [escape_inline(note) for note in answer.notes],
        }

    def _program(self, program: Program) -> dict[str, str]:
        block = fence(clip_block(program.code, _LONGEST_PROGRAM), _language(program.language))
        if not self._room.take(block):
            self.omitted += 1
            block = ""
        return {
            "language": escape_inline(clip_line(program.language, 30)) or "no language named",
            "plan": self.quote(program.instructions),
            "code": block,
        }

    def _task(self, state: TaskState) -> dict[str, object]:
        url = allowed_url(state.task_url, self._prose.allowed_hosts)
        return {
            "id": code_span(state.task_id),
            "status": TASKS[state.status],
            "url": url,
            "is_waiting": state.status.is_waiting,
            "why": escape_inline(clip_line(state.why, 300)),
            "requests": [self._request(one) for one in state.requests[:_MOST_REQUESTS]],
            "more_requests": max(0, len(state.requests) - _MOST_REQUESTS),
            "prose": self.quote(state.text),
            "todos": [_todo(todo) for todo in state.todos[:_MOST]],
            "done": sum(todo.status == "completed" for todo in state.todos),
            "tools": [
                f"{code_span(clip_line(name, 60))} x{calls:,}"
                for name, calls in sorted(state.tools.items(), key=lambda item: -item[1])[:_MOST]
            ],
            "pull_requests": [_pull_request(address) for address in state.pull_requests[:_MOST]],
            "tokens": "" if state.tokens_used is None else f"{state.tokens_used:,}",
            "notes": [escape_inline(note) for note in state.notes],
        }

    def _request(self, request: ApprovalRequest) -> dict[str, object]:
        sensitivity = escape_inline(clip_line(request.sensitivity, 40))
        tool = code_span(clip_line(request.tool_name, 80))
        diffs = []
        for name, patch in list(request.diff.items())[:_MOST]:
            block = fence(clip_block(patch, _LONGEST_PROGRAM), "diff")
            if self._room.take(block):
                diffs.append({"file": code_span(clip_line(name, 200)), "patch": block})
            else:
                self.omitted += 1
        return {
            "id": code_span(clip_line(request.id, 100)),
            "label": _KINDS.get(request.kind, _KINDS["approval"]),
            "message": self.quote(request.message),
            "how": _HOW.get(request.kind, _HOW["approval"]),
            "lines": [paste(line) for line in lines_to_answer(request)],
            "choices": [code_span(clip_line(choice, 60)) for choice in request.choices[:5]],
            "details": " · ".join(
                part
                for part in (
                    f"sensitivity: {sensitivity}" if sensitivity else "",
                    f"tool: {tool}" if tool else "",
                )
                if part
            ),
            "plan": self.quote(request.plan),
            "diffs": diffs,
        }


def _no_answer(reply: NoAnswer) -> str:
    """One line: which AI did not answer, and why; empty when none was asked."""
    if not reply.why:
        return ""
    why = clip_line(reply.why, 300)
    stop = "" if why.endswith((".", "!", "?", "…")) else "."
    hint = f" {escape_inline(clip_line(reply.hint, 300))}" if reply.hint else ""
    who = BACKENDS[reply.backend].title
    return f"{who} did not answer: {escape_inline(why)}{stop}{hint}"


def _unquoted_end(parts: list[str]) -> str:
    """Quoted blocks as one quote, without the empty line at its end."""
    return "\n".join(parts).removesuffix("\n>")


def _language(name: str) -> str:
    """A fence's info string: a language that GitHub colours; empty for one that it draws."""
    word = name.strip().lower()
    return word if word.isascii() and word.isalpha() and word not in {"mermaid", "math"} else ""


def _todo(todo: Todo) -> str:
    mark = _TODO.get(todo.status, "○")
    return f"- {mark} {escape_inline(clip_line(todo.text, 200))}"


def _pull_request(address: str) -> str:
    """`owner/repo#12` as code: a link would leave a cross reference in that pull request."""
    parts = shown_url(address).split("/")
    if len(parts) >= 5 and parts[3] == "pull":  # noqa: PLR2004 - host, owner, repo, pull, number
        return code_span(f"{parts[1]}/{parts[2]}#{parts[4]}")
    return code_span(shown_url(address) or clip_line(address, 200))


class Advice:
    """The values of a diagnosis for the templates."""

    def __init__(self, diagnosis: Diagnosis, allowed_hosts: frozenset[str]) -> None:
        host = urlsplit(diagnosis.documentation_url).netloc.lower()
        self._diagnosis = diagnosis
        self._hosts = allowed_hosts | ({host} if host else set())

    def explanation(self) -> dict[str, str] | None:
        """Title, class and prose; None when the rules have no explanation."""
        found = self._diagnosis
        if not (found.explanation or found.title):
            return None
        text = clip_block(found.explanation, _LONGEST_EXPLANATION)
        return {
            "title": plain(found.title, 120) or "what the offline rules found",
            "slug": code_span(found.failure_class),
            "prose": defang_markdown(text, allowed_hosts=self._hosts),
            "ties": ", ".join(code_span(tie) for tie in found.ties[:_MOST_TIES]),
        }

    def steps(self) -> dict[str, Any]:
        """The next steps as a numbered list, the first of them also as one line, and a link."""
        blocks = [
            defang_blocks(clip_block(step, _LONGEST_STEP), allowed_hosts=self._hosts)
            for step in self._diagnosis.next_steps[:_MOST_STEPS]
        ]
        first = blocks[0][0] if blocks and blocks[0] else ""
        return {
            "rows": [list_item(number, step) for number, step in enumerate(blocks, start=1)],
            "first": "" if "\n" in first else first,
            "documentation": allowed_url(self._diagnosis.documentation_url, self._hosts),
            "retry": self._diagnosis.retry,
        }


def list_item(number: int, blocks: list[str]) -> str:
    """An item of a numbered list; its further lines are indented, so that they are part of it."""
    mark = f"{number}. "
    lines = "\n\n".join(blocks).split("\n")
    return mark + "\n".join(
        line if at == 0 or not line else " " * len(mark) + line for at, line in enumerate(lines)
    )
