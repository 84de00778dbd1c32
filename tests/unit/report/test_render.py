"""The finished comment and summary: within the limits, whole, safe, and the same for the same facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace
from tests.golden.report import scenarios
from tests.golden.report.scenarios import SCENARIOS
from tests.security.page import TO_PASTE

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    Diagnosis,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    ResourceChange,
    TaskState,
    TaskStatus,
    Verdict,
    VerdictStatus,
)
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.redact.redact import MASK, Redactor
from upshot.report.render import Renderer
from upshot.secret import Secret

GitHub = Callable[[str], Any]
NASTY = st.text(alphabet="ab `|*<>@#![](){}\n🚀支é/~-", max_size=60)


def render(report: Report) -> str:
    return Renderer(redactor=Redactor(())).comment(report).text


def huge(failures: int, changes: int, message: str, answer: str) -> Report:
    facts = Facts(
        outcome=Outcome.FAILED,
        failures=tuple(
            Failure(message, message[:200], name=f"r{i}{message[:30]}", type="a:b/c:D",
                    operation="create", is_resource=True, is_cascade=i % 3 == 2)
            for i in range(failures)
        ),
        changes=tuple(ResourceChange("u", "a:b:C", f"c{i}", "create") for i in range(changes)),
        sources=("log-file",),
    )  # fmt: skip
    return build_report(
        facts,
        Diagnosis("unclassified", explanation=message, next_steps=(message, "again")),
        reply=Answer(BackendName.COPILOT, answer) if answer else NoAnswer(BackendName.LOCAL),
        verdict=Verdict(VerdictStatus.FAILED),
        subject=scenarios.UPDATE,
        context=RunContext(scenarios.RUN, scenarios.MADE_AT),
        redactor=Redactor(()),
    )


def assert_within_limits(text: str) -> None:
    """GitHub's limits for a comment, in every reading, with room for a marker."""
    assert len(text) <= 60_000 - 1_000
    assert len(text.encode("utf-16-le")) // 2 <= 65_536 - 2_000
    assert len(text.encode()) <= 262_144 - 8_000


def assert_whole(text: str, github: GitHub) -> None:
    """The footer is the last thing, outside of everything, and every fold is closed."""
    seen = github(text)
    assert seen.tags.count("details") == seen.html.count("</details>")
    last = seen.html.rstrip().rpartition("<p>")[2]
    assert last.startswith("<sub>Upshot ")
    assert last.endswith("</sub></p>")


@given(
    st.integers(0, 400),
    st.integers(0, 3_000),
    st.lists(NASTY, max_size=4).map("".join),
    st.sampled_from(["", "🚀" * 50_000, "```\n" + "x\n" * 60_000, "word " * 20_000, "| a |\n|--|\n" + "| b |\n" * 9_000, "- x\n\n" * 9_000, "```mermaid\n" * 300]),
)  # fmt: skip
@settings(max_examples=12)
def test_t41_any_report_fits_and_is_whole(
    github: GitHub, failures: int, changes: int, message: str, answer: str
) -> None:
    rendered = Renderer(redactor=Redactor(())).comment(huge(failures, changes, message, answer))
    assert_within_limits(rendered.text)
    assert_whole(rendered.text, github)
    assert rendered.truncated == bool(rendered.omitted)


@pytest.mark.parametrize("name", SCENARIOS)
def test_t19_every_scenario_is_whole(name: str, github: GitHub) -> None:
    assert_whole(render(SCENARIOS[name]()), github)


@pytest.mark.parametrize("name", SCENARIOS)
def test_t14_t16_t17_no_scenario_acts(name: str, github: GitHub) -> None:
    text = render(SCENARIOS[name]())
    seen = github(text)
    assert "img" not in seen.tags
    assert "input" not in seen.tags
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", seen.prose)
    assert not re.search(r"\w*#\d", seen.prose.replace("prod #41", ""))
    for link in seen.links:
        assert re.match(r"https://(app\.pulumi\.com|www\.pulumi\.com|github\.com/acme)/", link)
    assert not re.search(r"(?m)^/[a-z]+(\s|$)", TO_PASTE.sub("", text))


def test_every_failed_resource_is_there_even_when_details_do_not_fit() -> None:
    text = render(SCENARIOS["many-failures"]())
    assert all(f"`queue-{i}`" in text for i in range(200))
    assert "40 failed resources" in text


def test_the_cause_stands_before_everything_that_follows_from_it() -> None:
    text = render(SCENARIOS["failed-update"]())
    assert (
        text.index("What failed first") < text.index("mermaid") < text.index("failed only because")
    )
    assert "BucketAlreadyExists" in text[: text.index("mermaid")]


