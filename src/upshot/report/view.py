"""The values that templates use: everything that is shown, as safe Markdown.

The cause and the advice are always there. The rest is fitted into the room of a page, the most
important first: failed resources, explanation, policy, changes, pending operations, warnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from upshot.model import Meaning, ResourceChange, UpdateKind, VerdictStatus
from upshot.model.limits import MESSAGE_SHOWN
from upshot.report.claims import check_claims
from upshot.report.content import Report
from upshot.report.explanation import Advice, Prose, ReplyView
from upshot.report.failures.cause import state_cause
from upshot.report.markdown.effort import Effort
from upshot.report.markdown.escape import code_span, escape_inline, fence
from upshot.report.markdown.fit import Room, Size
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.rows import (
    broken_policy,
    codes,
    failure_phrase,
    failure_subject,
    location,
    plain,
)
from upshot.report.sections import Grouped, Sections, Written, groups_of
from upshot.report.words import (
    count_failed,
    counted,
    duration,
    headline,
    is_preview,
    kind_word,
    moment,
)
from upshot.subject import build_stack_url, build_update_url
from upshot.text import pattern

_COUNT: Final = pattern(
    r"(?:creates or updates|deletes|replaces) \d+ resources?|drift: \d+ resources? (?:gone|changed)"
)
"""A reason of a risk that only repeats a count of the report's second line."""
_LONGEST_QUESTION: Final = 1_000
_MOST_LINES: Final = 20
_FEW: Final = 5

_OUR_HOSTS: Final = frozenset({"www.pulumi.com", "pulumi.com", "app.pulumi.com", "docs.github.com"})


def allowed_hosts(report: Report) -> frozenset[str]:
    """Hosts that a model may link to: Pulumi's pages, this console, this GitHub."""
    addresses = (report.subject.console if report.subject else "", report.run.server_url)
    hosts = {urlsplit(address).netloc.lower() for address in addresses}
    return frozenset(_OUR_HOSTS | hosts) - {""}


class Fitted(NamedTuple):
    """A report's values for the templates, fitted into a room."""

    values: dict[str, Any]
    omitted: dict[str, int]
    """What was left out, by kind."""
    used: Size
    """How much of the room they took."""
    is_whole: bool
    """Nothing was left out or shortened to fit."""


class View:
    """Makes the values for one report. What is the same in every room is made once."""

    def __init__(self, report: Report, redactor: Redactor, effort: Effort | None = None) -> None:
        """`effort` is shared by the reports of one page."""
        hosts = allowed_hosts(report)
        self._report = report
        self._prose = Prose(hosts, redactor.redact, effort)
        self._advice = Advice(report.diagnosis, hosts)
        self._claims = _claims(report)
        self._written: Written = {}
        self._grouped: Grouped = {}
        self._groups = groups_of(report)
        self._fixed = self._fixed_values()

    @property
    def answer(self) -> str:
        """The AI's text as safe Markdown, whole; empty when there is none."""
        return "\n\n".join(self._prose.blocks(self._report.reply.text))

    def shown_answer(self, budget: Size) -> str:
        """The AI's text as a page quotes it where there is room for all of it; empty without one."""
        view = ReplyView(self._prose, Room(budget))
        shown = view.quote(self._report.reply.text)
        return "" if view.omitted else shown

    def fit(self, budget: Size) -> Fitted:
        """All values; rows and prose take no more than the budget."""
        room = Room(budget)
        sections = Sections(self._report, self._written, self._groups, self._grouped)
        values = {
            **self._fixed,
            **sections.failures(room),
            **self._reply(room, sections),
            "policy": sections.policy(room),
            "changes": sections.changes(room),
            "components": sections.components(room),
            "outputs": sections.outputs(room),
            "pending": sections.pending(room),
            "warnings": sections.warnings(room),
        }
        return Fitted(values, sections.omitted, room.used, not room.was_short)

    def _fixed_values(self) -> dict[str, Any]:
        report = self._report
        icon, phrase = headline(report)
        return {
            "icon": icon,
            "phrase": phrase,
            "kind": kind_word(report).lower(),
            "status": report.verdict.status.value,
            "is_preview": is_preview(report),
            "is_running": report.facts.is_running,
            "is_calm": report.verdict.status is VerdictStatus.NO_CHANGES,
            "stack": _stack(report),
            "counts": _counts(report),
            "links": _links(report),
            "cause": _cause(report),
            "attention": _attention(report),
            "risk": _risk(report),
            "protected": [code_span(urn) for urn in report.facts.protected[:_FEW]],
            "notices": lines(report.notices),
            "question": plain(report.question, _LONGEST_QUESTION),
            "looked_at": lines(report.looked_at, 200),
            "steps": self._advice.steps(),
            "offline": None if report.reply.is_explanation else self._advice.explanation(),
        }

    def _reply(self, room: Room, sections: Sections) -> dict[str, Any]:
        """The AI's reply, which gets half of the room."""
        share = room.part(1, 2)
        view = ReplyView(self._prose, share.room)
        parts = view.parts(self._report.reply)
        share.settle()
        sections.left_out("parts of the explanation", view.omitted)
        return {**parts, "claims": self._claims}


