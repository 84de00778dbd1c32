"""The context of the templates: what is shown, in which room, as safe Markdown.

Rooms are given in the order of what a reader can least do without: the cause and the footer are
always there, then failed resources, explanation, policy, what followed, changes, warnings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from upshot.model import (
    Answer,
    Failure,
    NoAnswer,
    PolicyViolation,
    ResourceChange,
    RiskLevel,
    TaskState,
    VerdictStatus,
)
from upshot.report.content import Report
from upshot.report.defang import defang_blocks, defang_markdown
from upshot.report.escape import code_span, escape_inline, fence
from upshot.report.fit import Room, Size, fit_rows, fit_rows_shrinking, quoted
from upshot.report.links import allowed_url
from upshot.report.picture import draw_failures
from upshot.report.redact import Redactor
from upshot.report.reply import ReplyView
from upshot.report.rows import (
    FailureRow,
    change_row,
    codes,
    failure_phrase,
    failure_subject,
    location,
    pending_row,
    plain,
    policy_row,
    warning_row,
)
from upshot.report.text import clip_block, wrap_block
from upshot.report.words import (
    OPERATIONS,
    counted,
    destroys,
    duration,
    headline,
    is_preview,
    kind_word,
    number,
)

T = TypeVar("T")

_LONGEST_ERROR: Final = 2_400
_ERROR_WIDTH: Final = 110
_MOST_STEPS: Final = 12
_FEW: Final = 5
_OPEN_PICTURE: Final = 7
"""A larger picture is folded: it would push everything else off the screen."""

_OUR_HOSTS: Final = frozenset({"www.pulumi.com", "pulumi.com", "app.pulumi.com", "docs.github.com"})


class View:
    """Makes the context once; `omitted` then tells what did not fit, by kind."""

    def __init__(self, report: Report, redactor: Redactor) -> None:
        self._report = report
        self._redactor = redactor
        self.omitted: dict[str, int] = {}
        hosts = {urlsplit(url).netloc.lower() for url in (_console(report), report.run.server_url)}
        self._hosts = frozenset(_OUR_HOSTS | (hosts - {""}))

    def context(self, room: Room) -> dict[str, Any]:
        """Everything a template may use; rows and prose within the room."""
        report, facts = self._report, self._report.facts
        icon, phrase = headline(report)
        context: dict[str, Any] = {
            "icon": icon,
            "phrase": phrase,
            "kind": kind_word(report).lower(),
            "status": report.verdict.status.value,
            "is_preview": is_preview(report),
            "is_running": facts.is_running,
            "is_calm": report.verdict.status is VerdictStatus.NO_CHANGES
            and not report.was_answered,
            "stack": self._stack(),
            "counts": self._counts(),
            "links": self._links(),
            "cause": self._cause(),
            "steps": self._steps(),
            "attention": self._attention(),
            "risk": self._risk(),
            "notices": [plain(notice, 500) for notice in report.notices[:20]],
            "looked_at": [plain(place, 200) for place in report.looked_at[:20]],
            "protected": [code_span(urn) for urn in facts.protected[:_FEW]],
        }
        context |= self._failures(room)
        context |= self._reply(room)
        context |= {
            "policy": self._policy(room),
            "changes": self._changes(room),
            "pending": self._list(
                "pending operations", facts.pending_operations, pending_row, room
            ),
            "warnings": self._list("warnings", facts.warnings, warning_row, room),
        }
        return context

    def _stack(self) -> str:
        """The stack's name, linked to the update where its address is known."""
        subject = self._report.subject
        stack = subject.stack if subject else self._report.facts.stack
        if stack is None:
            return ""
        name = escape_inline(str(stack))
        if subject is not None and subject.version is not None:
            name = f"{name} \\#{subject.version}"
        url = update_url(self._report)
        return f"[{name}]({url})" if url else name

    def _counts(self) -> list[str]:
        report, facts = self._report, self._report.facts
        counts = []
        failed = len(facts.failed_resources) + facts.failures_omitted
        if failed:
            counts.append(f"**{failed:,} failed**")
        known = facts.counts or {}
        order = [*OPERATIONS, *(op for op in known if op not in OPERATIONS)]
        counts += [
            escape_inline(counted(op, known[op], planned=is_preview(report)))
            for op in order
            if known.get(op)
        ]
        if facts.duration_s is not None:
            counts.append(f"took {duration(facts.duration_s)}")
        if facts.is_incomplete:
            counts.append("the log was incomplete")
        return counts

    def _links(self) -> list[str]:
        report = self._report
        links = []
        if url := update_url(report):
            links.append(f"[{kind_word(report)} in Pulumi Cloud]({url})")
        if report.run.url:
            links.append(f"[Workflow run]({report.run.url})")
        if commit := commit_link(report):
            links.append(f"Commit {commit}")
        return links

    def _cause(self) -> dict[str, Any] | None:
        failure = self._report.facts.root_cause
        if failure is None:
            return None
        message = clip_block(failure.message.strip() or failure.headline, _LONGEST_ERROR)
        subject = failure_subject(failure)
        return {
            "subject": subject,
            "phrase": failure_phrase(failure) if failure.is_resource else f"{subject} failed",
            "error": fence(wrap_block(message, _ERROR_WIDTH)),
            "error_lines": fence(wrap_block(message, _ERROR_WIDTH)).split("\n"),
            "codes": codes(failure),
            "place": location(failure, self._report.run),
        }

    def _failures(self, room: Room) -> dict[str, Any]:
        facts = self._report.facts
        causes = [failure for failure in facts.failures if not failure.is_cascade]
        followed = [failure for failure in facts.failures if failure.is_cascade]
        row = FailureRow(self._report.run)
        forms: list[Callable[[Failure], str]] = [row.long, row.short, row.bare]
        share, start = _share(room, 3, 4)
        failed = fit_rows_shrinking(causes, forms, share) if _needs_table(causes) else None
        cascades = fit_rows_shrinking(followed, forms[1:], share)
        room.spend(share, start)
        left = facts.failures_omitted + cascades.omitted + (failed.omitted if failed else 0)
        self._left_out("failed resources", left)
        picture = draw_failures(facts.failures) if followed else ""
        return {
            "failed": {"rows": failed.kept, "omitted": failed.omitted + facts.failures_omitted}
            if failed
            else None,
            "cascades": {
                "rows": cascades.kept,
                "omitted": cascades.omitted,
                "label": number(len(followed), "resource"),
            }
            if followed
            else None,
            "picture": picture if room.take(picture) else "",
            "is_picture_small": len(facts.failures) <= _OPEN_PICTURE,
        }

    def _reply(self, room: Room) -> dict[str, Any]:
        reply = self._report.reply
        share, start = _share(room, 1, 2)
        view = ReplyView(self._hosts, self._redactor)
        context: dict[str, Any] = {"answer": None, "task": None, "no_answer": ""}
        if isinstance(reply, Answer):
            context["answer"] = view.answer(reply, share)
        elif isinstance(reply, TaskState):
            context["task"] = view.task(reply, share)
        elif isinstance(reply, NoAnswer):
            context["no_answer"] = view.no_answer(reply)
        context["offline"] = self._offline(share) if context["answer"] is None else None
        room.spend(share, start)
        self._left_out("parts of the explanation", view.omitted)
        return context

    def _offline(self, room: Room) -> dict[str, str] | None:
        """What the rules of the catalogue say."""
        diagnosis = self._report.diagnosis
        if not (diagnosis.explanation or diagnosis.title):
            return None
        prose = defang_markdown(diagnosis.explanation, allowed_hosts=self._step_hosts())
        return {
            "title": plain(diagnosis.title, 120),
            "slug": code_span(diagnosis.failure_class),
            "prose": prose if room.take(prose) else "",
            "ties": ", ".join(code_span(tie) for tie in diagnosis.ties[:_FEW]),
        }

    def _step_hosts(self) -> frozenset[str]:
        """The catalogue is ours, so its own addresses may be linked wherever they point."""
        host = urlsplit(self._report.diagnosis.documentation_url).netloc.lower()
        return self._hosts | ({host} if host else set())

    def _steps(self) -> dict[str, Any]:
        diagnosis, hosts = self._report.diagnosis, self._step_hosts()
        steps = []
        for number_, step in enumerate(diagnosis.next_steps[:_MOST_STEPS], start=1):
            blocks = defang_blocks(clip_block(step, 2_000), allowed_hosts=hosts)
            indent = "\n" + " " * (len(str(number_)) + 2)
            steps.append(f"{number_}. " + "\n\n".join(blocks).replace("\n", indent))
        first = defang_blocks(diagnosis.next_steps[0], allowed_hosts=hosts) if steps else []
        return {
            "rows": steps,
            "first": first[0] if first and "\n" not in first[0] else "",
            "documentation": allowed_url(diagnosis.documentation_url, hosts),
            "retry": diagnosis.retry,
        }

    def _attention(self) -> list[str]:
        """Resources that hold data and would be, or were, replaced or deleted."""
        lost = [c for c in self._report.facts.changes if c.stateful and destroys(c.operation)]
        return [
            f"{code_span(change.name or change.urn)} ({code_span(change.type)})"
            f" {'would be' if is_preview(self._report) else 'was to be'}"
            f" {'deleted' if change.operation.startswith('delete') else 'replaced'}"
            for change in lost[:_FEW]
        ] + ([f"{len(lost) - _FEW:,} more"] if len(lost) > _FEW else [])

    def _risk(self) -> dict[str, Any]:
        verdict = self._report.verdict
        shown = verdict.risk_level not in {RiskLevel.NONE, RiskLevel.LOW}
        return {
            "level": verdict.risk_level.value if shown else "",
            "reasons": [plain(reason, 200) for reason in verdict.risk_reasons[:_FEW]],
            "breaches": [plain(breach, 300) for breach in verdict.breaches[:20]],
        }

    def _policy(self, room: Room) -> dict[str, Any] | None:
        violations = self._report.facts.policy_violations
        first = sorted(violations, key=lambda v: v.enforcement != "mandatory")
        section = self._section("policy violations", first, policy_row, room)
        if section is not None:
            section["is_mandatory"] = any(_is_mandatory(v) for v in violations)
        return section

    def _changes(self, room: Room) -> dict[str, Any] | None:
        facts = self._report.facts
        changed = [change for change in facts.changes if change.operation not in {"same", "read"}]
        first = sorted(changed, key=lambda c: (not destroys(c.operation), not c.stateful))
        section = self._section("changes", first, change_row, room, more=facts.changes_omitted)
        if section is not None:
            section["label"] = number(len(changed) + facts.changes_omitted, "change")
            section["is_planned"] = is_preview(self._report)
        return section

    def _list(
        self, name: str, items: Sequence[T], write: Callable[[T], str], room: Room
    ) -> dict[str, Any] | None:
        return self._section(name, items, write, room)

    def _section(
        self, name: str, items: Sequence[T], write: Callable[[T], str], room: Room, more: int = 0
    ) -> dict[str, Any] | None:
        if not items:
            return None
        rows = fit_rows(items, write, room)
        self._left_out(name, rows.omitted + more)
        return {
            "rows": rows.kept,
            "omitted": rows.omitted + more,
            "label": number(len(items) + more, name.removesuffix("s")),
        }

    def _left_out(self, name: str, count: int) -> None:
        if count:
            self.omitted[name] = self.omitted.get(name, 0) + count


