"""`upshot why NAME LOG`: one resource, from the facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVENTS = str(Path(__file__).parents[2] / "corpus/cli/create-fails-cascade.events.jsonl")

Upshot = Callable[..., Any]


@pytest.mark.parametrize("name", ["receipts", "aws:s3:Bucket::receipts", "RECEIPTS"])
def test_a_resource_has_its_failure_its_class_and_the_advice(
    upshot: Upshot, log: str, name: str
) -> None:
    run = upshot("why", name, log)
    assert run.exit_code == 0
    assert "**`receipts`** (`aws:s3:Bucket`) could not be created" in run.out
    assert "BucketAlreadyExists" in run.out
    assert "The name is already taken at the provider" in run.out
    assert "1. " in run.out


def test_a_urn_means_one_resource(upshot: Upshot) -> None:
    failures = json.loads(upshot("explain", EVENTS, "--json").out)["facts"]["failures"]
    urn = failures[0]["urn"]
    matches = json.loads(upshot("why", urn, EVENTS, "--json").out)["matches"]
    assert [match["urn"] for match in matches] == [urn]


def test_a_resource_that_went_well_gets_no_diagnosis_of_another(upshot: Upshot, log: str) -> None:
    run = upshot("why", "reader", log)
    assert run.exit_code == 0
    assert "**`reader`** (`aws:iam:Role`)" in run.out
    assert "already taken" not in run.out


def test_a_stack_s_name_means_what_failed_in_it(upshot: Upshot, log: str) -> None:
    for name in ("acme/shop/prod", "shop/prod", "prod"):
        assert "**`receipts`**" in upshot("why", name, log).out


def test_a_stack_in_which_the_program_failed_names_its_error(
    upshot: Upshot, tmp_path: Path
) -> None:
    log = tmp_path / "program.log"
    log.write_text(
        "Updating (acme/shop/prod):\n\nDiagnostics:\n  pulumi:pulumi:Stack (shop-prod):\n"
        "    error: Program failed with an unhandled exception:\n"
        "    error: Missing required configuration variable 'shop:size'\n",
        "utf-8",
    )
    run = upshot("why", "prod", str(log))
    assert run.exit_code == 0
    assert "shop:size" in run.out


def test_a_stack_in_which_nothing_failed_names_what_changed(upshot: Upshot, tmp_path: Path) -> None:
    log = tmp_path / "fine.log"
    log.write_text(
        "Updating (acme/shop/prod):\n +   aws:s3:Bucket  receipts  created\n\nResources:\n    + 1 created\n",
        "utf-8",
    )
    run = upshot("why", "prod", str(log))
    assert run.exit_code == 0
    assert "**`receipts`** (`aws:s3:Bucket`) was created" in run.out


def test_a_name_that_is_not_there_lists_those_that_are_near(upshot: Upshot, log: str) -> None:
    run = upshot("why", "Recipt", log)
    assert (run.exit_code, run.out) == (1, "")
    assert "the evidence says nothing of Recipt" in run.err
    assert "perhaps you mean receipts" in run.err


def test_a_name_like_no_other_lists_what_there_is(upshot: Upshot, log: str) -> None:
    run = upshot("why", "zzzzzzzz", log)
    assert run.exit_code == 1
    assert "it names reader, receipts" in run.err or "it names receipts, reader" in run.err


def test_a_log_without_a_run_is_reported(upshot: Upshot, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk.\n", "utf-8")
    run = upshot("why", "milk", str(tmp_path / "notes.txt"))
    assert (run.exit_code, run.out) == (1, "")


def test_json_says_what_the_evidence_says(upshot: Upshot, log: str) -> None:
    document = json.loads(upshot("why", "receipts", log, "--json").out)
    (match,) = document["matches"]
    assert document["version"] == 1
    assert match["urn"] == "", "a console log names no URN"
    assert match["change"] is None or match["change"]["operation"] == "create"
    assert match["failures"][0]["error_code"] == "BucketAlreadyExists"
    assert match["diagnosis"]["failure_class"] == "already-exists"


def test_hostile_names_are_told_without_what_a_terminal_obeys(upshot: Upshot, log: str) -> None:
    run = upshot("why", "rec\x1b[31mipts", log)
    assert "\x1b" not in run.out + run.err


def test_a_resource_that_only_followed_names_what_failed_first(upshot: Upshot) -> None:
    facts = json.loads(upshot("explain", EVENTS, "--json").out)["facts"]
    first = next(each for each in facts["failures"] if not each["is_cascade"])
    assert first["name"]
    run = upshot("why", first["name"], EVENTS)
    assert run.exit_code == 0
    assert first["headline"][:40] in run.out
