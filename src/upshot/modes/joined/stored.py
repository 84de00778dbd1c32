"""Reports that other jobs have stored, read as hostile data (threat T36).

An artifact may come from a fork's run. Its files are bounded in size, number and depth, links are
not followed. A file that is no report, or holds a value that Upshot never writes, is left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from msgspec import DecodeError, Struct, json

from upshot.model import Facts, StackRef
from upshot.modes.shared.finish import REPORT_FILE
from upshot.report.content import Report
from upshot.workspace import open_regular

MOST_REPORTS: Final = 16_384
"""GitHub's bound for the jobs of a matrix is 256; each may be a leg of 64 stacks."""
FILE_LIMIT_BYTES: Final = 8 * 1024 * 1024
ALL_LIMIT_BYTES: Final = 128 * 1024 * 1024
_MOST_ENTRIES: Final = 100_000
_DEEPEST: Final = 8
_MOST_ITEMS: Final = 50_000
_MOST_COUNTS: Final = 60
_MOST_REFUSED: Final = 20
_MOST_PLANS: Final = 256
_PLAN_BYTES: Final = 32
_BIGGEST_COUNT: Final = 1_000_000_000
_LATEST_S: Final = 4_000_000_000
_LONGEST_RUN_S: Final = 31_536_000
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_STEP: Final = re.compile(r"[a-z-]{1,40}")
_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{0,100}")
_RUN: Final = re.compile(r"[0-9]{0,20}")
_SHA: Final = re.compile(r"(?:[0-9a-f]{40})?")


class Stored(Struct, frozen=True):
    """One report, with the folder in which it lay, relative to where the search began."""

    place: str
    report: Report


class Found(Struct, frozen=True):
    """All reports, sorted by place, and how many files were left out."""

    reports: tuple[Stored, ...]
    refused: int = 0
    refused_places: tuple[str, ...] = ()
    """Where the first of those lay."""


def read_reports(folder: str, *, most: int = MOST_REPORTS) -> Found:
    """Every `report.json` below a folder, by a path from `Workspace.find_path`, at most `most`.

    Never raises: a folder that is not there holds nothing.
    """
    reports: list[Stored] = []
    refused, room = 0, ALL_LIMIT_BYTES
    places: list[str] = []
    for path in sorted(_report_files(folder)):
        data = _read(path, min(room, FILE_LIMIT_BYTES)) if len(reports) < most else None
        report = parse_report(data) if data is not None else None
        if data is None or report is None:
            refused += 1
            if len(places) < _MOST_REFUSED:
                places.append(_place_of(path, folder))
            continue
        room -= len(data)
        reports.append(Stored(_place_of(path, folder), report))
    return Found(tuple(reports), refused, tuple(places))


def _place_of(path: str, folder: str) -> str:
    return os.path.relpath(os.path.dirname(path), folder)  # noqa: PTH120 - pathlib costs 3 ms


def parse_report(data: bytes) -> Report | None:
    """A report that Upshot may have written; None for anything else."""
    try:
        report = json.decode(data, type=Report)
        report_is_ours = _is_ours(report)
    except (DecodeError, ValueError, RecursionError, OverflowError):
        return None
    return report if report_is_ours else None


def _report_files(folder: str) -> Iterator[str]:
    """Paths of regular files with the right name; links are neither followed nor taken."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        current, depth = waiting.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    seen += 1
                    if seen > _MOST_ENTRIES:
                        return
                    if entry.is_dir(follow_symlinks=False):
                        if depth < _DEEPEST:
                            waiting.append((entry.path, depth + 1))
                    elif entry.name == REPORT_FILE and entry.is_file(follow_symlinks=False):
                        yield entry.path
        except OSError:
            continue


def _read(path: str, limit_bytes: int) -> bytes | None:
    try:
        with open_regular(path) as file:
            data = file.read(limit_bytes + 1)
    except OSError:
        return None
    return data if len(data) <= limit_bytes else None


def _is_ours(report: Report) -> bool:
    """Whether every value that is more than a text is one that Upshot would have written."""
    run, subject = report.run, report.subject
    return (
        0 <= report.made_at <= _LATEST_S
        and _RUN.fullmatch(run.run_id) is not None
        and _RUN.fullmatch(run.run_attempt) is not None
        and _SHA.fullmatch(run.sha) is not None
        and (subject is None or _is_stack(subject.stack))
        and (subject is None or _ID.fullmatch(subject.update_id) is not None)
        and (subject is None or 0 <= (subject.version or 0) <= _BIGGEST_COUNT)
        and _are_facts(report.facts)
    )


def _are_facts(facts: Facts) -> bool:
    counts = facts.counts or {}
    planned = facts.planned or {}
    lists = (
        facts.failures,
        facts.changes,
        facts.outputs,
        facts.policy_violations,
        facts.warnings,
    )
    numbers = [
        *counts.values(),
        *planned.values(),
        facts.failures_omitted,
        facts.changes_omitted,
        facts.outputs_omitted,
    ]
    numbers += [warning.count for warning in facts.warnings]
    numbers += [failure.status_code or 0 for failure in facts.failures]
    numbers += [failure.location.line for failure in facts.failures if failure.location]
    return (
        (facts.stack is None or _is_stack(facts.stack))
        and all(0 <= number <= _BIGGEST_COUNT for number in numbers)
        and max(len(counts), len(planned)) <= _MOST_COUNTS
        and len(facts.plans) <= _MOST_PLANS
        and all(len(plan) in {0, _PLAN_BYTES} for plan in facts.plans)
        and all(_STEP.fullmatch(step) for step in (*counts, *planned))
        and sum(map(len, lists)) <= _MOST_ITEMS
        and 0 <= (facts.duration_s or 0) <= _LONGEST_RUN_S
        and 0 <= (facts.started_at or 0) <= _LATEST_S
        and 0 <= (facts.drifted_since or 0) <= _LATEST_S
    )


def _is_stack(stack: StackRef) -> bool:
    parts = (stack.organization, stack.project, stack.stack)
    return any(parts) and all(_NAME.fullmatch(part) for part in parts if part)
