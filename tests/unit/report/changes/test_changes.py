"""The list of changes in a report: rows, their diffs, groups, and what hostile values can do."""

from __future__ import annotations

from typing import Final

import pytest
from tests.golden.report.scenarios import PREVIEW, RUN
from tests.security.attacks import COMMANDS, MARKDOWN
from tests.security.page import faults_of_report

from upshot.model import (
    BackendName,
    Diagnosis,
    Facts,
    NoAnswer,
    Outcome,
    PropertyChange,
    ResourceChange,
    StackOutput,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.model import PropertyChangeKind as Kind
from upshot.report.build import RunContext, build_report
from upshot.report.changes.diff import diff_lines
from upshot.report.changes.rows import group_changes
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.secret import Secret

ATTACKS: Final = {**MARKDOWN, **COMMANDS}
HOSTS: Final = {"app.pulumi.com", "www.pulumi.com", "github.com"}


def update(path: str, old: str, new: str, *, replaces: bool = False) -> PropertyChange:
    return PropertyChange(path, Kind.UPDATE, old, new, replaces)


def change(name: str, *properties: PropertyChange, operation: str = "update") -> ResourceChange:
    return ResourceChange(
        f"urn:pulumi:dev::shop::aws:sqs/queue:Queue::{name}",
        "aws:sqs/queue:Queue",
        name,
        operation,
        properties=properties,
    )


def comment(
    *changes: ResourceChange,
    kind: UpdateKind = UpdateKind.PREVIEW,
    redactor: Redactor | None = None,
) -> str:
    return page(Facts(outcome=Outcome.SUCCEEDED, kind=kind, changes=changes), redactor)


def page(facts: Facts, redactor: Redactor | None = None) -> str:
    redactor = redactor or Redactor(())
    report = build_report(
        facts,
        Diagnosis(""),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=Verdict(VerdictStatus.SUCCEEDED),
        subject=PREVIEW,
        context=RunContext(RUN, 1.0),
        redactor=redactor,
    )
    return Renderer(redactor=redactor).comment(report).text


class TestLines:
    def test_a_short_value_becomes_another_in_one_line(self) -> None:
        assert diff_lines([update("size", "2", "4")]) == ["! size: 2 → 4"]

    def test_a_long_value_gets_a_line_for_what_it_was_and_one_for_what_it_becomes(self) -> None:
        lines = diff_lines([update("a", f'"{"x" * 300}1"', f'"{"x" * 300}2"', replaces=True)])
        assert [line[:4] for line in lines] == ["- a:", "+ a:"]
        assert lines[0].endswith('x1"  # forces replacement')
        assert lines[1].endswith('x2"')
        assert all("…" in line and len(line) < 260 for line in lines)

    def test_what_comes_and_what_goes(self) -> None:
        lines = diff_lines(
            [PropertyChange("a", Kind.ADD, new='"x"'), PropertyChange("b", Kind.DELETE, old="1")]
        )
        assert lines == ['+ a: "x"', "- b: 1"]

    def test_text_of_several_lines_is_a_diff_of_its_lines(self) -> None:
        old = "\n".join(f"line {at}" for at in range(20))
        lines = diff_lines([update("userData", old, old.replace("line 7", "LINE 7"))])
        assert lines == [
            "! userData:",
            "    line 5",
            "    line 6",
            "-   line 7",
            "+   LINE 7",
            "    line 8",
            "    line 9",
        ]

    def test_a_secret_that_changes_says_no_more_than_that(self) -> None:
        assert diff_lines([update("key", "[secret]", "[secret]")]) == [
            "! key: [secret] → [secret], changed"
        ]

    def test_a_property_without_values_is_a_name(self) -> None:
        assert diff_lines([update("key", "", "", replaces=True)]) == ["! key  # forces replacement"]


class TestGroups:
    def test_equal_changes_of_many_resources_share_a_row(self) -> None:
        tag = update("tags.owner", '"a"', '"b"')
        groups = group_changes([change("x", tag), *(change(f"q{at}", tag) for at in range(9))])
        assert [len(group.members) for group in groups] == [10]
        text = comment(*(change(f"q{at}", tag) for at in range(9)))
        assert "<strong>9 resources</strong>" in text
        assert text.count('! tags.owner: "a" → "b"') == 1
        assert all(f"`q{at}`" in text for at in range(9))

    def test_other_values_are_other_changes(self) -> None:
        groups = group_changes([change(f"q{at}", update("n", "0", str(at))) for at in range(5)])
        assert [len(group.members) for group in groups] == [1] * 5

    def test_many_of_one_type_without_known_properties_share_a_row_with_their_names(self) -> None:
        made = [
            ResourceChange(f"u{at}", "aws:sns/topic:Topic", f"t{at}", "create") for at in range(9)
        ]
        other = ResourceChange("u", "aws:sqs/queue:Queue", "q", "create")
        assert [len(group.members) for group in group_changes([*made, other])] == [9, 1]
        assert [len(group.members) for group in group_changes(made[:5])] == [1] * 5
        text = comment(*made)
        assert "<code>+</code> create <strong>9 resources</strong>" in text
        assert all(f"`t{at}`" in text for at in range(9))

    def test_what_loses_data_stands_alone(self) -> None:
        lost = [
            ResourceChange(
                f"u{at}", "aws:rds/instance:Instance", f"db{at}", "replace", stateful=True
            )
            for at in range(4)
        ]
        assert len(group_changes(lost)) == 4


class TestOutputs:
    OUTPUTS = (
        StackOutput("same", '"x"', '"x"'),
        StackOutput("url", '"a"', '"b"'),
        StackOutput("new", "", "1"),
    )

    def test_they_are_folded_with_those_that_change_first(self) -> None:
        text = page(Facts(Outcome.SUCCEEDED, UpdateKind.PREVIEW, outputs=self.OUTPUTS))
        assert "<details><summary>3 stack outputs, 2 would change</summary>" in text
        assert '```diff\n! url: "a" → "b"\n+ new: 1\n  same: "x"\n```' in text

    def test_after_an_update_they_have_changed(self) -> None:
        text = page(Facts(Outcome.SUCCEEDED, UpdateKind.UPDATE, outputs=self.OUTPUTS[:2]))
        assert "<summary>2 stack outputs, 1 changed</summary>" in text

    @pytest.mark.parametrize("name", ATTACKS)
    def test_t14_to_t22_no_output_acts_on_the_page(self, name: str) -> None:
        hostile = ATTACKS[name]
        outputs = (StackOutput(hostile, hostile, f"{hostile}2"), StackOutput("a", hostile, hostile))
        text = page(Facts(Outcome.SUCCEEDED, UpdateKind.UPDATE, outputs=outputs))
        assert faults_of_report(text, hosts=HOSTS) == []


def test_a_preview_shows_fifteen_rows_and_folds_the_rest() -> None:
    text = comment(*(change(f"q{at:02}", update("n", "0", str(at))) for at in range(20)))
    open_part, _, folded = text.partition("<details><summary>5 more changes</summary>")
    assert [f"q{at:02}</code>" in open_part for at in range(20)] == [True] * 15 + [False] * 5
    assert "q19</code>" in folded
    assert "#### 20 changes planned" in text


def test_after_an_update_all_of_them_are_folded() -> None:
    text = comment(change("a", update("n", "1", "2")), kind=UpdateKind.UPDATE)
    assert "<details><summary>1 change</summary>" in text
    assert "! n: 1 → 2" in text


def test_values_give_way_before_names_and_names_before_counts() -> None:
    long = [update(f"p{at}", '"' + "x" * 200, '"' + "y" * 200) for at in range(30)]
    some = comment(*(change(f"q{at:03}", *long, update("n", "0", f"{at}")) for at in range(100)))
    assert "```diff" in some
    assert all(f"q{at:03}" in some for at in range(100))
    many = comment(*(change(f"{'q' * 60}{at}", update("n", "0", f"{at}")) for at in range(1_000)))
    assert "more, not listed" in many
    assert len(many) < 65_000


def test_t9_a_known_secret_in_a_value_is_not_shown() -> None:
    redactor = Redactor([Secret("Zk3XvW9qLmT2rB7yHc5NdF8jPaE1uGs4KoQi")])
    value = f'"{"x" * 300}Zk3XvW9qLmT2rB7yHc5NdF8jPaE1uGs4KoQi"'
    text = comment(change("a", update("url", value, "1\n" + value)), redactor=redactor)
    assert "Zk3XvW9" not in text
    assert "GKoQi" not in text
    assert "redacted" in text


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"surrogates"}))
def test_t14_to_t22_no_property_acts_on_the_page(name: str) -> None:
    text = ATTACKS[name]
    hostile = ResourceChange(
        text, text, text, "update", diffs=(text,), protected=True,
        properties=(update(text, text, f"{text}\n---\n```\n</details>"), update("x", "", text)),
    )  # fmt: skip
    shown = comment(hostile, hostile, change(text))
    assert faults_of_report(shown, hosts=HOSTS) == []


@pytest.mark.parametrize("end", ["\u2028", "\u202e", "\u200b", "\x1b[31m", "\r"])
def test_t22_nothing_hidden_is_in_a_value(end: str) -> None:
    text = comment(change("a", update("n", f'"a{end}b"', f'"{end}c"')))
    assert end not in text
