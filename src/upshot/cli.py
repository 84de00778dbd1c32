"""`python -m upshot` on a developer's desk: the readers, rules and report of the action.

    python -m upshot explain --log-file pulumi.log
    python -m upshot explain --events-file events.json --json

No network and no token: the options become the inputs that a workflow would give, and the steps
are the action's own. The report goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TextIO

from upshot import __version__


def run_command(
    arguments: Sequence[str], out: TextIO, err: TextIO, *, env: Mapping[str, str]
) -> int:
    """Runs one command; the exit code: 0 reported, 1 a file cannot be read, 2 bad usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.log_file or options.events_file):
        parser.error("give --log-file or --events-file")
    from upshot.desk import LocalRun

    desk = LocalRun(out, err, env=env)
    return desk.explain(options.log_file, options.events_file, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m upshot",
        description="Explain a Pulumi update from its log, without network.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    explain = commands.add_parser("explain", help="print the report of an update or preview")
    source = explain.add_argument_group("evidence (at least one)")
    source.add_argument("--log-file", default="", help="console output of pulumi up, preview, …")
    source.add_argument("--events-file", default="", help="event log (pulumi … --event-log FILE)")
    explain.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser
