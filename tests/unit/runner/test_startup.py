"""Regular expressions that were compiled ahead are the very ones that Python would compile."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from upshot.runner.startup import look_up, prepare, read, record

if TYPE_CHECKING:
    from upshot.runner.startup import Known

WRITE = "import sys; from upshot.runner.startup import write; print(write(sys.argv[1]))"
START = """
import sys
from upshot.runner import startup
startup.prepare(sys.argv[1])
import upshot.app, upshot.http.client, upshot.http.direct, httpx
import typing_extensions
print(typing_extensions.__name__)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compiled") / "__pycache__" / "expressions.msgpack"
    done = subprocess.run(
        [sys.executable, "-I", "-c", WRITE, str(path)], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) > 400
    return path


def refuse(expression: object, flags: int) -> re.Pattern[str]:
    raise AssertionError(expression)


def test_each_expression_is_what_python_would_compile(file: Path) -> None:
    known = read(str(file))
    compile_expression = look_up(known, refuse)
    for _, expression, flags in known:
        assert compile_expression(expression, flags) == re.compile(expression, flags)


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"creating urn:pulumi:", "error: creating urn:pulumi:dev", "creating urn:pulumi:"),
        (r"(?P<a>x)|(?P<b>y)", "..y", "y"),
        (r"[\u00c0-\u017f]+", "a Ärger", "Ä"),
        (r"(?i:secret)\b", "my SECRET", "SECRET"),
    ],
)
def test_a_kept_expression_finds_the_same(expression: str, text: str, found: str) -> None:
    known: Known = {}
    record(known)(expression, 0)
    kept = look_up(known, refuse)(expression, 0)
    match = kept.search(text)
    assert match
    assert match[0] == found
    assert match.groupdict() == re.compile(expression).search(text).groupdict()  # type: ignore[union-attr]


def test_text_and_bytes_of_the_same_letters_are_two_expressions() -> None:
    known: Known = {}
    compile_and_keep = record(known)
    compile_and_keep("a+", 0)
    compile_and_keep(b"a+", 0)
    assert look_up(known, refuse)(b"a+", 0).search(b"caa") is not None
    assert look_up(known, refuse)("a+", 0).search("caa") is not None


def test_what_is_not_kept_is_compiled_as_ever() -> None:
    assert look_up({}, re.compile)("a+", re.IGNORECASE) == re.compile("a+", re.IGNORECASE)
    with pytest.raises(TypeError):
        look_up({}, re.compile)(["a"], 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00broken",
        msgspec.msgpack.encode("text"),
        msgspec.msgpack.encode({"python": "3.0", "expressions": [1, 2]}),
    ],
    ids=["empty", "broken", "other", "another-python"],
)
def test_a_file_that_is_damaged_or_of_another_python_counts_for_nothing(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "expressions.msgpack"
    path.write_bytes(content)
    assert read(str(path)) == {}


def test_without_the_file_nothing_changes(tmp_path: Path) -> None:
    before = re._compiler.compile  # type: ignore[attr-defined]
    prepare(str(tmp_path / "none"))
    assert re._compiler.compile is before  # type: ignore[attr-defined]


def test_a_start_with_the_file_runs_and_every_library_can_be_loaded_later(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", START, str(file)], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "typing_extensions"
