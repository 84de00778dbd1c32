"""Reports of other jobs are hostile files until proven otherwise (threat T36)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace
from tests.golden.report.scenarios import SCENARIOS, failed_update, succeeded

from upshot.modes.joined.stored import (
    FILE_LIMIT_BYTES,
    MOST_REPORTS,
    parse_report,
    read_reports,
)
from upshot.report.content import Report


def store(folder: Path, report: Report | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    data = report if isinstance(report, bytes) else json.encode(report)
    path = folder / "report.json"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_report_of_ours_is_read_back_as_it_was(name: str) -> None:
    report = SCENARIOS[name]()
    assert parse_report(json.encode(report)) == report


def test_reports_are_found_at_any_depth_in_the_order_of_their_folders(tmp_path: Path) -> None:
    store(tmp_path / "upshot-prod" / "upshot" / "web", failed_update())
    store(tmp_path / "upshot-dev" / "web", succeeded())
    (tmp_path / "upshot-dev" / "web" / "report.md").write_text("not this one")
    found = read_reports(str(tmp_path))
    assert [stored.place for stored in found.reports] == [
        "upshot-dev/web",
        "upshot-prod/upshot/web",
    ]
    assert found.refused == 0


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_that_holds_nothing_is_no_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    assert read_reports(str(tmp_path / name)).reports == ()


def test_t36_links_are_neither_followed_nor_read(tmp_path: Path) -> None:
    outside = store(tmp_path / "outside", succeeded())
    inside = tmp_path / "inside"
    (inside / "file").mkdir(parents=True)
    (inside / "file" / "report.json").symlink_to(outside)
    (inside / "folder").symlink_to(tmp_path / "outside")
    assert read_reports(str(inside)).reports == ()


def test_t36_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    assert read_reports(str(tmp_path)).reports == ()


def test_t36_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    data = json.encode(succeeded())
    store(tmp_path, data + b" " * (FILE_LIMIT_BYTES + 1 - len(data)))
    found = read_reports(str(tmp_path))
    assert (found.reports, found.refused) == ((), 1)


def test_t36_no_more_reports_than_the_bound(tmp_path: Path) -> None:
    for n in range(8):
        store(tmp_path / f"{n:04}", succeeded())
    found = read_reports(str(tmp_path), most=5)
    assert (len(found.reports), found.refused) == (5, 3)


def test_the_reports_of_a_whole_fleet_are_read(tmp_path: Path) -> None:
    """256 legs of 40 stacks; `bench.joined.collect` joins all of them."""
    assert MOST_REPORTS >= 256 * 40
    for n in range(300):
        store(tmp_path / f"upshot-{n // 40}" / "default" / str(n), succeeded())
    found = read_reports(str(tmp_path))
    assert (len(found.reports), found.refused) == (300, 0)


def test_t36_folders_are_searched_to_a_bound(tmp_path: Path) -> None:
    store(tmp_path.joinpath(*"abcdefghijkl"), succeeded())
    assert read_reports(str(tmp_path)).reports == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"facts":' * 50_000,
        b"\xff\xfe",
        b'"report"',
        b'{"facts":1}',
    ],
    ids=["empty", "object", "deep", "deep objects", "no utf-8", "text", "wrong type"],
)
def test_t36_what_is_no_report_is_refused(data: bytes) -> None:
    assert parse_report(data) is None


HOSTILE: dict[str, dict[str, Any]] = {
    "a time without end": {"made_at": 1e300},
    "a time before all": {"made_at": -1},
    "a run that is no number": {"run": {"run_id": "1)[x](https://evil.example"}},
    "a commit that is none": {"run": {"sha": "../../settings"}},
    "a stack that leads elsewhere": {"subject": {"stack": {"project": "../.."}}},
    "an update that leads elsewhere": {"subject": {"update_id": "../../x"}},
    "a version without end": {"subject": {"version": 10**30}},
    "counts without end": {"facts": {"counts": {"create": 10**30}}},
    "negative counts": {"facts": {"counts": {"create": -5}}},
    "a step that is a text": {"facts": {"counts": {"@everyone": 5}}},
    "a duration without end": {"facts": {"duration_s": 1e300}},
    "plans without end": {"facts": {"plans": [""] * 257}},
    "a plan that is no digest": {"facts": {"plans": ["QUJD"]}},
    "a plan that nobody can count": {"facts": {"planned": {"create": 10**18}}},
    "a plan with a step that is none": {"facts": {"planned": {"<img>": 1}}},
    "failures that nobody can count": {"facts": {"failures_omitted": 10**18}},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_t36_a_value_that_is_more_than_a_text_is_one_of_ours_or_refused(what: str) -> None:
    plain = json.decode(json.encode(failed_update()))

    def put(into: dict[str, Any], over: dict[str, Any]) -> None:
        for key, value in over.items():
            if isinstance(value, dict) and key not in {"counts", "planned"}:
                put(into[key], value)
            else:
                into[key] = value

    put(plain, HOSTILE[what])
    assert parse_report(_encode(plain)) is None


def test_a_report_without_a_subject_is_one() -> None:
    assert parse_report(json.encode(replace(succeeded(), subject=None))) is not None


def _encode(plain: dict[str, Any]) -> bytes:
    import json as standard  # msgspec writes no integer over 64 bits

    return standard.dumps(plain).encode()
