"""A `Report` becomes Markdown for a comment and a job summary, within GitHub's limits.

The body comes from a template, Upshot's or a user's that extends it. The footer is always Upshot's
and always last.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from msgspec import Struct, field

from upshot import __version__
from upshot.errors import TemplateFault
from upshot.model import BackendName, Diagnosis, Facts, NoAnswer, Run, Verdict, VerdictStatus
from upshot.registry import BACKENDS
from upshot.report.content import Report
from upshot.report.markdown.effort import Effort
from upshot.report.markdown.escape import code_span
from upshot.report.markdown.fit import COMMENT, SUMMARY, Size, cut_markdown, less, size, tidy
from upshot.report.redact.redact import Redactor
from upshot.report.templating.sandbox import LoadedTemplate, Templates, render_template
from upshot.report.view import Fitted, View, commit_link, lines
from upshot.report.words import moment

_SLACK: Final = 600
"""Kept free for the line about what was left out, and once more for folds and their ends."""
_WHOLE: Final = Size(*(limit // 2 for limit in SUMMARY))
"""A report whose rows and prose fit into this is rendered whole first: most fit into both pages."""
_NOTHING: Final = Size(0, 0, 0)


class Rendered(Struct, frozen=True):
    """The finished text of one page."""

    text: str
    truncated: bool
    digest: str
    """The same for the same report on the same commit, in any run at any time."""
    omitted: dict[str, int] = field(default_factory=dict)
    """What did not fit, by kind."""
    notices: tuple[str, ...] = ()
    """What is wrong with the user's template; Upshot's own was used instead."""


class Renderer:
    """Renders reports. `template` is the text of a user's template, empty for Upshot's own.

    A faulty template is described in `Rendered.notices` and replaced by Upshot's own.
    """

    def __init__(
        self, *, redactor: Redactor, template: str = "", templates: Templates | None = None
    ) -> None:
        self._redactor = redactor
        self._source = template
        self._templates = templates or Templates()
        self._effort = Effort()

    def open(self, report: Report) -> Rendering:
        """A report whose pages are rendered when they are asked for."""
        return Rendering(report, self._redactor, self._templates, self._source, self._effort)

    def comment(self, report: Report, *, history: str = "") -> Rendered:
        """The comment alone; see `Rendering`."""
        return self.open(report).comment(history=history)

    def summary(self, report: Report) -> Rendered:
        """The summary alone; see `Rendering`."""
        return self.open(report).summary()


class Rendering:
    """The pages of one report, which share what is the same in both: mostly the whole body."""

    def __init__(
        self,
        report: Report,
        redactor: Redactor,
        templates: Templates,
        source: str,
        effort: Effort | None = None,
    ) -> None:
        self._report = report
        self._redactor = redactor
        self._templates = templates
        self._source = source
        self._view = View(report, redactor, effort)
        self._bodies: _Bodies | None = None
        self._footer = ""
        self._notices: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The AI's words as the pages show them: redacted, and harmless as Markdown."""
        return self._view.answer

    @property
    def shown_answer(self) -> str:
        """The same as a page shows it where there is room for all of it: as a block quote."""
        return self._redactor.redact(tidy(self._view.shown_answer(COMMENT)).strip())

    def comment(self, *, history: str = "") -> Rendered:
        """For a comment on a pull request; leaves room for the marker that the publisher adds.

        `history` is finished Markdown about earlier runs; it is not part of the digest.
        """
        return self._page(COMMENT, "comment", history)

    def summary(self) -> Rendered:
        """For the job summary and the report file, which nearly always have room for everything."""
        return self._page(SUMMARY, "summary", "")

    def _page(self, limit: Size, target: str, history: str) -> Rendered:
        report = self._report
        self._footer = self._footer or _footer(self._templates, report)
        tail = "\n\n".join(filter(None, (history, self._footer)))
        budget = less(limit, tail, _SLACK)
        body = self._fit(budget, target)
        cut = cut_markdown(body.text, budget)
        omitted = dict(body.omitted)
        if not cut.startswith(body.text):
            omitted["lines"] = max(1, body.text.count("\n") - cut.count("\n"))
        url = report.run.url if target == "comment" else ""
        left_out = _left_out(self._templates, omitted, url)
        text = "\n\n".join(filter(None, (cut, left_out, tail)))
        stable = cut.replace(report.run.url, "") if report.run.url else cut
        digest = sha256(f"{report.run.sha}\n{target}\n{stable}".encode()).hexdigest()
        return Rendered(f"{text}\n", bool(omitted), digest, omitted, self._notices)

    def _fit(self, budget: Size, target: str) -> _Body:
        """The body from the user's template; from Upshot's when there is none or it is faulty."""
        if self._source:
            try:
                return self._open().fit(budget, target)
            except TemplateFault as fault:
                notice = f"template-file: {fault.message}; Upshot's own template was used"
                self._notices, self._source, self._bodies = (notice,), "", None
        return self._open().fit(budget, target)

    def _open(self) -> _Bodies:
        if self._bodies is None:
            users, templates = self._source, self._templates
            template = templates.compile(users) if users else templates.load()
            self._bodies = _Bodies(self._view, self._redactor, templates, template)
        return self._bodies


