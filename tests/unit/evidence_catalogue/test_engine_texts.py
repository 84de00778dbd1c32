"""The engine's own error texts: how they are filled, which count, and what the committed measure says."""

from __future__ import annotations

import pytest
from tools.engine_texts.__main__ import PAGE, load, render
from tools.engine_texts.filling import PROVIDER, REASON, URN, fill, words_of_its_own
from tools.engine_texts.judging import class_of, logs_of, parts_of, share_of
from tools.engine_texts.modules import Text
from tools.engine_texts.places import load_places

from upshot.evidence.catalogue import load_catalogue

MEASURED = load()
PLACES = load_places()


def text(
    said: str,
    *,
    package: str = "pkg/backend/diy",
    file: str = "lock.go",
    call: str = "fmt.Errorf",
    args: tuple[str, ...] = (),
) -> Text:
    return Text(package=package, file=file, function="f", call=call, text=said, args=list(args))  # fmt: skip


@pytest.mark.parametrize(
    ("said", "args", "filled"),
    [
        ("roses %s: %w", ("rose.Version", "err"), f"roses 4.2.0: {REASON}"),
        ("%q grows %d%%", ("name", "n"), '"media" grows 2%'),
        ("resource %v", (), f"resource {URN}"),
        ("provider '%v' of %v", ("urn", "len(all)"), f"provider '{PROVIDER}' of 2"),
        ("v%[2]s of %[1]s", ("kind", "err.Info.Version"), "v4.2.0 of resource"),
        ("found%s", ("where",), "found"),
    ],
)
def test_a_verb_is_filled_by_its_arguments_name_or_the_word_before_it(
    said: str, args: tuple[str, ...], filled: str
) -> None:
    assert fill(said, args) == filled


def test_what_wraps_shows_no_class_of_its_own() -> None:
    assert class_of(f"error: {REASON}\n") == "unclassified"
    assert words_of_its_own("%s: %w") == []


def test_a_text_counts_where_a_run_can_print_it_and_it_says_something() -> None:
    assert PLACES.counts(text("the roses are %v"))
    assert not PLACES.counts(text("%v: %w"))
    assert not PLACES.counts(text("the roses are %v", package="pkg/codegen/go"))
    assert not PLACES.counts(text("--roses cannot be used with --thorns"))


def test_a_class_is_expected_only_where_place_and_words_agree() -> None:
    assert PLACES.expected(text("the lock is rusty")) == ("state-locked",)
    assert PLACES.expected(text("the rose is rusty")) == ()
    assert PLACES.expected(text("the lock is rusty", package="pkg/engine", file="x.go")) == ()


def test_a_diagnostic_of_the_engine_is_read_in_its_block_too() -> None:
    assert len(logs_of(text("the roses wilt"))) == 1
    blocks = logs_of(text("resource %v wilts", call="diag.Message"))
    assert "aws:s3:Bucket (media):" in blocks[1]


def test_the_data_holds_facts_and_no_sentence() -> None:
    slugs = {found.slug for found in load_catalogue()} | {"succeeded", ""}
    assert len(MEASURED.versions) >= 8
    for each in MEASURED.texts:
        assert {*each.given, *each.expected} <= slugs
        assert {each.first, each.last} <= set(MEASURED.versions)
        assert len(each.digest) == 12
        assert not any(" " in held for held in (each.package, each.function))


def test_nearly_every_text_whose_place_tells_its_class_has_that_class() -> None:
    share = share_of(MEASURED.texts)
    assert share.judged >= 300
    assert share.right >= 0.97
    for name, texts in parts_of(MEASURED.texts).items():
        assert share_of(texts).right >= 0.9, name


def test_no_text_of_a_failed_run_is_read_as_a_success() -> None:
    assert not [each for each in MEASURED.texts if "succeeded" in each.given]


def test_the_page_states_the_shares() -> None:
    assert render(MEASURED) in PAGE.read_text(encoding="utf-8")
