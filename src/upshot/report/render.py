"""A `Report` becomes Markdown for a comment or a job summary, within GitHub's limits.

The body comes from a template, ours or one that extends it; the footer is always ours and always
last. Nothing here talks to anybody.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from upshot import __version__
from upshot.errors import TemplateFault
from upshot.registry import BACKENDS
from upshot.report.content import Report
from upshot.report.markdown.escape import code_span
from upshot.report.markdown.fit import COMMENT, SUMMARY, Room, Size, cut_markdown, size, tidy
from upshot.report.redact.redact import Redactor
from upshot.report.sandbox import PARENT, our_template, safe, user_template
from upshot.report.view import View, commit_link
from upshot.report.words import moment

_SLACK: Final = 600
"""Kept free for what tells how much was left out, and once more for folds and their ends."""


class Rendered(Struct, frozen=True):
    """Finished text for one place."""

    text: str
    truncated: bool
    digest: str
    """The same for the same report on the same commit, whatever the time and the run."""
    omitted: dict[str, int] = field(default_factory=dict)
    """What did not fit, by kind."""
    notices: tuple[str, ...] = ()
    """What went wrong with the user's template; ours was used instead."""


class Renderer:
    """Renders reports. `template` is the text of a user's template, empty for ours.

    A faulty template is told in `Rendered.notices` and replaced by ours.
    """

    def __init__(self, *, redactor: Redactor, template: str = "") -> None:
        self._redactor = redactor
        self._source = template

    def comment(self, report: Report, *, history: str = "") -> Rendered:
        """For a pull request comment; leaves room for the marker that its publisher adds.

        `history` is finished Markdown about earlier runs; it has no part in the digest.
        """
        return self._rendered(report, COMMENT, "comment", history)

    def summary(self, report: Report) -> Rendered:
        """For the job summary, and for the report file: as good as everything."""
        return self._rendered(report, SUMMARY, "summary")

    def _rendered(self, report: Report, limit: Size, target: str, history: str = "") -> Rendered:
        tail = "\n\n".join(filter(None, (history, self._footer(report))))
        if self._source:
            try:
                return self._with(self._source, report, limit, target, tail)
            except TemplateFault as fault:
                notice = f"template-file: {fault.message}; Upshot's own template was used"
            return replace(self._with("", report, limit, target, tail), notices=(notice,))
        return self._with("", report, limit, target, tail)

    def _with(self, source: str, report: Report, limit: Size, target: str, tail: str) -> Rendered:
        budget = Size(*(a - b - _SLACK for a, b in zip(limit, size(tail), strict=True)))
        frame = self._body(source, View(report, self._redactor), Room(Size(0, 0, 0)), target)
        room = Room(Size(*(a - b - _SLACK for a, b in zip(budget, size(frame), strict=True))))
        view = View(report, self._redactor)
        body = self._body(source, view, room, target)
        cut = cut_markdown(body, budget)
        omitted = dict(view.omitted)
        if not cut.startswith(body):
            omitted["lines"] = max(1, body.count("\n") - cut.count("\n"))
        text = "\n\n".join(filter(None, (cut, _left_out(omitted, report, target), tail)))
        stable = cut.replace(report.run.url, "") if report.run.url else cut
        digest = sha256(f"{report.run.sha}\n{target}\n{stable}".encode()).hexdigest()
        return Rendered(f"{text}\n", bool(omitted), digest, omitted)

    def _body(self, source: str, view: View, room: Room, target: str) -> str:
        from jinja2 import TemplateError

        template = user_template(source) if source else our_template(PARENT)
        context = safe(view.context(room))
        try:
            text = template.render(context, target=safe(target))
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            raise TemplateFault(f"the template cannot be rendered: {error}") from error
        return self._redactor.redact(tidy(text))

    def _footer(self, report: Report) -> str:
        run = report.run
        attempt = f"run {run.run_id}, attempt {run.run_attempt}" if run.run_id else ""
        parts: dict[str, Any] = {
            "version": __version__,
            "commit": commit_link(report),
            "run": f"[{attempt}]({run.url})" if run.url and attempt else attempt,
            "backend": _backend(report),
            "sources": ", ".join(code_span(source) for source in report.facts.sources),
            "time": moment(report.made_at) if report.made_at else "",
        }
        return our_template("footer.md.j2").render(safe(parts)).strip()


def _backend(report: Report) -> str:
    """Who explained: the AI that answered, else our rules if they had something to say."""
    if not (report.reply.is_answered or report.diagnosis.explanation):
        return ""
    return BACKENDS[report.reply.backend_used].title.removeprefix("Upshot's ")


def _left_out(omitted: dict[str, int], report: Report, target: str) -> str:
    if not omitted:
        return ""
    what = ", ".join(f"{count:,} {name}" for name, count in omitted.items())
    url = report.run.url
    where = f" The [job summary]({url}) has room for more." if url and target == "comment" else ""
    return f"_Left out to fit: {what}._{where}"
