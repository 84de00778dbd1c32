"""A user's template may arrange what a report shows, and can do nothing else."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from tests.golden.report.scenarios import SCENARIOS

from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, Renderer

EXTENDS = '{% extends "report.md.j2" %}'


def comment(template: str, scenario: str = "failed-update") -> Rendered:
    return Renderer(redactor=Redactor(()), template=template).comment(SCENARIOS[scenario]())


def test_a_block_can_be_overridden_and_the_footer_stays() -> None:
    rendered = comment(EXTENDS + "{% block heading %}# Deploy of {{ stack }}\n\n{% endblock %}")
    assert rendered.text.startswith("# Deploy of [acme/webshop/prod")
    assert "<sub>Upshot" in rendered.text.splitlines()[-1]
    assert not rendered.notices


def test_a_block_can_be_extended() -> None:
    rendered = comment(
        EXTENDS + "{% block steps %}{{ super() }}\nAsk the platform team.\n{% endblock %}"
    )
    assert "What to do, by Upshot's offline rules" in rendered.text
    assert "Ask the platform team." in rendered.text


def test_a_block_can_be_dropped_and_lists_be_walked() -> None:
    template = EXTENDS + (
        "{% block picture %}{% endblock %}"
        "{% block changes %}{% for row in changes.rows %}{{ loop_mark | default('-') }} {{ row }}\n"
        "{% endfor %}{% endblock %}"
    )
    rendered = comment(template)
    assert "mermaid" not in rendered.text
    assert not rendered.notices


def test_none_of_our_templates_looks_at_the_page() -> None:
    """So that one rendering serves the comment and the summary."""
    folder = files("upshot.report").joinpath("templates")
    for file in folder.iterdir():
        code = re.findall(r"{[{%].*?[}%]}", file.read_text("utf-8"))
        assert not [each for each in code if "target" in each], file.name


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ stack.upper() }}",
        "{{ stack.format(1) }}",
        "{{ range(100000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 99999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ stack | center(1000000000) }}",
        "{{ stack | attr('__class__') }}",
        "{{ stack ~ '@admin' }}",
        "{{ stack[:3] }}",
        "{% include 'footer.md.j2' %}",
        "{% import 'footer.md.j2' as f %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set x = 1 %}",
        "{% for a in links %}{% for b in links %}{% for c in links %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ not_there }}",
        "{{ cause.not_there }}",
        "{% if %}",
        "{{ config }}",
        "{{ self.__init__ }}",
        "{{ lipsum(1000) }}",
    ],
)
def test_t39_anything_else_falls_back_to_ours_and_says_so(body: str) -> None:
    rendered = comment(EXTENDS + "{% block heading %}" + body + "{% endblock %}")
    assert rendered.text == comment("").text
    assert len(rendered.notices) == 1
    assert rendered.notices[0].startswith("template-file: ")


def test_t39_a_template_must_extend_ours() -> None:
    assert "does not start with" in comment("hello").notices[0]
    assert comment('{% extends "footer.md.j2" %}').notices
    assert comment("{% extends stack %}").notices


def test_t38_a_huge_template_is_refused() -> None:
    assert "characters" in comment(EXTENDS + "x" * 70_000).notices[0]


def test_t39_text_of_others_is_never_compiled() -> None:
    rendered = Renderer(redactor=Redactor(())).comment(SCENARIOS["hostile"]())
    hostile = comment(
        EXTENDS + "{% block heading %}{{ cause.phrase }}\n\n{% endblock %}", "hostile"
    )
    assert not hostile.notices
    assert "{{" not in rendered.text


def test_t41_a_template_that_repeats_too_much_is_cut() -> None:
    loop = "{% for a in failed.rows %}{% for b in failed.rows %}{{ cause.error }}\n\n{% endfor %}{% endfor %}"
    rendered = comment(EXTENDS + "{% block warnings %}" + loop + "{% endblock %}", "many-failures")
    assert len(rendered.text) <= 59_000
    assert "lines" in rendered.omitted or rendered.truncated
    assert rendered.text.rstrip().endswith("</sub>")


def test_t19_what_a_template_leaves_open_is_closed() -> None:
    rendered = comment(EXTENDS + "{% block warnings %}<details>\n\n```\nopen{% endblock %}")
    assert "\n```\n\n</details>\n" in rendered.text
