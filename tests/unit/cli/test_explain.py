"""`upshot explain`: a report on standard output, and nothing else there."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOKEN = "pul-0123456789abcdef0123456789abcdef01234567"
EVENTS = Path(__file__).parents[2] / "corpus/cli/create-fails-cascade.events.jsonl"
OTHER = """\
Updating (acme/shop/dev):
     Type                 Name       Status
 +   aws:sqs:Queue        orders     **creating failed**

Diagnostics:
  aws:sqs:Queue (orders):
    error: creating SQS Queue (orders): AccessDenied: not allowed
"""

Upshot = Callable[..., Any]


def test_a_pipe_gets_the_markdown(upshot: Upshot, log: str) -> None:
    run = upshot("explain", log)
    assert run.exit_code == 0
    assert run.out.startswith("### ❌")
    assert "looked for" not in run.out, "nobody asked Pulumi Cloud, and nothing is missing"
    assert "BucketAlreadyExists" in run.out
    assert run.err == ""


def test_a_terminal_gets_lines_without_tags(
    upshot: Upshot, log: str, terminal: io.StringIO
) -> None:
    run = upshot("explain", "--no-pager", log, out=terminal)
    assert "Update failed" in run.out
    assert "BucketAlreadyExists" in run.out
    assert "<details" not in run.out
    assert "<sub" not in run.out
    assert "###" not in run.out


def test_json_is_json_and_has_the_schema_s_version(upshot: Upshot, log: str) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    assert result["version"] == 1
    assert result["verdict"] == "failed"


def test_json_invents_nothing(upshot: Upshot, log: str) -> None:
    result = json.loads(upshot("explain", log, "--json").out)
    assert result["ai"] == {
        "backend_used": "local",
        "calls": 0,
        "answer": "",
        "why_not": "",
        "conversation_id": "",
    }
    assert result["run"] is None
    assert result["subject"]["version"] is None
    assert result["comment"] is None
    assert result["facts"]["duration_s"] is None


def test_a_dash_is_standard_input(upshot: Upshot, log: str) -> None:
    run = upshot("explain", "-", stdin=Path(log).read_bytes())
    assert run.exit_code == 0
    assert "BucketAlreadyExists" in run.out


def test_tee_shows_what_comes_without_secrets_and_escape_codes(upshot: Upshot, log: str) -> None:
    text = Path(log).read_text("utf-8") + f"\x1b[31mtoken {TOKEN}\x1b[0m, no end of a line"
    run = upshot("explain", "--tee", "-", stdin=text.encode(), PULUMI_ACCESS_TOKEN=TOKEN)
    assert run.err.startswith("Updating (acme/shop/prod):\n")
    assert run.err.endswith(", no end of a line\n")
    assert TOKEN not in run.err
    assert "\x1b" not in run.err
    assert "Updating" not in run.out


def test_the_kind_of_each_file_is_found_out(upshot: Upshot, log: str) -> None:
    run = upshot("explain", str(EVENTS), "--json")
    assert json.loads(run.out)["facts"]["sources"] == ["events-file"]
    run = upshot("explain", log, "--json")
    assert json.loads(run.out)["facts"]["sources"] == ["log-file"]


def test_events_with_words_of_the_cli_behind_them_are_a_log(upshot: Upshot) -> None:
    """`pulumi up --json 2>&1`: what the CLI says after its events counts."""
    log = EVENTS.with_name("create-fails-json.log")
    run = upshot("explain", "-", "--json", stdin=log.read_bytes() + b"error: update failed\n")
    assert json.loads(run.out)["facts"]["sources"] == ["log-file"]
    assert json.loads(run.out)["verdict"] == "failed"


def test_an_event_log_that_was_cut_is_one(upshot: Upshot) -> None:
    run = upshot("explain", "-", "--json", stdin=EVENTS.read_bytes()[:-80])
    assert json.loads(run.out)["facts"]["sources"] == ["events-file"]


def test_the_kind_of_standard_input_is_found_out(upshot: Upshot) -> None:
    run = upshot("explain", "-", "--json", stdin=EVENTS.read_bytes())
    assert json.loads(run.out)["facts"]["sources"] == ["events-file"]


def test_the_older_options_say_the_kind(upshot: Upshot, log: str) -> None:
    assert upshot("explain", "--log-file", log).exit_code == 0
    assert upshot("explain", "--events-file", str(EVENTS)).exit_code == 0


def test_several_logs_are_several_stacks(upshot: Upshot, log: str, tmp_path: Path) -> None:
    other = tmp_path / "dev.log"
    other.write_text(OTHER, "utf-8")
    run = upshot("explain", log, str(other))
    assert "acme/shop/prod" in run.out
    assert "acme/shop/dev" in run.out


def test_powershell_writes_utf_16(upshot: Upshot, log: str, tmp_path: Path) -> None:
    wide = tmp_path / "wide.log"
    wide.write_bytes(b"\xff\xfe" + Path(log).read_text("utf-8").encode("utf-16-le"))
    run = upshot("explain", str(wide))
    assert run.exit_code == 0
    assert "BucketAlreadyExists" in run.out


def test_a_compressed_log_is_told_how_to_be_given(upshot: Upshot, log: str, tmp_path: Path) -> None:
    packed = tmp_path / "pulumi.log.gz"
    packed.write_bytes(gzip.compress(Path(log).read_bytes()))
    run = upshot("explain", str(packed))
    assert (run.exit_code, run.out) == (1, "")
    assert f"zcat {packed} | upshot explain -" in run.err


def test_a_result_of_ours_is_sent_to_replay(upshot: Upshot, log: str, tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    kept.write_text(upshot("explain", log, "--json").out, "utf-8")
    run = upshot("explain", str(kept))
    assert (run.exit_code, run.out) == (1, "")
    assert f"upshot replay {kept}" in run.err


def test_a_file_that_is_not_there_is_reported_and_nothing_is_printed(
    upshot: Upshot, tmp_path: Path
) -> None:
    run = upshot("explain", str(tmp_path / "nothing.log"))
    assert (run.exit_code, run.out) == (1, "")
    assert run.err.endswith("nothing.log cannot be read: No such file or directory\n")


def test_a_file_without_anything_of_pulumi_is_reported_by_the_exit_code(
    upshot: Upshot, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk.\n", "utf-8")
    assert upshot("explain", str(tmp_path / "notes.txt")).exit_code == 1


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_neither_a_device_nor_a_folder_is_a_file(upshot: Upshot, path: str) -> None:
    run = upshot("explain", path)
    assert (run.exit_code, run.out) == (1, "")
    assert f"{path} cannot be read" in run.err


@pytest.mark.parametrize(
    "arguments", [(), ("-", "-"), ("https://app.pulumi.com/a/b/c/updates/1",) * 2]
)
def test_what_cannot_be_meant_is_bad_usage(upshot: Upshot, arguments: tuple[str, ...]) -> None:
    run = upshot("explain", *arguments)
    assert (run.exit_code, run.out) == (2, "")
    assert "upshot explain --help" in run.err


def test_t9_secrets_of_the_environment_are_masked(upshot: Upshot, log: str) -> None:
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(f"error: token {TOKEN} refused\n")
    run = upshot("explain", log, PULUMI_ACCESS_TOKEN=TOKEN)
    assert TOKEN[:20] not in run.out + run.err


def test_no_escape_code_of_a_log_reaches_the_terminal(
    upshot: Upshot, log: str, terminal: io.StringIO
) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    text = Path(log).read_text("utf-8").replace("not available", f"not {hostile}available")
    Path(log).write_text(text.replace("receipts", f"rec{hostile}eipts"), "utf-8")
    run = upshot("explain", log, "--color", "never", "--no-pager", out=terminal)
    assert "BucketAlreadyExists" in run.out
    assert not {"\x1b", "\x07", "\x9b"} & set(run.out + run.err)


def test_a_hostile_file_name_is_told_without_what_a_terminal_obeys(upshot: Upshot) -> None:
    run = upshot("explain", "no\x1b[2Jsuch\x07file")
    assert "nosuchfile cannot be read" in run.err
