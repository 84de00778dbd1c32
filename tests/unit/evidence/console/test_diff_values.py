"""The values of properties, as `--diff` prints them on the console."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence import facts_from_console
from upshot.evidence.console.diffs import StepDiff

CLI: Final = Path(__file__).parents[3] / "corpus" / "cli"
HEAD: Final = """\
Previewing update (prod):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod]
"""
END: Final = "Resources:\n    ~ 1 to update\n"
STEP: Final = """\
    {sign} aws:ecs/service:Service: ({op})
        [id=arn:aws:ecs:1]
        [urn=urn:pulumi:prod::shop::aws:ecs/service:Service::web]
        [provider=urn:pulumi:prod::shop::pulumi:providers:aws::default::x]
"""
Rows = list[tuple[str, str, str]]


def rows(body: str, *, op: str = "update", sign: str = "~") -> Rows:
    text = HEAD + STEP.format(op=op, sign=sign) + body + END
    (change,) = facts_from_console([text.encode()]).changes
    return [(one.path, one.old, one.new) for one in change.properties]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("      ~ size: 2 => 4\n", [("size", "2", "4")]),
        ('      ~ a   : "x => y" => "z"\n', [("a", '"x => y"', '"z"')]),
        ('      + a: "x"\n      - b: [secret]\n', [("a", "", '"x"'), ("b", "[secret]", "")]),
        ('      ~ arn: "a" => output<string>\n', [("arn", '"a"', "known after apply")]),
        ('      ~ password: "hunter2" => "hunter3"\n', [("password", "[secret]", "[secret]")]),
        (
            '      ~ tags: {\n          ~ owner: "a" => "b"\n          + "x.y": "z"\n        }\n      ~ n: 1 => 2\n',
            [("tags.owner", '"a"', '"b"'), ('tags["x.y"]', "", '"z"'), ("n", "1", "2")],
        ),
        (
            "      ~ rules: [\n          ~ [0]: {\n                  ~ port: 80 => 443\n                }\n          - [1]: 7\n        ]\n",
            [("rules[0].port", "80", "443"), ("rules[1]", "7", "")],
        ),
        (
            '      ~ policy: (json) {\n          ~ Action: "s3:*" => "s3:Get*"\n        }\n',
            [("policy.Action", '"s3:*"', '"s3:Get*"')],
        ),
        ('      + tags: {\n          + a: "b"\n        }\n', [("tags.a", "", '"b"')]),
        ("    --outputs:--\n  ~ url: 1 => 2\n", []),
    ],
)  # fmt: skip
def test_properties_of_an_update(body: str, expected: Rows) -> None:
    assert rows(body) == expected


def test_a_new_resource_has_its_inputs_without_signs() -> None:
    body = '        name: "web"\n        subnets: [\n            [0]: "s-1"\n        ]\n'
    expected = [("name", "", '"web"'), ("subnets[0]", "", '"s-1"')]
    assert rows(body, op="create", sign="+") == expected


def test_a_deleted_resource_has_what_it_was() -> None:
    assert rows('        name: "web"\n', op="delete", sign="-") == [("name", '"web"', "")]


def test_a_log_of_the_real_cli() -> None:
    facts = facts_from_console([(CLI / "fine-replace-diff.log").read_bytes()])
    (change,) = facts.changes
    assert [(one.path, one.old, one.new) for one in change.properties] == [
        ("replace", '"1"', '"2"')
    ]


@given(st.lists(st.sampled_from(["{", "}", "[", "]", "~ a: 1 => 2", "+ b: {", "x: [", "- [0]: 3", "word", ""]), max_size=40), st.integers(2, 12))  # fmt: skip
def test_t35_no_lines_break_it_and_what_it_keeps_is_bounded(lines: list[str], indent: int) -> None:
    diff = StepDiff("update", 4)
    for line in lines:
        diff.feed(" " * indent + line)
    assert len(diff.changes) <= 50


@pytest.mark.parametrize(
    ("body", "forcing"),
    [
        ('      ~ name: "a" => "b"\n', ["name"]),
        ('      ~ name: "a" => "b"\n      ~ size: 2 => 4\n', []),
    ],
)
def test_the_one_property_of_a_replacement_forces_it(body: str, forcing: list[str]) -> None:
    text = HEAD + STEP.format(op="replace", sign="+-") + body + END
    (change,) = facts_from_console([text.encode()]).changes
    assert [one.path for one in change.properties if one.replaces] == forcing


def test_a_property_that_is_updated_in_place_forces_nothing() -> None:
    text = HEAD + STEP.format(op="update", sign="~") + "      ~ size: 2 => 4\n" + END
    (change,) = facts_from_console([text.encode()]).changes
    assert not change.properties[0].replaces
