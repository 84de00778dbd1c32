"""What people see of many stacks in one comment, kept as files (`make golden`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from tests.golden.report.scenarios import (
    cancelled,
    failed_update,
    no_changes,
    risky_preview,
    several_causes,
    still_running,
    succeeded,
)

from upshot.model import Facts, Section, StackRef
from upshot.report.cells import build_cells
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.report.rollup import assemble

FOLDER = Path(__file__).parent
REGIONS: Final = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-southeast-2")


def as_stack(report: Report, stack: StackRef) -> Report:
    subject = replace(report.subject, stack=stack) if report.subject else None
    return replace(report, facts=replace(report.facts, stack=stack), subject=subject)


def section(report: Report) -> Section:
    rendered = Renderer(redactor=Redactor(())).comment(report)
    stack = report.subject.stack if report.subject else report.facts.stack
    return Section(
        stack=str(stack),
        run=report.run.run_id,
        attempt=1,
        sha=report.run.sha,
        started=1_795_000_000,
        verdict=report.verdict.status.value,
        digest=rendered.digest[:16],
        cells=build_cells(report),
        text=rendered.text,
    )


def three_stacks() -> list[Section]:
    """One of each kind, of one project."""
    names = ("prod", "staging", "dev")
    reports = (failed_update(), succeeded(), no_changes())
    return [
        section(as_stack(report, StackRef("acme", "webshop", name)))
        for report, name in zip(reports, names, strict=True)
    ]


def forty_stacks() -> list[Section]:
    """Eight services in five regions, of two commits: more than there is room for."""
    reports = (
        *(risky_preview(), no_changes(), several_causes(), succeeded()),
        *(no_changes(), cancelled(), no_changes(), still_running()),
    )
    services = ("api", "cart", "catalog", "checkout", "mail", "media", "search", "users")
    made = [
        section(as_stack(report, StackRef("acme", service, region)))
        for report, service in zip(reports, services, strict=True)
        for region in REGIONS
    ]
    return [replace(one, sha="0" * 40 if n % 7 == 0 else one.sha) for n, one in enumerate(made)]


GOLDEN: Final[dict[str, Callable[[], Sequence[Section]]]] = {
    "three-stacks": three_stacks,
    "forty-stacks": forty_stacks,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_comment_of_many_stacks_is_the_golden_one(name: str) -> None:
    text = assemble(GOLDEN[name](), lambda section: section.text.strip())
    path = FOLDER / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_stack_without_a_name_is_shown_anyway() -> None:
    nameless = replace(succeeded(), subject=None, facts=Facts())
    text = assemble([section(nameless), *three_stacks()], lambda section: section.text)
    assert "4 stacks" in text


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(GOLDEN)
