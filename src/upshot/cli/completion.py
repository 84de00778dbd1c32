"""`upshot completion SHELL`: a script that completes commands, options and files, made by shtab."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from typing import Any, Final

from upshot.cli.desk import EXTRA, Desk, Refused
from upshot.cli.options import FILES, PROGRAM, build_parser
from upshot.cli.terminal.screen import Screen

_FUNCTION: Final = "complete"
"""Name of the attribute in which shtab looks for what completes an argument."""


def run(options: Namespace, desk: Desk, _screen: Screen) -> int:
    """Prints the script. Raises Refused where shtab is not installed."""
    try:
        import shtab
    except ImportError:
        raise Refused("completion is made by shtab, which is not here", hint=EXTRA) from None
    parser = build_parser()
    for action in _actions(parser):
        if action.metavar in FILES:
            setattr(action, _FUNCTION, shtab.FILE)
    desk.out.write(shtab.complete(parser, options.shell, root_prefix=PROGRAM) + "\n")
    return 0


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    """Of all commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to look at itself
        if isinstance(action, _SubParsersAction):
            choices: dict[str, Any] = action.choices
            for command in choices.values():
                yield from _actions(command)
        else:
            yield action
