"""A template that loops, fills the memory or nests without end dies alone, and ours stands in (T39)."""

from __future__ import annotations

import itertools
import time

import pytest
from tests.unit.report.templating.test_template import EXTENDS, comment

from upshot.errors import TemplateFault
from upshot.report.cage.keeper import Cage

LOOP = "{% for a in changes.rows %}{% for b in changes.rows %}"
ENDS = "{% endfor %}{% endfor %}"
ROWS = {"changes": {"rows": ["row " * 20] * 2_000}}
SILENT = EXTENDS + "{% block heading %}" + (LOOP + "{% if a == b %}{% endif %}" + ENDS) * 300
ENDLESS = {
    "text": EXTENDS + "{% block heading %}" + LOOP + "{{ a }}" + ENDS + "{% endblock %}",
    "steps": SILENT + "{% endblock %}",
    "memory": EXTENDS
    + "{% block heading %}"
    + LOOP
    + "{{ changes.rows | join(changes.rows | join) }}"
    + ENDS
    + "{% endblock %}",
    "depth": EXTENDS
    + "{% block heading %}"
    + "{% if stack %}" * 150
    + "{% endif %}" * 150
    + "{% endblock %}",
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_t39_t38_an_endless_template_ends_alone(source: str) -> None:
    before_s = time.process_time()
    with pytest.raises(TemplateFault, match="the template cannot be rendered"):
        Cage().render(source, {"stack": "dev", **ROWS})
    assert time.process_time() - before_s < 5, "of this process, which only waits"


def test_t39_ours_stands_in_and_the_report_says_so() -> None:
    rendered = comment(ENDLESS["depth"])
    assert rendered.text.startswith("### ❌ Update failed")
    assert "Upshot's own template was used" in rendered.notices[0]


def test_a_process_that_died_renders_nothing_any_more() -> None:
    ticks = itertools.count(step=10.0)
    cage = Cage(monotonic=lambda: next(ticks), within_s=5.0)
    for _ in range(2):
        with pytest.raises(TemplateFault, match="too much time or memory"):
            cage.render(EXTENDS, {})


def test_one_process_renders_page_after_page() -> None:
    cage = Cage()
    source = EXTENDS + "{% block heading %}{{ stack }}{% endblock %}"
    for stack in ("dev", "prod"):
        with pytest.raises(TemplateFault, match="is undefined"):  # the other blocks miss theirs
            cage.render(source, {"stack": stack})
    cage.close()
