"""Files for later steps and jobs: the full report, the result, and the report as data."""

from __future__ import annotations

from typing import Final

from msgspec import json
from msgspec.structs import replace

from upshot.modes.job import Job
from upshot.report.content import Report
from upshot.result import Ending, build_result
from upshot.runner.scratch import write_scratch

REPORT_FILE: Final = "report.json"
"""What `mode: collect` reads: a `Report` as JSON."""


def keep_files(
    ending: Ending, markdown: str, job: Job, *, key: str, report: Report | None
) -> Ending:
    """Writes `report.md`, `result.json` and `report.json`; the ending with their names.

    A full disk is a warning. `report` is None where the report is of several stacks.
    """
    temp = job.workspace.temp
    if not temp:
        return ending
    result = json.encode(build_result(ending, redact=job.redactor.redact)).decode()
    try:
        report_file = write_scratch(temp, key, "report.md", markdown)
        result_file = write_scratch(temp, key, "result.json", result)
        if report is not None:
            write_scratch(temp, key, REPORT_FILE, json.encode(report).decode())
    except OSError as fault:
        job.warnings.degraded(None, f"The report file was not written: {fault.strerror}")
        return ending
    return replace(ending, report_file=report_file, result_file=result_file)
