"""What people see of a fleet: the stacks that need a look, none, and a list that could not be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from upshot.model import Run
from upshot.report.fleet.page import FleetPage, Row
from upshot.report.fleet.render import render_fleet
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

HERE: Final = Path(__file__).parent
RUN: Final = Run(
    repository="acme/infrastructure",
    server_url="https://github.com",
    run_id="19283746501",
    sha="4f1c2d9b7a3e5f60718293a4b5c6d7e8f9012345",
)
NOW: Final = 1_790_000_000.0
CONSOLE: Final = "https://app.pulumi.com"
PAGES: Final = {
    "selected": FleetPage(
        organization="acme",
        selection="failed, drifted, project:web-*",
        listed=1_204,
        rows=(
            Row(
                "acme/web-eu/prod", ("failed", "drifted"), NOW - 900, f"{CONSOLE}/acme/web-eu/prod"
            ),
            Row("acme/web-us/prod", ("failed",), NOW - 86_400, f"{CONSOLE}/acme/web-us/prod"),
            Row("acme/web-us/stage", ("drifted",), None),
        ),
        legs=3,
        skipped=(
            ("acme/web-`x`/@maria", "its name is none that Pulumi allows"),
            ("acme/web-ap/prod", "Pulumi Cloud says that this token may not do that (HTTP 403)"),
        ),
    ),
    "none": FleetPage(organization="acme", selection="failed", listed=340),
    "unread": FleetPage(
        organization="acme",
        selection="failed",
        fault="The stacks could not be read: Pulumi Cloud refused the access token (HTTP 401)",
        hint="The owner of the token must act: make a new one.",
    ),
}


def render(page: FleetPage, redactor: Redactor | None = None) -> str:
    found = redactor or Redactor(())
    return render_fleet(page, run=RUN, made_at=NOW, notices=(), redactor=found).text


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_it_was(name: str) -> None:
    path, text = HERE / f"{name}.md", render(PAGES[name])
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_t9_a_secret_in_a_name_or_a_reason_is_masked() -> None:
    redactor = Redactor(())
    redactor.add(Secret("hunter2hunter2"))
    page = FleetPage(
        organization="acme",
        selection="all",
        listed=1,
        rows=(Row("acme/hunter2hunter2/prod"),),
        skipped=(("acme/a/b", "token hunter2hunter2"),),
        fault="hunter2hunter2",
    )
    assert "hunter2" not in render(page, redactor)


def test_ten_thousand_stacks_fit() -> None:
    rows = tuple(Row(f"acme/{'p' * 60}-{n}/prod", ("failed",), NOW) for n in range(10_000))
    page = FleetPage(organization="acme", selection="failed", listed=10_000, rows=rows, legs=64)
    rendered = render_fleet(page, run=RUN, made_at=NOW, notices=(), redactor=Redactor(()))
    assert rendered.truncated
    assert "9,000 more, see the output `fleet-file`" in rendered.text
