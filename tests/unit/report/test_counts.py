"""How often a report is rendered and redacted: the limits that the docstring of `upshot.report` states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace
from tests.golden.report.scenarios import NOTHING, RUN, failed_update, many_failures

from upshot.model import Answer, BackendName, ResourceChange
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer, Rendering
from upshot.report.templating.sandbox import LoadedTemplate, Templates
from upshot.secret import Secret

WORDS = "The bucket's name is **taken**.\n\n- Choose another one\n- or import the bucket\n"
EXTENDS = '{% extends "report.md.j2" %}'


class CountingTemplates(Templates):
    """Counts the renderings of a body; footers and the like are not counted."""

    def __init__(self) -> None:
        self.bodies = 0

    def render(self, loaded: LoadedTemplate, values: Mapping[str, Any]) -> str:
        self.bodies += "phrase" in values
        return super().render(loaded, values)


class CountingRedactor(Redactor):
    """Counts passes; `of_model` are those over the model's words."""

    def __init__(self, *secrets: Secret) -> None:
        super().__init__(secrets)
        self.passes = 0
        self.of_model = 0

    def redact(self, text: str) -> str:
        self.passes += 1
        self.of_model += "Choose another one" in text
        return super().redact(text)


def rendering(
    report: Report, redactor: Redactor, templates: Templates, template: str = ""
) -> Rendering:
    """The report built again, and opened."""
    built = build_report(
        report.facts,
        NOTHING,
        reply=Answer(BackendName.COPILOT, WORDS),
        verdict=report.verdict,
        subject=report.subject,
        context=RunContext(RUN, 1.0),
        redactor=redactor,
    )
    return Renderer(redactor=redactor, template=template, templates=templates).open(built)


def huge() -> Report:
    """A report that does not fit into a job summary either."""
    changes = tuple(
        ResourceChange(f"u{at}", "aws:s3/bucket:Bucket", f"{at}" + "n" * 70, "update", diffs=(f"d{at}" + "d" * 40,) * 6)
        for at in range(4_000)
    )  # fmt: skip
    report = many_failures()
    return replace(report, facts=replace(report.facts, changes=changes))


@pytest.mark.parametrize(
    ("report", "bodies", "passes"),
    [
        pytest.param(failed_update(), 1, 3, id="fits"),
        pytest.param(many_failures(), 3, 4, id="too long for a comment"),
        pytest.param(huge(), 3, 4, id="too long for both"),
    ],
)
def test_a_report_is_rendered_and_redacted_no_more_often_than_this(
    report: Report, bodies: int, passes: int
) -> None:
    """One pass as the texts come in, one over the model's words as they are read, one over each
    page at the end.
    """
    redactor, templates = CountingRedactor(), CountingTemplates()
    pages = rendering(report, redactor, templates)
    pages.comment()
    pages.summary()
    assert "Choose another one" in pages.answer
    assert templates.bodies == bodies
    assert (redactor.passes, redactor.of_model) == (passes, passes)


def test_a_page_that_was_rendered_is_not_rendered_again() -> None:
    redactor, templates = CountingRedactor(), CountingTemplates()
    pages = rendering(many_failures(), redactor, templates)
    pages.comment()
    assert pages.comment(history="Earlier.").text.count("Earlier.") == 1
    before = templates.bodies
    pages.comment()
    assert templates.bodies == before


def test_a_comment_alone_costs_no_summary() -> None:
    templates = CountingTemplates()
    rendering(many_failures(), CountingRedactor(), templates).comment()
    assert templates.bodies == 2, "its frame and itself"


@pytest.mark.parametrize(("template", "bodies"), [("{{ icon }}", 1), ("{{ target }}", 2)])
def test_a_users_template_is_rendered_twice_only_when_it_looks_at_the_page(
    template: str, bodies: int
) -> None:
    templates = CountingTemplates()
    source = f"{EXTENDS}{{% block heading %}}# {template}\n\n{{% endblock %}}"
    pages = rendering(failed_update(), CountingRedactor(), templates, source)
    comment, summary = pages.comment(), pages.summary()
    assert templates.bodies == bodies
    assert not comment.notices
    if bodies > 1:
        assert comment.text.startswith("# comment\n")
        assert summary.text.startswith("# summary\n")


def test_a_faulty_template_is_tried_once() -> None:
    templates = CountingTemplates()
    source = f"{EXTENDS}{{% block heading %}}{{{{ not_there }}}}{{% endblock %}}"
    pages = rendering(failed_update(), CountingRedactor(), templates, source)
    assert pages.comment().notices == pages.summary().notices != ()
    assert templates.bodies == 2, "the faulty one, and ours"


def test_a_secret_in_the_models_words_costs_a_pass_over_each_of_its_texts() -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    redactor = CountingRedactor()
    report = failed_update()
    built = replace(report, reply=Answer(BackendName.COPILOT, f"It is {token[:9]}**{token[9:]}**."))
    pages = Renderer(redactor=redactor).open(built)
    assert token[9:] not in pages.answer
    assert redactor.passes > 1
