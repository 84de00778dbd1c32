"""`python -m upshot_sandbox`: serve a scenario, or run the action against one and show it."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from upshot_sandbox.acts import act
from upshot_sandbox.events import build_payload
from upshot_sandbox.machine import ROOT
from upshot_sandbox.runner import run_action
from upshot_sandbox.scenario import (
    DEFAULT,
    NoSuchScenario,
    Scenario,
    load_scenario,
    scenario_names,
)
from upshot_sandbox.server import Sandbox
from upshot_sandbox.show import Pen, show_run

UNKNOWN: Final = 2
LIST: Final = "list"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0, or 2 for an unknown scenario, or 1 when the action did not do as told."""
    arguments = _parser().parse_args(argv)
    pen = Pen(sys.stdout)
    try:
        scenario = load_scenario(arguments.scenario)
    except NoSuchScenario as error:
        _list(pen, str(error))
        return 0 if arguments.scenario == LIST else UNKNOWN
    if arguments.command == "try":
        return _try(pen, scenario, arguments.keep or ROOT / "build" / "try" / scenario.name)
    return _serve(pen, scenario, arguments.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m upshot_sandbox", description=__doc__)
    parser.add_argument("--scenario", default=DEFAULT, help="which world to serve")
    parser.add_argument("--port", type=int, default=0, help="Pulumi Cloud's; GitHub gets the next")
    commands = parser.add_subparsers(dest="command")
    trial = commands.add_parser(
        "try", help="run the action against a scenario and show what it does"
    )
    trial.add_argument("scenario", nargs="?", default=DEFAULT)
    trial.add_argument("--keep", type=Path, help="folder for everything that comes of it")
    return parser


def _list(pen: Pen, unknown: str) -> None:
    if unknown != LIST:
        pen.line(f"There is no scenario {unknown!r}. These are there:")
    pen.line()
    names = scenario_names()
    width = max(map(len, names))
    for name in names:
        pen.line(f"  {name:<{width}}  {load_scenario(name).title}")
    pen.line()
    pen.line("Try one with: make try SCENARIO=" + names[1])


def _try(pen: Pen, scenario: Scenario, folder: Path) -> int:
    pen.line(f"{scenario.name}: {scenario.title}", "1")
    for line in scenario.story.strip().splitlines():
        pen.line(f"  {line}")
    pen.line("  Pulumi Cloud and GitHub are played on this machine; nothing leaves it.")
    with Sandbox(scenario.before_comment()) as sandbox:
        for number, inputs in enumerate(scenario.earlier, start=1):
            given = ", ".join(f"{name}: {value}" for name, value in inputs.items() if value)
            pen.line(f"  An earlier run came first ({given or 'the same inputs'}).")
            run_action(sandbox, folder / f"earlier-{number}", inputs=inputs)
        sandbox.world.scenario = scenario
        event = build_payload(sandbox.world) if scenario.starts_again else None
        for plan in scenario.then:
            pen.line(f"  Then {act(sandbox.world, plan)}.")
        folder_of_run = folder / "run" if scenario.earlier else folder
        result = run_action(sandbox, folder_of_run, event=event)
    (folder / "comment.md").write_text("\n\n".join(result.comments), encoding="utf-8")
    show_run(pen, result, number=scenario.github.pull_request, folder=str(folder))
    pen.line()
    pen.line(f"Other situations: make try SCENARIO={LIST}")
    if result.exit_code != scenario.exit_code:
        pen.line()
        pen.line(f"The action was to end with exit code {scenario.exit_code}.", "31")
        return 1
    return 0


def _serve(pen: Pen, scenario: Scenario, port: int) -> int:
    with Sandbox(scenario, port=port) as sandbox:
        world = sandbox.world
        pen.line(f"{scenario.name}: {scenario.title}", "1")
        pen.line(f"  Pulumi Cloud  {sandbox.cloud_url}   token {world.cloud.workflow_token}")
        pen.line(f"  GitHub        {sandbox.github_url}   token {world.github.workflow_token}")
        if sandbox.powabase_url:
            key = world.extensions["powabase"].workflow_key
            pen.line(f"  Powabase      {sandbox.powabase_url}   key {key}")
        pen.line("  Ctrl-C ends it.")
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    for violation in sandbox.world.journal.violations:
        pen.line(f"  WIRE VIOLATION  {violation}", "31")
    return 0


if __name__ == "__main__":
    sys.exit(main())
