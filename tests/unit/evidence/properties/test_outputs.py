"""The outputs of a stack, from events and from the display: before, after, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.evidence import facts_from_console, facts_from_events
from upshot.evidence.facts import MAX_OUTPUTS
from upshot.model import Facts, StackOutput

URN = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:x",
}


def events(old: dict[str, Any], new: dict[str, Any] | None, op: str = "same") -> Facts:
    states = {"old": {"outputs": old}, "new": None if new is None else {"outputs": new}}
    early = {"op": op, "urn": URN, "type": "pulumi:pulumi:Stack", "old": {"outputs": {}}, "new": {}}
    late = {**early, **states}
    lines = [{"resOutputsEvent": {"metadata": each}} for each in (early, late)]
    return facts_from_events(json.dumps(line).encode() for line in lines)


def console(body: str) -> Facts:
    text = f"Updating (prod)\n\nOutputs:\n{body}\nResources:\n    1 unchanged\n\nDuration: 1s\n"
    return facts_from_console([text.encode()])


def test_events_say_what_each_output_was_and_is() -> None:
    found = events({"url": "a", "gone": 1, "same": True}, {"url": "b", "same": True, "new": [1, 2]})
    assert found.outputs == (
        StackOutput("url", '"a"', '"b"'),
        StackOutput("gone", "1", ""),
        StackOutput("same", "true", "true"),
        StackOutput("new", "", "[1,2]"),
    )


def test_of_a_destroyed_stack_every_output_goes() -> None:
    assert events({"url": "a"}, None, op="delete").outputs == (StackOutput("url", '"a"', ""),)


@pytest.mark.parametrize("value", ["[secret]", SECRET])
def test_t4_a_secret_output_is_masked_in_events(value: Any) -> None:
    found = events({"key": value, "dbPassword": "hunter2"}, {"key": value, "dbPassword": "hunter3"})
    assert {text for each in found.outputs for text in (each.old, each.new)} == {"[secret]"}


def test_what_is_not_known_before_the_update_is_said_so() -> None:
    found = events({}, {"url": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"})
    assert found.outputs == (StackOutput("url", "", "known after apply"),)


def test_the_display_says_the_same_with_signs() -> None:
    found = console(
        '  ~ address: "a.example" => "b.example"\n'
        '    bucket : "assets"\n'
        "  + list   : [\n"
        "  +     [0]: 1\n"
        "    ]\n"
        "  - old    : 3\n"
        '  + dbPassword: "hunter2"\n'
    )
    assert found.outputs == (
        StackOutput("address", '"a.example"', '"b.example"'),
        StackOutput("bucket", '"assets"', '"assets"'),
        StackOutput("list", "", "[\n  +     [0]: 1\n    ]"),
        StackOutput("old", "3", ""),
        StackOutput("dbPassword", "", "[secret]"),
    )


def test_many_outputs_are_counted() -> None:
    found = events({}, {f"o{n}": n for n in range(MAX_OUTPUTS + 7)})
    assert (len(found.outputs), found.outputs_omitted) == (MAX_OUTPUTS, 7)
