"""The reliability run: lots that can be drawn again, and rules that find what they are there for."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from bench.soak.__main__ import table
from bench.soak.chance import Chance, draw
from bench.soak.hostile import Input, spoil_comment
from bench.soak.rules import Finding, Healthy, Seen, allowed_codes, judge, judge_after
from bench.soak.trial import Record
from msgspec.structs import replace

from upshot.model import Stamp
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.write_comment import compose_body
from upshot.result import output_names
from upshot_sandbox.faults import Fault, FaultKind

HEALTHY = Healthy(exit_code=0, verdict="failed", comments=1)
CHANCE = Chance(1, "failed-update")


def body(verdict: str = "failed", text: str = "words\n\n<sub>Upshot 0.1.0</sub>") -> str:
    stamp = Stamp(run="1", sha="a" * 40, started=1, verdict=verdict, digest="d")
    marker = build_marker("default", stamp)
    return compose_body(text, marker)


def seen(**changes: Any) -> Seen:
    outputs = dict.fromkeys(output_names(), "") | {"comment-action": "updated", "comment-id": "7"}
    return replace(Seen(0, "log", outputs, (body(),), (7,)), **changes)


def found(it: Seen, *, chance: Chance = CHANCE) -> set[str]:
    return {finding.kind for finding in judge(chance, it, HEALTHY, before=[body()])}


def test_a_lot_is_the_same_whenever_it_is_drawn() -> None:
    names = ["one", "two"]
    lots = [draw(3, number, names) for number in range(200)]
    assert lots == [draw(3, number, names) for number in range(200)]
    assert lots != [draw(4, number, names) for number in range(200)]
    assert all(lot.kinds for lot in lots), "something goes wrong in every run"


def test_everything_goes_wrong_at_some_time() -> None:
    drawn = {kind for number in range(2_000) for kind in draw(1, number, ["one"]).kinds}
    faults = {
        "delay",
        "drop",
        "drip",
        "lose-reply",
        "truncate",
        "duplicate",
        "rate limit",
        "4xx",
        "5xx",
    }
    inputs = {"sparse file", "backtracking pattern", "hostile comment"}
    assert drawn == faults | inputs | {"odd reply", "SIGINT", "SIGTERM", "SIGKILL", "full disk"}


def test_a_run_that_went_well_has_no_findings() -> None:
    assert found(seen()) == set()
    assert not list(judge_after(CHANCE, seen(), HEALTHY))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"comments": (), "comment_ids": ()}, "lost"),
        ({"comment_ids": (8,)}, "lost"),
        ({"comments": (body(), body()), "comment_ids": (7, 8)}, "doubled"),
        ({"comments": (body("succeeded"),)}, "wrong"),
        ({"comments": (body(text="```\ncode <sub>Upshot </sub>"),)}, "wrong"),
        ({"comments": (body(text="<details> <sub>Upshot </sub>"),)}, "wrong"),
        ({"comments": (body(text="no footer"),)}, "wrong"),
        ({"comments": ("no marker <sub>Upshot </sub>",)}, "wrong"),
        ({"tasks": 2}, "tasks"),
        ({"log": "Traceback (most recent call last):"}, "traceback"),
        ({"log": "This is a bug in Upshot (ValueError)"}, "bug"),
        ({"exit_code": 1}, "exit code"),
        ({"exit_code": 143}, "exit code"),
        ({"exit_code": None}, "hung"),
        ({"seconds": 21.5}, "late"),
        (
            {"comments": (body(text="![pixel](https://evil.example/p.png) <sub>Upshot </sub>"),)},
            "hostile",
        ),
        ({"outputs": None}, "outputs"),
        ({"outputs": {"verdict": "failed"}}, "outputs"),
        ({"log": "pul-secret", "secrets": ("pul-secret",)}, "leaked"),
        ({"shown": "pul-secret", "secrets": ("pul-secret",)}, "leaked"),
        ({"log": "TERCES-LUP-0123", "parts": ("3210-pul-secret",)}, "leaked"),
        ({"lies": ("two claims",)}, "accounts"),
        ({"violations": ("POST /nowhere",)}, "wire"),
    ],
)
def test_each_rule_finds_its_breach(changes: dict[str, Any], kind: str) -> None:
    assert found(seen(**changes)) == {kind}


def test_a_verdict_may_tell_less_but_nothing_else() -> None:
    quiet = replace(HEALTHY, verdict="no-changes")
    said = {
        verdict: [*judge(CHANCE, seen(comments=(body(verdict),)), quiet, before=[body()])]
        for verdict in ("no-changes", "succeeded", "unknown", "failed")
    }
    assert [verdict for verdict, findings in said.items() if findings] == ["failed"]


def test_what_a_proxy_doubled_must_be_gone_after_the_next_run() -> None:
    chance = Chance(1, "one", (Fault("POST *", FaultKind.DUPLICATE),))
    twice = seen(comments=(body(), body()), comment_ids=(7, 8))
    assert found(twice, chance=chance) == set()
    assert [finding.kind for finding in judge_after(CHANCE, twice, HEALTHY)] == ["doubled"]


def test_two_comments_are_no_finding_where_the_log_says_why() -> None:
    said = "::warning::The comment was written, and what belongs to it was not done: no time."
    twice = seen(comments=(body(), body()), comment_ids=(7, 8))
    assert found(twice) == {"doubled"}
    assert found(replace(twice, log=said)) == set()


def test_a_mode_that_fails_closed_may_end_with_1() -> None:
    assert allowed_codes(CHANCE, replace(HEALTHY, failure_code=1), "a line") == {0, 1}


def test_a_spoiled_comment_counts_only_when_it_was_written_anew() -> None:
    spoiled = Chance(3, "one", inputs=(Input.COMMENT,))
    left, written = (seen(comments=(body(text=text),)) for text in ("spoiled", "no footer"))
    before = [body(text="spoiled")]
    assert not list(judge(spoiled, left, HEALTHY, before=before))
    assert [one.kind for one in judge(spoiled, written, HEALTHY, before=before)] == ["wrong"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_comment_is_spoiled_and_stays_one_that_github_takes(number: int) -> None:
    whole = body(text="### A report\n\n" + "x" * 60_000 + "\n<!-- upshot-section-end -->")
    spoiled = spoil_comment(whole, number)
    assert spoiled != whole
    assert len(spoiled) <= 65_536


def test_a_mask_command_is_no_leak() -> None:
    assert found(seen(log="::add-mask::pul-secret", secrets=("pul-secret",))) == set()


@pytest.mark.parametrize(
    ("number", "codes"),
    [(signal.SIGTERM, {0, 143}), (signal.SIGINT, {0, 130}), (signal.SIGKILL, {0, -9})],
)
def test_a_signal_has_its_own_exit_code(number: int, codes: set[int]) -> None:
    chance = Chance(1, "one", signal=number)
    assert allowed_codes(chance, HEALTHY, "a line") == codes
    assert allowed_codes(chance, HEALTHY, "") == codes | {-number}


def test_the_run_afterwards_must_make_everything_good() -> None:
    def after(it: Seen) -> set[str]:
        return {finding.kind for finding in judge_after(CHANCE, it, HEALTHY)}

    assert after(seen(comments=(), comment_ids=())) == {"lost"}
    assert after(seen(comments=(body(), body()))) == {"doubled"}
    assert after(seen(comments=(body("unknown"),))) == {"wrong"}
    assert after(seen(exit_code=1)) == {"exit code"}


def test_the_table_counts_a_run_in_each_of_its_lines() -> None:
    finding = Finding("lost", "gone")
    records = [
        Record(1, "one", ("drop", "full disk"), 0, 1.0, (finding,)),
        Record(2, "one", ("drop",), 0, 1.0),
    ]
    drop, disk, both = (row.split(" | ") for row in table(records).splitlines()[2:])
    assert drop[:3] == ["| drop", "2", "1"]
    assert disk[:3] == ["| full disk", "1", "1"]
    assert both[:3] == ["| **all**", "2", "1"]
