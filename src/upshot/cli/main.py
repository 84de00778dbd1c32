"""The process of `upshot`: signals, exit codes, an output whose reader has gone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, TextIO

from upshot.cli.desk import Desk, Misused, Refused
from upshot.cli.options import COMMANDS, build_parser, parse_arguments
from upshot.cli.terminal.screen import Screen
from upshot.registry import load
from upshot.runner.signals import Interrupted

INTERRUPTED: Final = 130
NOBODY_READS: Final = 141
BUG: Final = 70
"""As sysexits.h names it."""
_ISSUES: Final = "https://github.com/pulumi-upshot/upshot/issues"


def main() -> int:
    """Runs one command with the process's own streams; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        _take_every_text(stream)
    if sys.platform != "win32":  # the action's entry point holds signals back
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    for name in ("SIGTERM", "SIGHUP"):  # what lies in the temp folder is cleared up
        number = getattr(signal, name, None)
        # A signal that was ignored at the start is still ignored: `nohup upshot …` outlives its terminal.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    desk = Desk(stdin=sys.stdin.buffer, out=sys.stdout, err=sys.stderr, env=os.environ)
    try:
        exit_code = run_command(sys.argv[1:], desk)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Interrupted as ended:
        return ended.exit_code
    except BrokenPipeError:
        # What is still in the buffer goes nowhere, without a word from the interpreter at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return exit_code


def _end(signum: int, _frame: FrameType | None) -> None:
    raise Interrupted(signum)


def _take_every_text(stream: TextIO) -> None:
    """Whatever the locale is."""
    stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[attr-defined]


def run_command(arguments: Sequence[str], desk: Desk) -> int:
    """Runs one command; the exit code. Without arguments, shows the help.

    Raises SystemExit for `--help` and for a wrong command line, as argparse does.
    """
    options = parse_arguments(arguments)
    if options.command is None:
        build_parser().print_help(desk.out)
        return 0
    screen = Screen(
        desk.out,
        desk.env,
        options.color,
        uses_pager=not options.no_pager,
        shows_all=options.all,
    )
    try:
        exit_code: int = load(COMMANDS[options.command].run)(options, desk, screen)
    except Refused as refused:
        desk.say(refused.message)
        if refused.hint:
            desk.say(refused.hint)
        return 1
    except Misused as misused:
        desk.say(str(misused))
        desk.say(f"`upshot {options.command} --help` shows what is possible")
        return 2
    except BrokenPipeError:
        raise
    except OSError as fault:
        where = f" ({fault.filename})" if fault.filename else ""
        desk.say(f"the system refused: {fault.strerror or fault}{where}")
        return 1
    except Exception as bug:  # noqa: BLE001 - a bug of Upshot, reported as one
        _report_bug(bug, desk)
        return BUG
    return exit_code


def _report_bug(bug: Exception, desk: Desk) -> None:
    """Its words may be those of a log, so they are shown as a log is: redacted, without escape codes."""
    from traceback import format_exception

    for line in "".join(format_exception(bug)).splitlines():
        desk.say(line)
    desk.say(
        f"this is a bug in Upshot ({type(bug).__name__}); please report it with the lines above:"
    )
    desk.say(_ISSUES)
