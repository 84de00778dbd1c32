"""Systems that have less than Linux: the same report, and a clear word about what is missing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.process.composite.lesser import Lesser
from tests.process.composite.test_same import shown
from tests.process.conftest import play_through

from upshot_sandbox.runner import SignalAt, run_action
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

if TYPE_CHECKING:
    from tests.process.conftest import Play, Start

TEMPLATE = b'{% extends "report.md.j2" %}{% block heading %}## OURS {{ phrase }}{% endblock %}\n'
WINDOWS, MACOS = Lesser("win32"), Lesser("darwin")
SOME = ("failed-update", "log-only", "collect", "neo-answer", "account-signup", "hostile", "oidc")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
@pytest.mark.parametrize("name", SOME)
def test_the_report_is_the_same(play: Play, tmp_path: Path, name: str, platform: str) -> None:
    _, result = play_through(load_scenario(name), tmp_path, host=Lesser(platform))
    assert shown(result) == shown(play(name))
    assert result.exit_code == play(name).exit_code


def test_t39_a_template_is_not_rendered_where_the_system_keeps_no_limits(start: Start) -> None:
    arguments = {"inputs": {"template-file": "t.j2"}, "files": {"t.j2": TEMPLATE}}
    result = start("failed-update").run(host=WINDOWS, **arguments)
    assert "## OURS" not in result.comments[0]
    assert "Update failed" in result.comments[0]
    (warning,) = [text for text in result.warnings if "template" in text]
    assert "Windows keeps no limits" in warning
    assert "## OURS" in start("failed-update").run(host=MACOS, **arguments).comments[0]


@pytest.fixture
def waiting() -> Iterator[Sandbox]:
    """Neo never comes to an end."""
    neo = {"pace_s": 0.2, "steps": [{"do": "name", "text": "Why?"}, {"do": "wait"}]}
    with Sandbox(replace(load_scenario("neo-answer"), neo=neo)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("host", "number", "code"),
    [
        (WINDOWS, signal.SIGINT, 130),
        (WINDOWS, signal.SIGUSR2, 128 + signal.SIGUSR2),  # stands for Ctrl-Break
        (MACOS, signal.SIGINT, 130),
        (MACOS, signal.SIGTERM, 143),
    ],
)
def test_a_cancelled_run_says_so_and_stops_its_task(
    waiting: Sandbox, tmp_path: Path, host: Lesser, number: int, code: int
) -> None:
    at_work = SignalAt("POST /repos/acme/shop/issues/7/comments", number)
    result = run_action(waiting, tmp_path / "run", host=host, signal_at=at_work)
    assert (result.exit_code, result.outputs["reason-code"]) == (code, "cancelled")
    assert any(request.path.endswith("/cancel") for request in result.requests)
