"""`upshot replay FILE`: a run that was kept, shown as a report again. Nothing is asked again."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import to_builtins

from upshot.cli.desk import Desk, Refused
from upshot.cli.explain import print_reports, read_sources
from upshot.cli.kept import describe_asked, read_document, read_report, read_transcript
from upshot.cli.sources import shown
from upshot.cli.terminal.screen import Screen
from upshot.cli.work import open_job, open_world
from upshot.job import Job
from upshot.model import Reply, VerdictStatus
from upshot.modes.asking.transcript import LIMIT_BYTES, Entry
from upshot.registry import BACKENDS
from upshot.report.chat.page import Block, Plain, Prose, Words
from upshot.report.content import Report, map_texts
from upshot.result.build import redacted
from upshot.workspace import open_regular

_WANTED: Final = (
    "wanted is a file of the outputs `result-file` or `report-file` (result.json, report.json), or of the "
    "input `transcript-file`"
)


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Raises Refused for a file that Upshot has not written."""
    data = _read(options.file)
    job = open_job(desk, {}, is_chatty=options.verbose)
    if entries := read_transcript(data):
        entries = map_texts(entries, job.redactor.redact)
        if options.sources:
            return _with_log(entries[-1].reply, options, desk, screen)
        if options.json:
            screen.data([to_builtins(entry) for entry in entries])
        else:
            screen.pages([_conversation(entries, job)])
        return 0
    report = read_report(data, console=job.console)
    if report is None:
        raise Refused(f"{shown(options.file)} was not written by Upshot", hint=_WANTED)
    if options.sources:
        raise Refused(f"{shown(options.file)} has its own evidence: no log belongs to it")
    if _is_empty(report):
        raise Refused(f"{shown(options.file)} is of a run that had no update to report")
    kept = read_document(data) if options.json else None
    if kept is not None:
        screen.data(redacted(kept, job.redactor.redact))
    else:
        print_reports([map_texts(report, job.redactor.redact)], job, screen, as_json=options.json)
    return 0


def _read(path: str) -> bytes:
    try:
        with open_regular(os.path.realpath(path)) as file:
            data = file.read(LIMIT_BYTES + 1)
    except OSError as fault:
        raise Refused(f"{shown(path)} cannot be read: {fault.strerror or fault}") from None
    if len(data) > LIMIT_BYTES:
        raise Refused(f"{shown(path)} is larger than {LIMIT_BYTES:,} bytes", hint=_WANTED)
    return data


def _is_empty(report: Report) -> bool:
    """Of a mode without a deployment, or of a run that found none."""
    is_unknown = report.verdict.status is VerdictStatus.UNKNOWN
    return is_unknown and not (report.facts.sources or report.reply.text or report.subject)


def _with_log(reply: Reply, options: Namespace, desk: Desk, screen: Screen) -> int:
    """The report about a log, with the answer that the transcript keeps."""
    from upshot.modes.shared.report import ReportMaker

    with TemporaryDirectory(prefix="upshot-") as spool:
        sources = read_sources(options, desk, spool)
        if sources.has_address:
            raise Refused("a transcript is replayed over files, not over an address")
        job = open_job(desk, sources.inputs(), is_chatty=options.verbose)
        with open_world(job, needs_cloud=False) as world:
            maker = ReportMaker(job)
            reports = [world.build(maker, case, reply) for case in world.cases]
        print_reports(reports, job, screen, as_json=options.json)
    return 0


def _conversation(entries: Sequence[Entry], job: Job) -> str:
    """Questions and answers in order."""
    from upshot.report.chat.render import render_blocks

    blocks: list[Block] = []
    for entry in entries:
        if asked := describe_asked(entry.asked):
            blocks.append(Words("**Asked:** {}", (Plain(asked),)))
        blocks += _answer(entry.reply)
    host = job.console.rpartition("//")[2]
    return render_blocks(blocks, hosts={host} - {""}, redactor=job.redactor)


def _answer(reply: Reply) -> list[Block]:
    title = BACKENDS[reply.backend].title if reply.backend in BACKENDS else "An AI"
    if reply.text:
        return [Prose(reply.text, title)]
    if reply.why:
        return [Words("{} did not answer: {}", (Plain(title), Plain(reply.why)))]
    return [Words("No AI was asked.")]
