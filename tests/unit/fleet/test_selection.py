"""`fleet-select`: words of one kind are or, kinds are and."""

from __future__ import annotations

import re

import pytest

from upshot.fleet.selection import State, is_plain_name, parse_selection
from upshot.model import StackRef

PROD = StackRef("acme", "web", "prod")
DAY_S = 86_400.0


def test_nothing_given_means_the_failed_ones() -> None:
    assert parse_selection("").states == (State.FAILED,)


def test_words_are_separated_by_commas_and_lines() -> None:
    found = parse_selection("failed, drifted\nstale:30d,deployment-failed")
    assert set(found.states) == set(State)
    assert found.stale_s == 30 * DAY_S


def test_all_takes_every_state() -> None:
    assert parse_selection("all, failed").states == ()


def test_a_selection_without_a_state_takes_every_state() -> None:
    assert parse_selection("project:web").states == ()


@pytest.mark.parametrize(
    ("word", "seconds"), [("90m", 5_400), ("6h", 21_600), ("1d", DAY_S), ("2w", 14 * DAY_S)]
)
def test_an_age_has_a_unit(word: str, seconds: float) -> None:
    assert parse_selection(f"stale:{word}").stale_s == seconds


def test_of_two_ages_the_shorter_one_takes_both() -> None:
    assert parse_selection("stale:30d,stale:7d").stale_s == 7 * DAY_S


@pytest.mark.parametrize(
    "word",
    [
        "stale",
        "stale:",
        "stale:30",
        "stale:0d",
        "stale:-1d",
        "failing",
        "tag:",
        "tag:a",
        "tag:=b",
        "tag:a=",
        "project:",
        "project:a b",
        "stack:;",
        "stack:$(id)",
        "all:x",
        "failed:x",
    ],
)
def test_another_word_is_refused_by_name(word: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(word)}$"):
        parse_selection(f"failed,{word}")


def test_globs_of_one_kind_are_or_and_kinds_are_and() -> None:
    takes = parse_selection("project:web*,project:api,stack:prod,stack:eu-*").matcher()
    assert takes(PROD)
    assert takes(StackRef("acme", "api", "eu-1"))
    assert not takes(StackRef("acme", "web", "dev"))
    assert not takes(StackRef("acme", "jobs", "prod"))


def test_a_glob_with_a_slash_is_about_the_whole_name() -> None:
    assert parse_selection("stack:web/*").matcher()(PROD)
    assert parse_selection("stack:acme/web/prod").matcher()(PROD)
    assert not parse_selection("stack:web/dev").matcher()(PROD)


def test_letters_of_another_case_are_other_letters() -> None:
    assert not parse_selection("project:WEB").matcher()(PROD)


def test_only_a_single_plain_project_is_asked_of_the_service() -> None:
    assert parse_selection("project:web").only_project == "web"
    assert parse_selection("project:web*").only_project == ""
    assert parse_selection("project:web,project:api").only_project == ""


def test_a_stack_that_was_never_updated_is_stale() -> None:
    found = parse_selection("stale:1d")
    assert found.is_stale(None, now=0.0)
    assert found.is_stale(0.0, now=DAY_S + 1)
    assert not found.is_stale(0.0, now=DAY_S)
    assert not parse_selection("failed").is_stale(None, now=0.0)


@pytest.mark.parametrize(
    "ref",
    [
        StackRef("acme", "web", "prod; rm -rf /"),
        StackRef("acme", "$(id)", "prod"),
        StackRef("acme", "web", 'pr"od'),
        StackRef("acme", "web", "prod\n"),
        StackRef("acme", "", "prod"),
        StackRef("acme", "web", "x" * 101),
        StackRef("acme", "w\u0435b", "prod"),
    ],
)
def test_t71_a_name_that_pulumi_does_not_allow_is_no_plain_name(ref: StackRef) -> None:
    assert not is_plain_name(ref)
    assert is_plain_name(PROD)


def test_a_glob_of_stars_is_matched_in_no_time() -> None:
    takes = parse_selection("stack:" + "*a" * 50 + "b").matcher()
    assert not takes(StackRef("acme", "web", "a" * 100))
