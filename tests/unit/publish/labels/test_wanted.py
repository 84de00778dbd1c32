"""Which labels a pull request should have, by all that our comments say."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from upshot.model import Section, Stamp
from upshot.publish.comment.marker import Kind, build_marker, render_marker
from upshot.publish.comment.sections import wrap_section
from upshot.publish.comment.thread import OwnComment
from upshot.publish.labels.wanted import wanted_labels

HEAD = "a" * 40


def section(stack: str, labels: str, *, run: int = 100) -> Section:
    return Section(stack=stack, run=str(run), sha=HEAD, started=run, labels=labels)


def comment(
    *sections: Section, key: str = "default", kind: Kind = Kind.STICKY, is_hidden: bool = False
) -> OwnComment:
    """As it is read back: sections in the text where there are several stacks, a marker else."""
    stamp = sections[0] if len(sections) == 1 else Stamp(run="100", sha=HEAD)
    marker = replace(build_marker(key, stamp), kind=kind)
    texts = map(wrap_section, sections) if len(sections) > 1 else ["It failed."]
    body = "\n\n".join([render_marker(marker), *texts])
    return OwnComment(1, "", "", body, is_hidden=is_hidden, marker=marker)


def wanted(comments: Sequence[OwnComment], *mine: Stamp, key: str = "default") -> list[str]:
    return sorted(wanted_labels(comments, mine, key=key, head_sha=HEAD))


def test_without_comments_this_jobs_report_decides() -> None:
    assert wanted([], section("prod", "failed.replaces")) == ["failed", "replaces"]
    assert wanted([], section("prod", "")) == []


def test_a_label_stays_while_another_stacks_section_says_so() -> None:
    there = comment(section("dev", "failed"), section("prod", "failed"))
    assert wanted([there], section("prod", "")) == ["failed"]
    assert (
        wanted([comment(section("dev", ""), section("prod", "failed"))], section("prod", "")) == []
    )


def test_a_report_of_another_comment_key_counts() -> None:
    network = comment(section("net", "deletes"), key="network")
    assert wanted([network], section("prod", "failed")) == ["deletes", "failed"]
    assert wanted([network], section("net", ""), key="app") == ["deletes"], (
        "another comment's stack"
    )


def test_a_newer_runs_report_outweighs_ours() -> None:
    newer = comment(section("prod", "", run=200))
    assert wanted([newer], section("prod", "failed")) == []
    older = comment(section("prod", "failed", run=50))
    assert wanted([older], section("prod", "")) == []


def test_what_is_hidden_and_what_is_no_report_counts_for_nothing() -> None:
    found = section("dev", "failed")
    assert wanted([comment(found, is_hidden=True)], section("prod", "")) == []
    assert wanted([comment(found, kind=Kind.NOTE)], section("prod", "")) == []
    assert wanted([comment(found, kind=Kind.ANSWER)], section("prod", "")) == []


def test_of_several_comments_about_a_stack_the_newest_counts() -> None:
    log = [
        comment(section("prod", "failed", run=50), kind=Kind.LOG),
        comment(section("prod", "drift", run=60), kind=Kind.LOG),
    ]
    assert wanted(log, section("dev", "")) == ["drift"]


def test_an_unknown_stack_of_an_earlier_run_counts_no_more() -> None:
    there = comment(section("unknown-stack/up", "failed", run=50), section("dev", ""))
    assert wanted([there], section("prod", "")) == []
