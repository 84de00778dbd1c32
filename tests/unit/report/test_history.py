"""The earlier runs below a report, and the line that announces a new verdict."""

from __future__ import annotations

from msgspec.structs import replace
from tests.golden.report.scenarios import RUN, SHA, failed_update, succeeded

from upshot.model import Run, Stamp, VerdictStatus
from upshot.report.history import render_change, render_history
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer

PAST = Stamp(run="11902288000", attempt=2, sha=SHA, verdict="failed", started=1_795_000_000)


def test_nothing_is_shown_where_there_is_no_earlier_run() -> None:
    assert render_history((), RUN) == ""


def test_an_earlier_run_is_shown_with_its_commit_and_attempt() -> None:
    text = render_history((PAST,), RUN)
    assert "<summary>1 earlier run</summary>" in text
    assert "| ❌ | failed | [`3f9c2a7`](https://github.com/acme/webshop/commit/" in text
    assert "[11902288000, attempt 2](https://github.com/acme/webshop/actions/runs/1190" in text


def test_at_most_five_are_shown_and_only_known_verdicts() -> None:
    text = render_history((PAST,) * 9, RUN)
    assert "<summary>5 earlier runs</summary>" in text
    assert render_history((replace(PAST, verdict="great"),), RUN) == ""


def test_a_run_without_a_server_has_no_links() -> None:
    text = render_history((replace(PAST, started=10**15),), Run("acme/webshop", "", "1"))
    assert "http" not in text


def test_the_history_stands_above_the_footer_and_changes_no_digest() -> None:
    renderer = Renderer(redactor=Redactor(()))
    without = renderer.comment(succeeded())
    with_history = renderer.comment(succeeded(), history=render_history((PAST,), RUN))
    assert without.digest == with_history.digest
    assert with_history.text.index("earlier run") < with_history.text.index("<sub>Upshot")


def test_a_new_verdict_is_one_line() -> None:
    line = render_change(failed_update(), "succeeded", url="https://github.com/x#c")
    assert line.startswith("❌ **Update failed** · acme/webshop/prod; the previous run: succeeded.")
    assert line.endswith("[See the report](https://github.com/x#c)")
    assert "\n" not in line


def test_no_line_is_written_when_there_is_no_news() -> None:
    assert render_change(failed_update(), VerdictStatus.FAILED, url="") == ""
    assert render_change(failed_update(), "", url="") == ""
