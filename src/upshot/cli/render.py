"""`upshot render TEMPLATE LOG`: a template of the action's users, tried on a log without any CI."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

from upshot.cli.desk import Desk, Refused
from upshot.cli.explain import read_reports
from upshot.cli.sources import shown
from upshot.cli.terminal.screen import Screen
from upshot.errors import TemplateFault
from upshot.workspace import read_text

_LIMIT_BYTES: Final = 262_144
"""As of the input `template-file`."""


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Prints the page that the template makes of the report. Raises Refused for a faulty template."""
    from upshot.report.render import Renderer

    template = read_template(options.template)
    told = read_reports(options, desk)
    if not told.is_known:
        raise Refused("the evidence holds nothing of Pulumi's: there is nothing to render")
    renderer = Renderer(redactor=told.job.redactor, template=template)
    rendered = [
        renderer.comment(report) if options.target == "comment" else renderer.summary(report)
        for report in told.reports
    ]
    faults = [notice for page in rendered for notice in page.notices]
    if faults:
        raise Refused(f"{shown(options.template)}: {_own_words(faults[0])}", hint=_HELP)
    screen.pages([page.text for page in rendered])
    return 0


def read_template(path: str) -> str:
    """The text, checked as the action checks it. Raises Refused, naming what is wrong and where."""
    from upshot.report.templating.sandbox import Templates

    try:
        source = read_text(str(Path(path).resolve()), limit_bytes=_LIMIT_BYTES)
    except OSError as fault:
        raise Refused(f"{shown(path)} cannot be read: {fault.strerror or fault}") from None
    try:
        Templates().compile(source)
    except TemplateFault as fault:
        raise Refused(f"{shown(path)}: {fault.message}", hint=_HELP) from None
    return source


_HELP: Final = (
    "the blocks and values that a template may use: "
    "https://github.com/pulumi-upshot/upshot/blob/v1/docs/templates.md"
)


def _own_words(notice: str) -> str:
    """Without the words about the input and about what the action did instead."""
    return notice.removeprefix("template-file: ").removesuffix("; Upshot's own template was used")
