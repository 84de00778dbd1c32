"""The report of a gate, rendered for the comment and the job summary."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from upshot.model import Run
from upshot.report.gate.page import GatePage
from upshot.report.gate.view import view_values
from upshot.report.markdown.fit import COMMENT, cut_markdown, less, tidy
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, render_run_footer
from upshot.report.templating.sandbox import render_template
from upshot.report.view import lines

_SLACK: Final = 2


def render_gate(
    page: GatePage, *, run: Run, made_at: float, notices: Sequence[str], redactor: Redactor
) -> Rendered:
    """One text for both places: it is far smaller than either. `made_at`: seconds since the epoch."""
    page = _redacted(page, redactor)
    footer = render_run_footer(run, made_at)

    def commit_url(sha: str) -> str:
        return f"{run.server_url}/{run.repository}/commit/{sha}"

    values = view_values(page, commit_url=commit_url)
    values["notices"] = lines([redactor.redact(notice) for notice in notices])
    body = redactor.redact(tidy(render_template("gate.md.j2", values)))
    text = cut_markdown(body, less(COMMENT, footer, _SLACK))
    # The audit's line names run and time: it alone makes no report a new one.
    digest = sha256(f"{run.sha}\n{body.replace(page.audit, '')}".encode()).hexdigest()
    return Rendered(f"{text}\n\n{footer}\n", not text.startswith(body), digest)


def _redacted(page: GatePage, redactor: Redactor) -> GatePage:
    """With what people and services wrote redacted; ids and commits are checked, and kept whole."""
    decision = page.decision
    if decision is not None:
        votes = (replace(vote, reason=redactor.redact(vote.reason)) for vote in decision.votes)
        decision = replace(decision, reason=redactor.redact(decision.reason), votes=tuple(votes))
    return replace(
        page,
        decision=decision,
        fault=redactor.redact(page.fault),
        hint=redactor.redact(page.hint),
    )