def render_notices(notices: Sequence[str]) -> str:
    """The note about this run's own warnings, for a page that joins several reports."""
    return render_template("notices.md.j2", {"notices": lines(notices)})


def render_footer(report: Report) -> str:
    """The last line of a page that is rendered elsewhere."""
    return _footer(Templates(), report)


def render_run_footer(run: Run, made_at: float) -> str:
    """The last line of a page that is about no deployment. `made_at`: seconds since the Unix epoch."""
    return render_footer(shell_report(run, made_at))


def shell_report(run: Run, made_at: float) -> Report:
    """A report without evidence: it knows its run, and nothing of a deployment."""
    nothing = NoAnswer(BackendName.LOCAL)
    verdict = Verdict(VerdictStatus.UNKNOWN)
    return Report(Facts(), Diagnosis(failure_class=""), nothing, verdict, run, made_at=made_at)


class _Body(NamedTuple):
    """The report above its footer."""

    text: str
    omitted: dict[str, int]


class _Bodies:
    """Renders one view with one template, once for each room that is needed.

    A body that fits whole is rendered once, for both pages. Otherwise the frame, which is everything
    but rows and prose, is measured once, and each page gets a body for the room beside it.
    """

    def __init__(
        self, view: View, redactor: Redactor, templates: Templates, template: LoadedTemplate
    ) -> None:
        self._view = view
        self._redactor = redactor
        self._templates = templates
        self._template = template
        self._whole = view.fit(_WHOLE)
        self._texts: dict[tuple[Size, str], str] = {}

    def fit(self, budget: Size, target: str) -> _Body:
        """The body within the budget, or a little beyond it when a template repeats values."""
        whole = self._whole
        if whole.is_whole and whole.used.fits(budget):
            text = self._render(_WHOLE, whole, target)
            if size(text).fits(budget):
                return _Body(text, whole.omitted)
        frame = self._render(_NOTHING, self._view.fit(_NOTHING), target)
        room = less(budget, frame, _SLACK)
        fitted = self._view.fit(room)
        return _Body(self._render(room, fitted, target), fitted.omitted)

    def _render(self, room: Size, fitted: Fitted, target: str) -> str:
        """The body's text, redacted unless it is only measured."""
        key = room, target if self._template.uses_target else ""
        if key not in self._texts:
            values = {**fitted.values, "target": target}
            text = tidy(self._templates.render(self._template, values))
            self._texts[key] = text if room == _NOTHING else self._redactor.redact(text)
        return self._texts[key]


def _footer(templates: Templates, report: Report) -> str:
    run = report.run
    attempt = f"run {run.run_id}, attempt {run.run_attempt}" if run.run_id else ""
    values = {
        "version": __version__,
        "commit": commit_link(report),
        "run": f"[{attempt}]({run.url})" if run.url and attempt else attempt,
        "backend": _backend(report),
        "sources": ", ".join(code_span(source) for source in report.facts.sources),
        "time": moment(report.made_at) if report.made_at else "",
    }
    return templates.render(templates.load("footer.md.j2"), values).strip()


def _backend(report: Report) -> str:
    """Who explained: the AI that answered, else the offline rules if they have an explanation."""
    if not (report.reply.is_answered or report.diagnosis.explanation):
        return ""
    return BACKENDS[report.reply.backend_used].title.removeprefix("Upshot's ")


def _left_out(templates: Templates, omitted: dict[str, int], url: str) -> str:
    """`url` is the address of the summary; empty on the summary itself."""
    if not omitted:
        return ""
    kinds = [f"{count:,} {name}" for name, count in omitted.items()]
    return templates.render(templates.load("left_out.md.j2"), {"kinds": kinds, "url": url})
