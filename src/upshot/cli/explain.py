"""`upshot explain`: the report of an update or preview."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from upshot.cli.desk import Desk, Misused
from upshot.cli.log import Echo
from upshot.cli.sources import Kind, Sources
from upshot.cli.terminal.screen import Screen
from upshot.cli.work import NO_REPOSITORY, is_known, open_job, open_world
from upshot.job import Job
from upshot.report.content import Report


class Told(Struct, frozen=True):
    """What came of the evidence that a command line names."""

    job: Job
    reports: tuple[Report, ...]
    """One for each stack, at least one."""
    is_known: bool
    """Whether there is anything to report."""


def run(options: Namespace, desk: Desk, screen: Screen) -> int:
    """Prints the report, or the result as JSON; exit code 1 when the outcome is not known."""
    told = read_reports(options, desk)
    print_reports(told.reports, told.job, screen, as_json=options.json)
    return 0 if told.is_known else 1


def read_reports(options: Namespace, desk: Desk) -> Told:
    """Reads the evidence and builds the reports. Raises Refused and Misused."""
    from upshot.modes.shared.report import ReportMaker

    with TemporaryDirectory(prefix="upshot-") as spool:
        sources = read_sources(options, desk, spool)
        job = open_job(
            desk, sources.inputs(), uses_cloud=sources.has_address, is_chatty=options.verbose
        )
        with open_world(job, needs_cloud=sources.has_address) as world:
            maker = ReportMaker(job)
            reports = tuple(world.build(maker, case) for case in world.cases)
    return Told(job, reports, is_known=any(map(is_known, world.cases)))


def print_reports(reports: Sequence[Report], job: Job, screen: Screen, *, as_json: bool) -> None:
    """The pages, or for each report the document that the action calls `result`."""
    from upshot.modes.shared.finish import build_result
    from upshot.report.render import Renderer
    from upshot.result import build_document

    renderer = Renderer(redactor=job.redactor)
    if as_json:
        for report in reports:
            result = build_result(job, report, answer=renderer.open(report).answer)
            if report.run.repository == NO_REPOSITORY:
                result = replace(result, run=None)  # nothing is invented
            screen.data(build_document(result, redact=job.redactor.redact))
        return
    screen.pages([renderer.summary(report).text for report in reports])


def read_sources(options: Namespace, desk: Desk, spool: str) -> Sources:
    """What the command line names. Raises Misused where it names nothing."""
    sources = collect_sources(options, desk, spool)
    if sources.is_empty:
        raise Misused("give a log: a file, an address of an update in Pulumi Cloud, or `-`")
    return sources


def collect_sources(options: Namespace, desk: Desk, spool: str) -> Sources:
    """The same, where nothing is enough."""
    is_told = options.verbose or desk.stdin.isatty()  # a person may not know that we wait
    say = desk.say if is_told else lambda _: None
    show = Echo(desk).show if options.tee else lambda _: None
    sources = Sources(desk.stdin, spool, say=say, show=show)
    sources.add(options.sources)
    sources.add(options.log_file, Kind.LOG)
    sources.add(options.events_file, Kind.EVENTS)
    return sources
