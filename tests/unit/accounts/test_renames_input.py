"""`claim-renames`: JSON, or the small part of YAML that means the same to every parser."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from upshot.errors import InputError
from upshot.inputs.renames import parse_renames, write_renames

PART = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True)
KEY = st.lists(PART, min_size=1, max_size=3).map("/".join)


def test_a_mapping_as_people_write_it() -> None:
    text = """\
---
# what the preview offered
shop/prod: prod-agent-3f9c1d   # a stack
"shop/staging": 'staging-2'

  # an environment
cloud/base : base_agent
insights-account: insights-2
private/acme/vpc: vpc-2
"""
    assert parse_renames(text) == {
        "shop/prod": "prod-agent-3f9c1d",
        "shop/staging": "staging-2",
        "cloud/base": "base_agent",
        "insights-account": "insights-2",
        "private/acme/vpc": "vpc-2",
    }


@pytest.mark.parametrize("text", ["", "\n", "  # nothing\n", "---\n", "{}", "\ufeff"])
def test_nothing_renames_nothing(text: str) -> None:
    assert parse_renames(text) == {}


def test_line_ends_of_windows_are_line_ends() -> None:
    assert parse_renames("shop/prod: prod-2\r\nshop/dev: dev-2\r\n") == {
        "shop/prod": "prod-2",
        "shop/dev": "dev-2",
    }


def test_json_is_taken_as_well() -> None:
    assert parse_renames(' {"shop/prod": "prod-2"} ') == {"shop/prod": "prod-2"}


def test_a_number_is_a_name() -> None:
    """YAML has no types here: what is written is the name."""
    assert parse_renames("shop/1: 2026\nshop/2: true") == {"shop/1": "2026", "shop/2": "true"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shop/prod prod-2", "line 1"),
        ("shop/prod:prod-2", "line 1"),
        ("a: b\nshop/prod:\n  name: x", "line 2"),
        ("- shop/prod: prod-2", "line 1"),
        (" shop/prod: prod-2", "line 1"),
        ("\tshop/prod: prod-2", "line 1"),
        ("shop/prod:\tprod-2", "line 1"),
        ("shop/prod: &a prod-2", "line 1"),
        ("shop/prod: *a", "line 1"),
        ("shop/prod: !!python/object/apply:os.system [id]", "line 1"),
        ("shop/prod: |\n  prod-2", "line 1"),
        ("shop/prod: >-\n  prod-2", "line 1"),
        ("? shop/prod\n: prod-2", "line 1"),
        ("<<: prod-2", "line 1"),
        ("shop/prod: ~", "line 1"),
        ('shop/prod: "pr\\x6fd"', "line 1"),
        ("shop/prod: prod-2#3", "line 1"),
        ("# comment\rshop/dev: dev-2", "line 1"),
        ("# comment\u2028shop/dev: dev-2", "line 1"),
        ("# comment\u0085shop/dev: dev-2", "line 1"),
        ("%YAML 1.2\n---\nshop/prod: prod-2", "line 1"),
        ("shop/prod: prod-2\n---\nshop/dev: dev-2", "line 2"),
        ("shop/prod: prod-2\n...", "line 2"),
    ],
)
def test_anything_else_of_yaml_is_refused_with_its_line(text: str, found: str) -> None:
    with pytest.raises(InputError, match=found) as caught:
        parse_renames(text)
    assert caught.value.name == "claim-renames"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shop/prod: shop/prod-2", "a bare name"),
        ("shop/prod: a@b", "a bare name"),
        ("shop/prod: " + "a" * 101, "a bare name"),
        ('shop/prod: ""', "a bare name"),
        ("a/b/c/d: e", "source/publisher/name"),
        ("shop//prod: e", "source/publisher/name"),
        ("shop/: e", "source/publisher/name"),
        ("shop/prod: a\nshop/prod: b", "twice"),
        ('{"shop/prod": "a", "shop/prod": "b"}', "twice"),
        ('{"shop/prod": {"a": "b"}}', "no text"),
        ('{"shop/prod": 7}', "no text"),
        ('{"shop/prod": null}', "no text"),
        ('["shop/prod"]', "no object"),
        ("[]", "no object"),
        ('{"shop/prod": "a"', r"cannot be read \(line 1\)"),
        ('{"shop/prod": ' * 3_000, "."),
        ("a" * 70_000, "bytes"),
        ("\n".join(f"a/{n}: b" for n in range(1_001)), "1,000"),
    ],
)
def test_a_wrong_entry_is_refused_and_named(text: str, found: str) -> None:
    with pytest.raises(InputError, match=found) as caught:
        parse_renames(text)
    assert len(caught.value.message) < 500


@given(st.text(alphabet="ab/1: \"'#-\n\r\t{}[]&*!|>~.\u2028\ufeff", max_size=40))
def test_what_is_accepted_means_the_same_to_a_yaml_parser(text: str) -> None:
    try:
        renames = parse_renames(text)
    except InputError:
        return
    assert (yaml.load(text, yaml.BaseLoader) or {}) == renames


@given(st.text())
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    try:
        renames = parse_renames(text)
    except InputError:
        return
    assert all(name and "/" not in name for name in renames.values())


@given(st.dictionaries(KEY, PART, max_size=5))
def test_what_is_offered_to_paste_is_read_back_by_us_and_by_yaml(renames: dict[str, str]) -> None:
    text = write_renames(renames.items())
    assert parse_renames(text) == renames
    assert (yaml.safe_load(text) or {}) == renames
    assert parse_renames(json.dumps(renames)) == renames


@given(st.text(), st.text())
def test_a_hostile_name_stays_on_its_line(key: str, name: str) -> None:
    text = write_renames([(key, name)])
    assert text.isascii()
    assert text.count("\n") == 1
    assert all(char.isprintable() for char in text[:-1])
