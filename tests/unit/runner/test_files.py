"""File commands, held against the runner's own grammar."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.result import output_names
from upshot.runner.files import save_state, write_output, write_summary
from upshot_sandbox.oracle import parse_file_commands


def make_token() -> Callable[[], str]:
    return lambda: os.urandom(16).hex()


VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["a\nEOF\napproved=true\nz<<EOF\nEOF", "x\r", "\n", "a=b", "a<<b", "q\"uote's", "  "]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(output_names()), VALUES), max_size=5))
def test_t6_what_was_written_is_what_the_runner_reads(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("runner") / "output"
    path.touch()
    for name, value in pairs:
        write_output(str(path), name, value, token=make_token())
    assert parse_file_commands(path.read_bytes()) == pairs


def test_t6_a_value_that_holds_the_delimiter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "output"
    with pytest.raises(ValueError, match="delimiter"):
        write_output(str(path), "answer", "x\nghadelimiter_same\ny=z", token=lambda: "same")
    assert not path.exists()


@pytest.mark.parametrize("name", ["", "PATH", "answer\nx", "LD_PRELOAD", "verdict=", "Verdict"])
def test_t7_only_plain_names_are_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "output"
    with pytest.raises(ValueError, match="not a name"):
        write_output(str(path), name, "x", token=make_token())
    with pytest.raises(ValueError, match="not a name"):
        save_state(str(path), name, "x", token=make_token())
    assert not path.exists()


def test_the_names_of_outputs_fit_the_runners_rules() -> None:
    assert all(name.replace("-", "").isalpha() and name.islower() for name in output_names())


def test_state_is_kept_for_the_post_stage(tmp_path: Path) -> None:
    path = tmp_path / "state"
    save_state(str(path), "task-id", "task_1", token=make_token())
    assert parse_file_commands(path.read_bytes()) == [("task-id", "task_1")]


def test_a_lone_surrogate_does_not_stop_an_output(tmp_path: Path) -> None:
    path = tmp_path / "output"
    write_output(str(path), "answer", "a\ud800b", token=make_token())
    assert parse_file_commands(path.read_bytes()) == [("answer", "a?b")]


def test_a_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("# before\n", encoding="utf-8")
    assert write_summary(str(path), "ours") is True
    assert path.read_text(encoding="utf-8") == "# before\nours\n"


def test_t41_a_summary_over_the_budget_loses_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    text = "\n".join("🙂" * 10 for _ in range(100))
    assert write_summary(str(path), text, budget_bytes=1_000) is False
    data = path.read_bytes()
    assert len(data) <= 1_000
    assert set(data.decode().splitlines()) == {"🙂" * 10}


@contextmanager
def full_disk(after_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_half_output_that_the_runner_would_fail_on(tmp_path: Path) -> None:
    path = tmp_path / "output"
    write_output(str(path), "verdict", "failed", token=lambda: "t" * 32)
    whole = path.read_bytes()
    with full_disk(len(whole) + 60), pytest.raises(OSError, match="large"):
        write_output(str(path), "answer", "words " * 100, token=lambda: "u" * 32)
    assert path.read_bytes() == whole
    assert dict(parse_file_commands(whole)) == {"verdict": "failed"}


def test_t8_no_code_names_the_environment_files() -> None:
    source = Path(__file__).parents[3] / "src" / "upshot"
    code = {path: path.read_text(encoding="utf-8") for path in source.rglob("*.py")}
    assert len(code) > 20
    named = [p for p, text in code.items() if '"GITHUB_ENV"' in text or '"GITHUB_PATH"' in text]
    assert named == []
