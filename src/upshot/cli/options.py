"""The words of the command line: commands, options, examples, exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from upshot import __version__
from upshot.cli.terminal.screen import Colour
from upshot.registry import BACKENDS

PROGRAM: Final = "upshot"
SHELLS: Final = ("bash", "zsh", "fish")
FILES: Final = frozenset({"LOG", "FILE", "TEMPLATE"})
"""What stands for a file in the help."""
_EXIT_CODES: Final = """\
exit codes:
  0    it was done
  1    there is nothing to report, or something is wrong with what was given: standard error says it
  2    the command line is wrong
  70   a bug in Upshot
  130  interrupted (Ctrl-C); 143 and 129 for SIGTERM and SIGHUP
  141  the reader of the output went away"""


class CommandSpec(NamedTuple):
    """A command of `upshot`."""

    run: str
    """`run(options: Namespace, desk: Desk, screen: Screen) -> int`, the exit code."""
    does: str
    """One line, for the list of commands."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    examples: tuple[str, ...]
    more: str = ""
    """Paragraphs for its own help."""


def _explain(parser: argparse.ArgumentParser) -> None:
    _sources(
        parser, "evidence: files of any kind, `-`, or the address of an update in Pulumi Cloud"
    )
    _json(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="a resource's name, type::name or URN, or a stack"
    )
    _sources(parser, "evidence, as for `upshot explain`")
    _json(parser)


def _ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", metavar="QUESTION", help="in your own words")
    _sources(parser, "what the question is about: as for `upshot explain`, or nothing")
    parser.add_argument(
        "--backend",
        choices=("auto", *BACKENDS),
        default="auto",
        help="who answers; auto is copilot, local the offline rules, which make no request",
    )
    parser.add_argument(
        "--organization", metavar="NAME", default="", help="in Pulumi Cloud, where nothing names it"
    )
    parser.add_argument(
        "--conversation", metavar="ID", default="", help="a conversation with Copilot to go on with"
    )
    _json(parser)


def _replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="result.json, report.json or a transcript")
    _sources(parser, "a log that a transcript's answer is shown with")
    _json(parser)


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("template", metavar="TEMPLATE", help="a template, as for `template-file`")
    _sources(parser, "evidence, as for `upshot explain`")
    parser.add_argument(
        "--target",
        choices=("comment", "summary"),
        default="comment",
        help="the page: the comment (default) or the job summary",
    )


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="workflow files; without any, those of this repository",
    )
    _json(parser)


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")


