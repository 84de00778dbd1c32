"""What the events of the engine say about properties, from the old value to the new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence import facts_from_events
from upshot.evidence.properties.changes import MAX_PROPERTIES, compare
from upshot.evidence.properties.paths import MISSING, look_up, parse_path, write_path
from upshot.evidence.properties.shown import VALUE_KEPT, show
from upshot.model import PropertyChange
from upshot.model import PropertyChangeKind as Kind

CLI: Final = Path(__file__).parents[3] / "corpus" / "cli"
SECRET: Final = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "[secret]",
}
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
URN: Final = "urn:pulumi:dev::shop::aws:rds/instance:Instance::orders"


def event(op: str, **metadata: Any) -> bytes:
    data = {"op": op, "urn": URN, "type": "aws:rds/instance:Instance", **metadata}
    return json.dumps({"resOutputsEvent": {"metadata": data, "planning": True}}).encode()


def state(inputs: Any, outputs: Any = None) -> dict[str, Any]:
    return {"inputs": inputs, "outputs": inputs if outputs is None else outputs}


def changes(*lines: bytes) -> tuple[PropertyChange, ...]:
    facts = facts_from_events(lines)
    assert len(facts.changes) == 1
    return facts.changes[0].properties


def rows(found: tuple[PropertyChange, ...]) -> list[tuple[str, str, str]]:
    return [(change.path, change.old, change.new) for change in found]


class TestADetailedDiff:
    def test_old_values_are_inputs_where_it_says_so_and_else_outputs(self) -> None:
        found = changes(
            event(
                "update",
                old=state({"size": 2, "tags": {"a": "x"}}, {"size": 3, "tags": {"a": "y"}}),
                new=state({"size": 5, "tags": {"a": "z"}}, {}),
                detailedDiff={
                    "size": {"diffKind": "update", "inputDiff": False},
                    "tags.a": {"diffKind": "update", "inputDiff": True},
                },
            )
        )
        assert rows(found) == [("size", "3", "5"), ("tags.a", '"x"', '"z"')]

    def test_what_comes_and_what_goes_has_one_value(self) -> None:
        found = changes(
            event(
                "update",
                old=state({"rules": [{"port": 22}]}),
                new=state({"rules": [], "tags": {"a.b": "c"}}),
                detailedDiff={
                    'tags["a.b"]': {"diffKind": "add"},
                    "rules[0]": {"diffKind": "delete"},
                },
            )
        )
        assert [(one.kind, one.old, one.new) for one in found] == [
            (Kind.ADD, "", '"c"'),
            (Kind.DELETE, '{"port":22}', ""),
        ]

    def test_what_forces_a_replacement_comes_first_and_says_so(self) -> None:
        found = changes(
            event(
                "create-replacement",
                old=state({"a": 1, "engine": "14"}),
                new=state({"a": 2, "engine": "16"}),
                detailedDiff={
                    "a": {"diffKind": "update", "inputDiff": True},
                    "engine": {"diffKind": "update-replace", "inputDiff": True},
                },
            ),
            event("delete-replaced", old=state({"a": 1, "engine": "14"}), new=None),
        )
        assert [(one.path, one.replaces) for one in found] == [("engine", True), ("a", False)]

    def test_a_value_that_only_the_update_brings(self) -> None:
        found = changes(
            event(
                "update",
                old=state({"arn": "arn:1"}),
                new=state({"arn": UNKNOWN}),
                detailedDiff={"arn": {"diffKind": "update", "inputDiff": True}},
            )
        )
        assert rows(found) == [("arn", '"arn:1"', "known after apply")]


class TestWithoutADetailedDiff:
    def test_inputs_are_compared_as_deep_as_they_go(self) -> None:
        old = {"tags": {"a": "1", "b": "2"}, "ports": [1, 2, 3], "same": {"x": 1}}
        new = {"tags": {"a": "1", "c": "3"}, "ports": [1, 9], "same": {"x": 1}}
        found = changes(event("update", old=state(old), new=state(new), detailedDiff=None))
        assert rows(found) == [
            ("tags.b", '"2"', ""),
            ("tags.c", "", '"3"'),
            ("ports[1]", "2", "9"),
            ("ports[2]", "3", ""),
        ]

    def test_keys_name_what_forces_a_replacement(self) -> None:
        found = changes(
            event("replace", old=state({"a": {"b": 1}}), new=state({"a": {"b": 2}}), keys=["a"])
        )
        assert [(one.path, one.replaces) for one in found] == [("a.b", True)]

    def test_a_new_resource_has_its_inputs_and_none_of_the_engines_own(self) -> None:
        found = changes(event("create", old=None, new=state({"__defaults": [], "acl": "private"})))
        assert rows(found) == [("acl", "", '"private"')]

    def test_a_deleted_one_has_what_it_was(self) -> None:
        found = changes(event("delete", old=state({"acl": "private"}), new=None))
        assert rows(found) == [("acl", '"private"', "")]


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("fine-replace", [("replace", '"1"', '"2"')]),
        ("fine-replace-early", [("replace", '"1"', '"2"')]),
        ("fine-secret", [("value", "", "[secret]")]),
    ],
)
def test_logs_of_the_real_cli(log: str, expected: list[tuple[str, str, str]]) -> None:
    facts = facts_from_events((CLI / f"{log}.events.jsonl").read_bytes().splitlines())
    assert [rows(change.properties) for change in facts.changes] == [expected]


def test_drift_is_what_a_refresh_found_in_the_outputs() -> None:
    facts = facts_from_events((CLI / "refresh-drift.events.jsonl").read_bytes().splitlines())
    drift = {change.name: rows(change.properties) for change in facts.changes}
    assert drift["assets"] == [("value", '"a"', '"changed"')]


class TestSecrets:
    @pytest.mark.parametrize("where", ["password", "config.password", "list[0]"])
    def test_t9_a_secret_is_a_word_wherever_it_stands(self, where: str) -> None:
        inputs = {"password": SECRET, "config": {"password": SECRET}, "list": [SECRET]}
        found = changes(
            event(
                "update",
                old=state(inputs),
                new=state(inputs),
                detailedDiff={where: {"diffKind": "update", "inputDiff": True}},
            )
        )
        assert rows(found) == [(where, "[secret]", "[secret]")]

    def test_t9_a_path_into_a_secret_shows_nothing_of_it(self) -> None:
        secret = {**SECRET, "plaintext": '{"key":"hunter2hunter2"}', "key": "hunter2hunter2"}
        found = changes(
            event(
                "update",
                old=state({"env": secret}),
                new=state({"env": secret}),
                detailedDiff={"env.key": {"diffKind": "update", "inputDiff": True}},
            )
        )
        assert rows(found) == [("env.key", "[secret]", "[secret]")]

    @pytest.mark.parametrize(
        "name", ["password", "masterPassword", "privateKey", "client_secret", "connectionString"]
    )
    def test_t9_a_name_that_stands_for_a_secret_has_no_value(self, name: str) -> None:
        found = changes(
            event("create", new=state({name: "hunter2hunter2", "x": {name: "hunter2"}}))
        )
        assert "hunter2" not in repr(found)

    @pytest.mark.parametrize("name", ["secretArn", "passwordResetRequired", "tokenName", "keyId"])
    def test_a_name_that_only_resembles_one_keeps_its_value(self, name: str) -> None:
        assert rows(changes(event("create", new=state({name: "v"})))) == [(name, "", '"v"')]


class TestForms:
    @pytest.mark.parametrize("form", [[], "text", 7, None, {"inputs": "text"}, {"protect": []}])
    def test_a_state_of_another_form_is_none(self, form: Any) -> None:
        facts = facts_from_events([event("update", old=form, new=form, diffs=["a"])])
        assert [change.diffs for change in facts.changes] == [("a",)]

    def test_more_properties_than_fit_are_counted(self) -> None:
        many = {f"p{at}": at for at in range(MAX_PROPERTIES + 7)}
        facts = facts_from_events([event("create", new=state(many))])
        assert facts.changes[0].properties_omitted == 7

    def test_t35_a_value_of_a_megabyte_is_cut_in_the_middle(self) -> None:
        (change,) = changes(event("create", new=state({"data": "a" * 1_000_000 + "z"})))
        assert len(change.new) <= VALUE_KEPT + 1
        assert change.new.startswith('"aaa')
        assert change.new.endswith('az"')

    def test_t35_the_values_of_many_changes_are_bounded_and_their_names_stay(self) -> None:
        inputs = {f"p{at}": "x" * 5_000 for at in range(20)}
        lines = [
            event("create", new=state(inputs)).replace(b"::orders", b"::orders-%d" % at)
            for at in range(60)
        ]
        found = facts_from_events(lines).changes
        assert sum(len(one.new) for change in found for one in change.properties) <= 1_500_000
        assert all(len(change.properties) == 20 for change in found)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", '""'),
        ("text", '"text"'),
        (None, "null"),
        (True, "true"),
        ([1, 2], "[1,2]"),
        ({"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "path": "./a", "hash": "0123456789"}, "asset(path:./a, 01234567)"),
        ('{"Version":"2012-10-17","Statement":[]}', '{"Version":"2012-10-17","Statement":[]}'),
        ("a: 1\nb: 2\n", "a: 1\nb: 2\n"),
        ({"a": UNKNOWN}, '{"a":"known after apply"}'),
    ],
)  # fmt: skip
def test_a_value_as_text(value: Any, shown: str) -> None:
    assert show(value) == shown


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(0, 99)), min_size=1, max_size=4))
def test_a_path_is_read_as_it_was_written(steps: list[str | int]) -> None:
    assert parse_path(write_path(tuple(steps))) == tuple(steps)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@given(JSON, JSON)
def test_every_difference_is_one_and_has_its_values(old: Any, new: Any) -> None:
    for change in compare(old, new):
        steps = parse_path(change.path)
        one, other = (look_up(value, steps, lambda _: False) for value in (old, new))
        if "" not in steps:
            assert one is MISSING or other is MISSING or one != other


@given(JSON)
def test_a_value_is_shown_in_bounds_whatever_it_is(value: Any) -> None:
    assert 0 < len(show(value)) <= VALUE_KEPT + 3
    assert msgspec.json.encode(show(value))