def lines(texts: Sequence[str], longest: int = 500) -> list[str]:
    """The first 20 texts that are not empty, each in one line of at most `longest` characters."""
    return [line for text in texts[:_MOST_LINES] if (line := plain(text, longest))]


def _stack(report: Report) -> str:
    """The stack's name, linked to the update where its address is known."""
    subject = report.subject
    stack = subject.stack if subject else report.facts.stack
    if stack is None:
        return ""
    name = escape_inline(str(stack))
    if subject is None:
        return name
    url = build_update_url(subject) or build_stack_url(subject.stack, subject.console)
    if subject.version is not None:  # outside of a link it would refer to an issue (threat T17)
        number = f"#{subject.version}"
        shown = "\\" + number if url else code_span(number)
        name = f"{name} {shown}"
    return f"[{name}]({url})" if url else name


def _counts(report: Report) -> list[str]:
    """`**2 failed**`, `3 created`, `took 42 s`."""
    facts = report.facts
    failed = count_failed(facts)
    counts = [f"**{failed:,} failed**"] if failed else []
    is_refresh = facts.kind is UpdateKind.REFRESH
    words = counted(facts.counts or {}, planned=is_preview(report), is_refresh=is_refresh)
    counts += map(escape_inline, words)
    if facts.duration_s is not None:
        counts.append(f"{'took' if counts else 'Took'} {duration(facts.duration_s)}")
    if facts.drifted_since is not None:
        counts.append(f"since {moment(facts.drifted_since)} at the latest")
    if facts.is_incomplete:
        counts.append("the log is incomplete")
    return counts


def _links(report: Report) -> list[str]:
    links = []
    if report.subject is not None and (url := build_update_url(report.subject)):
        links.append(f"[{kind_word(report)} in Pulumi Cloud]({url})")
    if report.run.url:
        links.append(f"[Workflow run]({report.run.url})")
    if commit := commit_link(report):
        links.append(f"Commit {commit}")
    return links


def _cause(report: Report) -> dict[str, Any] | None:
    """The first failure that no other one caused."""
    failure = report.facts.root_cause
    if failure is None or report.verdict.status is VerdictStatus.CANCELLED:
        return None
    subject = failure_subject(failure)
    message = clip_block(failure.message.strip() or failure.headline, MESSAGE_SHOWN)
    said = state_cause(failure)
    error = "" if said.is_whole else fence(message.expandtabs(4))
    return {
        "subject": subject,
        "phrase": broken_policy(failure, report.facts)
        or (failure_phrase(failure) if failure.is_resource else f"{subject} failed"),
        "statement": plain(said.statement, 600),
        "error": error,
        "error_lines": error.split("\n") if error else [],
        "is_error_folded": said.is_repeated,
        "codes": codes(failure),
        "place": location(failure, report.run),
    }


def _attention(report: Report) -> list[str]:
    """Resources that hold data and are replaced or deleted: a line each, at most five and a count."""
    lost = [c for c in report.facts.changes if c.stateful and c.destroys]
    lines = [
        f"**{code_span(change.name or change.urn)}** ({code_span(change.type)})"
        f" {_fate(change, report)}"
        for change in lost[:_FEW]
    ]
    return [*lines, f"{len(lost) - _FEW:,} more"] if len(lost) > _FEW else lines


def _fate(change: ResourceChange, report: Report) -> str:
    if change.is_drift:
        return "is gone: deleted outside of Pulumi"
    if change.operation == "delete-replaced" and not is_preview(report):
        return "was deleted, and its replacement was not made"
    return f"{_tense(report)} {'deleted' if change.means is Meaning.DELETE else 'replaced'}"


def _tense(report: Report) -> str:
    """Whether a change would happen, has happened, or was to happen in a run that did not succeed."""
    if is_preview(report):
        return "would be"
    return "was" if report.verdict.status is VerdictStatus.SUCCEEDED else "was to be"


def _claims(report: Report) -> dict[str, list[str]]:
    """What a reader should know beside the model's text."""
    found = check_claims(report.reply.text, report.facts, report.verdict.status, report.run)
    return {
        "doubts": [code_span(clip_line(doubt, 200)) for doubt in found.doubts],
        "commands": [code_span(clip_line(command, 80)) for command in found.commands],
    }


def _risk(report: Report) -> dict[str, Any]:
    verdict = report.verdict
    return {
        "level": verdict.risk_level.value if verdict.risk_level.is_notable else "",
        "reasons": lines([r for r in verdict.risk_reasons if not _COUNT.fullmatch(r)][:_FEW], 200),
        "breaches": lines(tuple(map(str, verdict.breaches)), 300),
    }


def commit_link(report: Report) -> str:
    """The short commit in code, linked where the repository is known."""
    run = report.run
    if not run.sha:
        return ""
    shown = code_span(run.sha[:7])
    if not (run.server_url and run.repository):
        return shown
    return f"[{shown}]({run.server_url}/{run.repository}/commit/{run.sha})"
