"""JSON of any shape is read without an error, and nothing of another type comes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.lenient import as_dict, as_id, as_int, as_list, as_number, as_text, look

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_comes_out_is_of_the_type_or_empty(value: Any) -> None:
    assert as_dict(value) == (value if isinstance(value, dict) else {})
    assert as_list(value) == (value if isinstance(value, list) else [])
    assert as_text(value) == (value if isinstance(value, str) else "")


@pytest.mark.parametrize("value", [True, False, None, "1", [], {}])
def test_a_number_is_a_number(value: object) -> None:
    assert as_int(value) is None
    assert as_number(value) is None
    assert (as_int(7), as_number(7), as_int(7.5), as_number(7.5)) == (7, 7.0, None, 7.5)


def test_a_look_goes_key_by_key() -> None:
    value = {"head": {"repo": None, "sha": "abc"}}
    assert look(value, "head", "sha") == "abc"
    assert look(value) is value


@pytest.mark.parametrize(
    "path", [("base",), ("head", "repo", "name"), ("head", "sha", "x"), ("x", "y", "z")]
)
def test_a_look_into_what_is_not_there_finds_nothing(path: tuple[str, ...]) -> None:
    assert look({"head": {"repo": None, "sha": "abc"}}, *path) is None


@given(JSON, st.lists(st.text(max_size=3), max_size=4))
def test_no_look_fails(value: Any, path: list[str]) -> None:
    look(value, *path)


@pytest.mark.parametrize(
    "value",
    ["", "a b", "a/b", "../x", "a%2fb", "id\n", "a\nverdict=ok", "é", "x" * 129, "-->", 7, None],
)
def test_t20_no_text_of_another_form_is_an_id(value: object) -> None:
    assert as_id(value) == ""
    assert as_id("task_01-Z") == "task_01-Z"
