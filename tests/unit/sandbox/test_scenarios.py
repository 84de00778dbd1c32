"""Each scenario file is whole, and its events and console text tell the same story."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from upshot_sandbox.__main__ import UNKNOWN, main
from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.events import build_payload, supported_events
from upshot_sandbox.scenario import (
    DEFAULT,
    EventPlan,
    NoSuchScenario,
    Scenario,
    load_scenario,
    parse_scenario,
    scenario_names,
)
from upshot_sandbox.world import World

NAMES = scenario_names()
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DEMANDED = {
    "failed-update",
    "failed-preview",
    "replaces-database",
    "no-changes",
    "copilot-limit",
    "copilot-down",
    "expired-token",
    "fork",
    "no-pull-request",
    "long-thread",
    "many-events",
    "ask",
    "log-only",
    "still-running",
    "oidc",
    "github-down",
}


def test_the_demanded_scenarios_are_there() -> None:
    assert set(NAMES) >= DEMANDED
    assert NAMES[0] == DEFAULT


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_whole(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.title
    assert scenario.story
    assert scenario.event.name in supported_events()
    for plan in scenario.cloud.updates:
        assert UUID.fullmatch(plan.id)


@pytest.mark.parametrize("name", [n for n in NAMES if load_scenario(n).cloud.updates])
def test_events_and_console_tell_the_same(name: str) -> None:
    scenario = load_scenario(name)
    plan = scenario.cloud.updates[0]
    engine = Engine(scenario.cloud, plan)
    events = engine.events(1_000.0)
    log = console_log(engine)
    failed = [
        e["resOpFailedEvent"]["metadata"]["urn"] for e in events if e["type"] == "resOpFailedEvent"
    ]
    for step in engine.steps:
        assert (engine.urn(step.name) in failed) is bool(step.fails)
        assert not step.fails or f"({step.name}):" in log
    assert (events[-1]["type"] == "summaryEvent") is (plan.result != "in-progress")
    assert all(event["type"] in event for event in events)


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_has_its_own_urn(name: str) -> None:
    scenario = load_scenario(name)
    for plan in scenario.cloud.updates:
        engine = Engine(scenario.cloud, plan)
        assert len({engine.urn(step.name) for step in engine.steps}) == len(engine.steps)


def test_many_events_are_five_thousand_in_fifty_pages() -> None:
    scenario = load_scenario("many-events")
    plan = scenario.cloud.updates[0]
    events = Engine(scenario.cloud, plan).events(0.0)
    assert -(-len(events) // plan.page_size) == 50
    assert len(events) in range(4_990, 5_001)


def test_the_event_log_is_the_written_form() -> None:
    scenario = load_scenario(DEFAULT)
    lines = list(Engine(scenario.cloud, scenario.cloud.updates[0]).event_log(0.0))
    assert [line["sequence"] for line in lines] == list(range(len(lines)))
    assert "type" not in lines[0]
    assert json.dumps(lines)


def test_a_replacement_is_three_steps_of_one_resource() -> None:
    scenario = load_scenario("replaces-database")
    events = Engine(scenario.cloud, scenario.cloud.updates[0]).events(0.0)
    ops = [
        event["resourcePreEvent"]["metadata"]["op"]
        for event in events
        if event["type"] == "resourcePreEvent"
        and event["resourcePreEvent"]["metadata"]["urn"].endswith("::orders-db")
    ]
    assert ops == ["create-replacement", "replace", "delete-replaced"]


@pytest.mark.parametrize("name", supported_events())
def test_each_event_has_a_payload(name: str) -> None:
    world = World(Scenario(title="t", event=EventPlan(name=name, comment="hello")))
    payload = build_payload(world)
    assert payload["repository"]["full_name"] == "acme/shop"
    assert json.dumps(payload)


def test_a_misspelled_key_in_a_file_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="titel"):
        parse_scenario('title = "x"\ntitel = "y"', "x")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(NoSuchScenario):
        load_scenario("../failed-update")


def test_an_unknown_name_on_the_command_line_lists_them_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["try", "nope"]) == UNKNOWN
    shown = capsys.readouterr().out
    for name in NAMES:
        assert f"  {name} " in shown
        assert load_scenario(name).title in shown
