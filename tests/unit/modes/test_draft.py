"""A comment's draft: its section, its history, its announcement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from tests.golden.report.scenarios import failed_update, succeeded

from upshot.model import Facts, StackRef, Stamp
from upshot.model.stamp import UNKNOWN_STACK
from upshot.modes.shared.draft import Drafter
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.sections import wrap_section
from upshot.publish.comment.thread import OwnComment, Thread
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, Renderer

if TYPE_CHECKING:
    from tests.stage import Stage

    from upshot.publish.comment.plan import Draft
    from upshot.report.content import Report


def drafted(
    stage: Stage, report: Report, thread: Thread | None = None, **given: str
) -> tuple[Draft, Rendered]:
    job = stage.job()
    job.inputs = stage.inputs(**given)
    drafter = Drafter(job, report, thread)
    rendered = drafter.render(Renderer(redactor=Redactor(())).open(report))
    return drafter.draft(rendered), rendered


def thread_with(draft: Draft) -> Thread:
    marker, body = draft.marker, draft.text
    if draft.share:
        body = wrap_section(draft.share.section)
    comment = OwnComment(1, "n", "https://github.com/c#1", body, is_hidden=False, marker=marker)
    return Thread(7, (comment,), "", has_pulumi_app=False, read_at_s=0.0)


def test_a_report_is_a_section_under_its_stacks_name(stage: Stage) -> None:
    draft, _ = drafted(stage, failed_update())
    assert draft.share is not None
    section = draft.share.section
    assert (section.stack, section.verdict) == ("acme/webshop/prod", "failed")
    assert section.digest == draft.marker.digest
    assert section.cells["failed"] == "4"


def test_a_report_without_an_update_is_a_section_under_the_stacks_name(stage: Stage) -> None:
    nameless = replace(succeeded(), subject=None, facts=Facts())
    facts = Facts(stack=StackRef("", "webshop", "dev"))
    given, _ = drafted(stage, replace(nameless, facts=facts))
    assert given.share is not None
    assert given.share.section.stack == "webshop/dev"
    unknown, _ = drafted(stage, nameless)
    assert unknown.share is not None
    assert unknown.share.section.stack == UNKNOWN_STACK
    assert unknown.marker.stack == ""


def test_the_earlier_run_of_the_same_stack_is_shown(stage: Stage) -> None:
    earlier = replace(failed_update(), run=replace(failed_update().run, run_id="5"))
    before = thread_with(drafted(stage, earlier)[0])
    assert "<summary>1 earlier run</summary>" in drafted(stage, succeeded(), before)[1].text
    appended = drafted(stage, succeeded(), before, comment_mode="append")[1].text
    assert "earlier run" not in appended


def test_a_rerun_is_not_its_own_history(stage: Stage) -> None:
    before = thread_with(drafted(stage, failed_update())[0])
    assert "earlier run" not in drafted(stage, failed_update(), before)[1].text


def test_another_stacks_comment_is_no_history_of_ours(stage: Stage) -> None:
    before = thread_with(drafted(stage, failed_update())[0])
    [comment] = before.comments
    other = replace(comment, marker=replace(comment.marker, stack="acme/webshop/dev"))
    before = replace(before, comments=(other,))
    assert "earlier run" not in drafted(stage, succeeded(), before)[1].text


def test_a_new_verdict_is_announced_where_that_is_asked_for(stage: Stage) -> None:
    before = thread_with(drafted(stage, failed_update())[0])
    asked, _ = drafted(stage, succeeded(), before, notify_on="verdict-change")
    assert asked.notice.endswith(
        "the previous run: failed. [See the report](https://github.com/c#1)"
    )
    assert drafted(stage, succeeded(), before)[0].notice == ""
    same, _ = drafted(stage, failed_update(), before, notify_on="verdict-change")
    assert same.notice == ""


def test_each_stack_of_a_shared_comment_remembers_its_own_conversation(stage: Stage) -> None:
    draft, _ = drafted(stage, failed_update())
    assert draft.share is not None
    ours = replace(draft.share.section, conversation="c-prod")
    theirs = replace(ours, stack="acme/webshop/dev", conversation="c-dev")
    marker = build_marker("k", Stamp())
    body = f"{wrap_section(ours)}\n\n{wrap_section(theirs)}"
    comment = OwnComment(1, "n", "", body, is_hidden=False, marker=marker)
    assert comment.remembered("acme/webshop/prod").conversation == "c-prod"
    assert comment.remembered("acme/webshop/dev").conversation == "c-dev"
    assert comment.remembered("acme/webshop/new") == marker


def test_a_comment_about_another_stack_remembers_nothing_of_this_one() -> None:
    marker = build_marker("k", Stamp(stack="acme/webshop/prod", conversation="c"))
    comment = OwnComment(1, "n", "", "", is_hidden=False, marker=marker)
    assert comment.remembered("acme/webshop/prod").conversation == "c"
    assert comment.remembered("acme/webshop/dev") == Stamp()


def test_a_report_without_a_known_stack_goes_on_from_another_one_without(stage: Stage) -> None:
    draft, _ = drafted(stage, replace(succeeded(), subject=None, facts=Facts()))
    assert draft.share is not None
    section = replace(draft.share.section, conversation="c")
    marker = build_marker("k", Stamp())
    comment = OwnComment(1, "n", "", wrap_section(section), is_hidden=False, marker=marker)
    assert comment.remembered("").conversation == "c"
