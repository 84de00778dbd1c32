"""`upshot replay FILE`: what an earlier run has kept, shown again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import json as wire

from upshot.model import Answer, NoAnswer, ReasonCode
from upshot.modes.asking.transcript import LIMIT_BYTES, Entry

Upshot = Callable[..., Any]


def kept(folder: Path, name: str, data: str | bytes) -> str:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(path)


def without_footer(page: str) -> str:
    return page.rpartition("<sub>")[0]


def test_a_result_is_the_same_report_again(upshot: Upshot, log: str, tmp_path: Path) -> None:
    file = kept(tmp_path, "result.json", upshot("explain", log, "--json").out)
    run = upshot("replay", file)
    assert run.exit_code == 0
    assert without_footer(run.out) == without_footer(upshot("explain", log).out)


def test_a_result_as_json_is_the_same_result(upshot: Upshot, log: str, tmp_path: Path) -> None:
    first = json.loads(upshot("explain", log, "--json").out)
    again = json.loads(upshot("replay", kept(tmp_path, "r.json", json.dumps(first)), "--json").out)
    assert again == first


def test_what_a_model_said_is_shown_as_its_words(upshot: Upshot, log: str, tmp_path: Path) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    result["ai"] |= {"backend_used": "copilot", "answer": "Take another name.", "calls": 1}
    run = upshot("replay", kept(tmp_path, "result.json", json.dumps(result)))
    assert "Take another name." in run.out
    assert "Pulumi Copilot" in run.out


def test_what_a_model_said_is_hostile_here_too(upshot: Upshot, log: str, tmp_path: Path) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    answer = "<img src=x> @everyone \x1b[2J ![](https://evil.example/x.png)"
    result["ai"] |= {"backend_used": "copilot", "answer": answer, "calls": 1}
    run = upshot("replay", kept(tmp_path, "result.json", json.dumps(result)))
    assert "<img" not in run.out
    assert "![" not in run.out
    assert "\x1b" not in run.out


def test_an_address_of_another_console_is_no_link(upshot: Upshot, log: str, tmp_path: Path) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    result["subject"] |= {
        "version": 3,
        "update_url": "https://evil.example/acme/shop/prod/updates/3",
    }
    run = upshot("replay", kept(tmp_path, "result.json", json.dumps(result)))
    assert "acme/shop/prod" in run.out
    assert "evil.example" not in run.out


def transcript(*entries: Entry) -> bytes:
    return b"".join(wire.encode(entry) + b"\n" for entry in entries)


ASKED = {"prompt": "Why did it fail?", "kind": "update", "outcome": "failed"}


def test_a_transcript_is_questions_and_answers(upshot: Upshot, tmp_path: Path) -> None:
    entry = Entry(ASKED, Answer("copilot", "The name is **taken**."))
    run = upshot("replay", kept(tmp_path, "transcript.jsonl", transcript(entry)))
    assert run.exit_code == 0
    assert "**Asked:** Why did it fail?" in run.out
    assert "**Written by Pulumi Copilot:**" in run.out
    assert "The name is **taken**." in run.out


def test_an_answer_that_never_came_says_why(upshot: Upshot, tmp_path: Path) -> None:
    reply = NoAnswer("copilot", ReasonCode.AI_TIMED_OUT, why="no answer in time")
    run = upshot("replay", kept(tmp_path, "t.jsonl", transcript(Entry({}, reply))))
    assert "Pulumi Copilot did not answer: no answer in time" in run.out


def test_a_transcript_over_a_log_is_the_whole_report(
    upshot: Upshot, log: str, tmp_path: Path
) -> None:
    entry = Entry(ASKED, Answer("copilot", "The name is taken."))
    run = upshot("replay", kept(tmp_path, "transcript.jsonl", transcript(entry)), log)
    assert run.exit_code == 0
    assert "BucketAlreadyExists" in run.out
    assert "The name is taken." in run.out


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Updating (acme/shop/prod):\n",
        b"{}",
        b'{"version": 2, "verdict": "failed"}',
        b"[" * 100_000,
        b'{"asked": {}, "reply": {"type": "Weather"}}',
        b"\xff\xfe\x00",
    ],
    ids=["empty", "log", "object", "newer", "deep", "unknown-reply", "binary"],
)
def test_what_upshot_has_not_written_is_refused(
    upshot: Upshot, tmp_path: Path, data: bytes
) -> None:
    run = upshot("replay", kept(tmp_path, "file", data))
    assert (run.exit_code, run.out) == (1, "")
    assert "was not written by Upshot" in run.err
    assert "result.json" in run.err


def test_a_file_without_end_is_refused(upshot: Upshot, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with path.open("wb") as file:
        file.truncate(LIMIT_BYTES * 100)
    run = upshot("replay", str(path))
    assert run.exit_code == 1
    assert "is larger than" in run.err


def test_the_result_of_a_run_without_an_update_has_nothing_to_show(
    upshot: Upshot, log: str, tmp_path: Path
) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    result |= {"verdict": "unknown", "subject": None, "facts": {}}
    run = upshot("replay", kept(tmp_path, "result.json", json.dumps(result)))
    assert (run.exit_code, run.out) == (1, "")