COMMANDS: Final[dict[str, CommandSpec]] = {
    "explain": CommandSpec(
        "upshot.cli.explain:run",
        "say what happened in an update or preview, what failed first, and why",
        _explain,
        (
            "pulumi up --yes 2>&1 | upshot explain -",
            "pulumi up --yes 2>&1 | upshot explain --tee -",
            "upshot explain pulumi.log events.json",
            "upshot explain https://app.pulumi.com/acme/web/prod/updates/41",
            "upshot explain pulumi.log --json | jq -r .diagnosis.failure_class",
        ),
        "What a file holds is found out: console output of pulumi up, preview, destroy or refresh, the "
        "engine's event log, or the JSON of --json. An address needs PULUMI_ACCESS_TOKEN; the token goes "
        "to Pulumi Cloud, or to the host of PULUMI_BACKEND_URL, and nowhere else.",
    ),
    "why": CommandSpec(
        "upshot.cli.why:run",
        "say why one resource changed or failed",
        _why,
        ("upshot why receipts pulumi.log", "upshot why aws:s3:Bucket::receipts pulumi.log"),
        "A name that the log does not have lists the names that are near; exit code 1.",
    ),
    "ask": CommandSpec(
        "upshot.cli.ask:run",
        "ask Pulumi Copilot or Neo about it",
        _ask,
        (
            'upshot ask "Why is the database replaced?" pulumi.log',
            'upshot ask "Is it safe to run this again?" https://app.pulumi.com/acme/web/prod/updates/41',
            'upshot ask "Which stacks failed today?" --organization acme',
        ),
        "Needs PULUMI_ACCESS_TOKEN. The AI gets the question and the evidence, secrets taken out. Without an "
        "answer the offline rules explain, and the exit code is 1.",
    ),
    "replay": CommandSpec(
        "upshot.cli.replay:run",
        "show a run that was kept in a file again",
        _replay,
        ("upshot replay result.json", "upshot replay transcript.jsonl pulumi.log"),
    ),
    "render": CommandSpec(
        "upshot.cli.render:run",
        "try a template of your own on a log",
        _render,
        ("upshot render .github/upshot.md.j2 pulumi.log",),
        "The template is checked and bounded as the action does it; a fault is shown with its line.",
    ),
    "check": CommandSpec(
        "upshot.cli.check.command:run",
        "say what is wrong, or could be better, in workflow files that use Upshot",
        _check,
        ("upshot check", "upshot check .github/workflows/deploy.yml --json"),
        "Errors end with exit code 1; warnings and notes do not. Nothing is run, nothing is looked up.",
    ),
    "completion": CommandSpec(
        "upshot.cli.completion:run",
        "print a script that completes the command line",
        _completion,
        (
            'eval "$(upshot completion bash)"  # in ~/.bashrc',
            'eval "$(upshot completion zsh)"  # in ~/.zshrc, after compinit',
            "upshot completion fish > ~/.config/fish/completions/upshot.fish",
        ),
    ),
}


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, for its help and its completion."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        formatter_class=_Help,
        description="The upshot of a Pulumi run: what happened, what failed first, why, and what to do.",
        epilog=_epilog([spec.examples[0] for spec in list(COMMANDS.values())[:-1]]),
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, spec in COMMANDS.items():
        _fill(commands.add_parser(name, help=spec.does), spec)
    return parser


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, `command` among them, which is None where none is named.

    Words and options of a command may come in any order, which argparse does not allow below another
    parser. Raises SystemExit as argparse does.
    """
    if not arguments or arguments[0] not in COMMANDS:
        return build_parser().parse_args(arguments)
    name = arguments[0]
    command = argparse.ArgumentParser(prog=f"{PROGRAM} {name}")
    _fill(command, COMMANDS[name])
    options = command.parse_intermixed_args(arguments[1:])
    options.command = name
    return options


def _fill(parser: argparse.ArgumentParser, spec: CommandSpec) -> None:
    parser.formatter_class = _Help
    parser.description = _wrapped(f"{spec.does[0].upper()}{spec.does[1:]}.", spec.more)
    parser.epilog = _epilog(spec.examples)
    spec.add_arguments(parser)
    _common(parser)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Paragraphs as they are, and names and help side by side."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, **{**more, "max_help_position": 30})


def _epilog(examples: Sequence[str]) -> str:
    shown = "\n".join(f"  {example}" for example in examples)
    return f"examples:\n{shown}\n\n{_EXIT_CODES}"


def _wrapped(*paragraphs: str) -> str:
    import textwrap

    return "\n\n".join(textwrap.fill(paragraph, 88) for paragraph in paragraphs if paragraph)


def _sources(parser: argparse.ArgumentParser, does: str) -> None:
    parser.add_argument("sources", nargs="*", metavar="LOG", help=does)
    parser.add_argument(
        "--log-file",
        metavar="FILE",
        action="append",
        default=[],
        help="a console log, whatever it looks like",
    )
    parser.add_argument(
        "--events-file",
        metavar="FILE",
        action="append",
        default=[],
        help="an event log (pulumi … --event-log FILE), whatever it looks like",
    )

    parser.add_argument(
        "--tee", action="store_true", help="show standard input on standard error as it comes"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead")


def _common(parser: argparse.ArgumentParser) -> None:
    shown = parser.add_argument_group("output")
    shown.add_argument(
        "--color",
        choices=tuple(Colour),
        type=Colour,
        default=Colour.AUTO,
        help="auto: on a terminal, unless NO_COLOR is set",
    )
    shown.add_argument(
        "--all", action="store_true", help="on a terminal, show all of what a report folds"
    )
    shown.add_argument("--no-pager", action="store_true", help="do not start PAGER for long pages")
    shown.add_argument("--verbose", action="store_true", help="say on standard error what is done")
