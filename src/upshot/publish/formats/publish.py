"""Writes `sarif-file` and `junit-file`, for the steps that upload or read them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from upshot.inputs.publishers.formats import FormatInputs
from upshot.job import Job
from upshot.model import Receipt, ReceiptStatus
from upshot.publish.interface import Publication, PullRequestContext
from upshot.runner.places import write_file

_PROGRAM: Final = "Pulumi.yaml"
_HINT: Final = (
    "The workflow's author must act: name a file in a folder of the workspace or of "
    "${{ runner.temp }} that can be written."
)


def publish_sarif(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """Failures, broken policies and risky changes of every stack, for code scanning."""
    return _write("sarif", publication, job, lambda: _sarif(publication, job))


def publish_junit(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """Every stack as a suite of tests."""
    return _write("junit", publication, job, lambda: _junit(publication))


# What builds a file is loaded when one was asked for: most runs write none.


def _sarif(publication: Publication, job: Job) -> str:
    from msgspec import json

    from upshot.publish.formats.sarif import build_sarif
    from upshot.verdict.risk import load_rules

    folder = job.inputs.subject.work_dir
    program = job.workspace.relative_path(f"{folder}/{_PROGRAM}" if folder else _PROGRAM)
    found = build_sarif(
        publication.stacks,
        rules=load_rules(),
        program=program or _PROGRAM,
        relative_path=job.workspace.relative_path,
    )
    return json.format(json.encode(found), indent=1).decode()


def _junit(publication: Publication) -> str:
    from upshot.publish.formats.junit import build_junit

    return build_junit(publication.stacks)


def _write(name: str, publication: Publication, job: Job, build: Callable[[], str]) -> Receipt:
    own: FormatInputs = job.inputs.own.get(name) or FormatInputs()
    if not own.path or not publication.stacks:
        why = "there is no stack in this report" if own.path else "no file was asked for"
        return Receipt(name, ReceiptStatus.SKIPPED, why=why)
    try:
        write_file(own.path, job.redactor.redact(build()).encode("utf-8", "replace"))
    except OSError as fault:
        why = f"{name}-file: {fault.strerror or fault}"
        return Receipt(name, ReceiptStatus.FAILED, "failed", why=why, hint=_HINT)
    return Receipt(name, ReceiptStatus.POSTED, f"written to {os.path.basename(own.path)}")  # noqa: PTH119 - pathlib costs 3 ms