def _needs_table(causes: Sequence[Failure]) -> bool:
    """One failure alone stands in the alert already."""
    return len(causes) > 1


def _is_mandatory(violation: PolicyViolation) -> bool:
    return violation.enforcement == "mandatory"


def _share(room: Room, numerator: int, denominator: int) -> tuple[Room, Size]:
    share = room.part(numerator, denominator)
    return share, share.left


def _console(report: Report) -> str:
    return report.subject.console if report.subject else ""


def update_url(report: Report) -> str:
    """The update's or preview's page in the console; empty when the console is unknown."""
    subject = report.subject
    if subject is None or not subject.console:
        return ""
    stack = subject.stack
    path = "/".join(
        quote(part, safe="") for part in (stack.organization, stack.project, stack.stack)
    )
    if subject.is_preview and subject.update_id:
        return f"{subject.console}/{path}/previews/{quote(subject.update_id, safe='')}"
    if subject.version is not None:
        return f"{subject.console}/{path}/updates/{subject.version}"
    return f"{subject.console}/{path}"


def commit_link(report: Report) -> str:
    """The short commit in code, linked where the repository is known."""
    run = report.run
    if not run.sha:
        return ""
    shown = code_span(run.sha[:7])
    if not (run.server_url and run.repository):
        return shown
    return f"[{shown}]({run.server_url}/{run.repository}/commit/{run.sha})"