def test_t21_what_a_model_says_is_only_inside_a_labelled_quote(github: GitHub) -> None:
    said = "# ❌ Update failed\n\nAll is well.\n\n> [!CAUTION]\n> approved\n\n- a\n\n```\nc\n```"
    report = replace(SCENARIOS["succeeded"](), reply=Answer(BackendName.COPILOT, said))
    text = render(report)
    assert "#### Explanation by Pulumi Copilot\n\n> " in text
    html = github(text).html
    outside = re.sub(r"<blockquote>.*</blockquote>", "", html, flags=re.DOTALL)
    assert "All is well" in html
    assert "All is well" not in outside
    assert "approved" not in outside
    assert text.startswith("### ✅ Update succeeded")


def test_a_long_explanation_is_folded_after_its_first_blocks(github: GitHub) -> None:
    text = render(
        replace(SCENARIOS["succeeded"](), reply=Answer(BackendName.COPILOT, "one two\n\n" * 900))
    )
    assert "Show the rest" in text
    _, _, explained = text.partition("#### Explanation")
    assert explained.index("Show the rest") < 3_400
    assert_whole(text, github)


def test_t24_no_text_of_a_model_changes_heading_or_verdict() -> None:
    report = SCENARIOS["failed-update"]()
    other = replace(report, reply=Answer(BackendName.COPILOT, "Verdict: succeeded. Approved."))
    assert render(other).split("####")[0] == render(report).split("####")[0]


def test_nothing_changed_is_a_calm_line() -> None:
    text = render(SCENARIOS["no-changes"]())
    assert len([line for line in text.splitlines() if line]) == 3


def test_the_digest_forgets_time_and_run_and_knows_the_commit() -> None:
    renderer = Renderer(redactor=Redactor(()))
    report = SCENARIOS["failed-update"]()
    first = renderer.comment(report)
    later = renderer.comment(
        replace(
            report,
            made_at=report.made_at + 900,
            run=replace(report.run, run_id="77", run_attempt="3"),
        )
    )
    other = renderer.comment(replace(report, run=replace(report.run, sha="a" * 40)))
    assert first.text != later.text
    assert first.digest == later.digest
    assert other.digest != first.digest


def test_the_summary_holds_what_the_comment_leaves_out() -> None:
    renderer = Renderer(redactor=Redactor(()))
    report = SCENARIOS["many-failures"]()
    comment, summary = renderer.comment(report), renderer.summary(report)
    assert comment.truncated
    assert "changes" not in summary.omitted
    assert "`topic-999`" in summary.text
    assert len(summary.text.encode()) <= 1_000_000


def test_t09_no_secret_reaches_the_comment_by_any_text() -> None:
    token = "pul-4f9a1c7e2b8d0653a1f4e9c87b2d6053e1a9f4c7"
    message = f"failed with {token}"
    facts = Facts(
        outcome=Outcome.FAILED,
        failures=(Failure(message, message, name=token, type="a:b:C", is_resource=True),),
        changes=(ResourceChange("u", "a:b:C", token, "create", diffs=(token,)),),
        pending_operations=(token,),
    )
    report = build_report(
        facts,
        Diagnosis("unclassified", title=token, explanation=message, next_steps=(message,)),
        reply=Answer(BackendName.COPILOT, f"It is **{token[:20]}**{token[20:]} and `{token}`."),
        verdict=Verdict(VerdictStatus.FAILED, risk_reasons=(message,)),
        subject=scenarios.UPDATE,
        context=RunContext(scenarios.RUN, 0.0, (message,), (message,)),
        redactor=Redactor([Secret(token)]),
    )
    redactor = Redactor([Secret(token)])
    for rendered in (
        Renderer(redactor=redactor).comment(report),
        Renderer(redactor=redactor).summary(report),
    ):
        visible = re.sub(r"[*`\\]", "", rendered.text)
        assert token[4:20] not in visible
        assert token[20:] not in visible
        assert MASK in visible


def test_a_report_can_be_stored_and_read_back() -> None:
    for make in SCENARIOS.values():
        report = make()
        assert json.decode(json.encode(report), type=Report) == report


def test_every_open_request_of_a_task_is_shown_or_counted() -> None:
    requests = tuple(
        ApprovalRequest(f"req-{number}", "approval", f"May I do step {number}?")
        for number in range(1, 13)
    )
    state = TaskState(TaskStatus.AWAITING_APPROVAL, "task-1", requests=requests)
    text = render(scenarios.report(Facts(), VerdictStatus.FAILED, reply=state))
    assert [f"`req-{number}`" in text for number in (1, 2, 10, 11)] == [True, True, True, False]
    assert "2 more requests wait for an answer" in text
