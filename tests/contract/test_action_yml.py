"""action.yml, the code and the image say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from upshot.inputs import Inputs, choices, parse_inputs
from upshot.inputs.names import variable
from upshot.inputs.parse import read_inputs
from upshot.inputs.reader import Reader
from upshot.model import RiskLevel, TaskStatus, VerdictStatus
from upshot.registry import BACKENDS, MODES, PUBLISHERS, ModeSpec, PublisherSpec, load
from upshot.result import output_names
from upshot.workspace import Workspace

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
INPUTS: dict[str, dict[str, str]] = ACTION["inputs"]
OUTPUTS: dict[str, dict[str, str]] = ACTION["outputs"]
TOKEN = "${{ github.token }}"


def test_every_input_that_is_read_is_declared_and_no_other(tmp_path: Path) -> None:
    read = Reader({}, Workspace(str(tmp_path)))
    read_inputs(read, {})
    owners: list[ModeSpec | PublisherSpec] = [*MODES.values(), *PUBLISHERS.values()]
    own = {group.parse: group for group in (spec.own_inputs for spec in owners) if group}
    for group in own.values():
        mine = Reader({}, Workspace(str(tmp_path)))
        load(group.parse)(mine)
        assert set(mine.names) == set(group.names), group.parse
    assert set(INPUTS) == {*read.names, *(name for group in own.values() for name in group.names)}


def test_every_output_that_is_set_is_declared_and_no_other() -> None:
    assert tuple(OUTPUTS) == output_names()


def test_the_declared_defaults_are_the_codes_defaults(tmp_path: Path) -> None:
    env = {variable(name): str(declared["default"]) for name, declared in INPUTS.items()}
    assert env.pop(variable("github-token")) == TOKEN
    assert env.pop(variable("matrix-values")) == "${{ toJSON(matrix) }}"
    assert parse_inputs(env, Workspace(str(tmp_path))) == Inputs()


def test_each_input_is_described_and_none_is_required() -> None:
    for name, declared in INPUTS.items():
        assert set(declared) == {"description", "default"}, name
        assert isinstance(declared["default"], str), name
        assert declared["description"].endswith("."), name


def test_each_output_is_described() -> None:
    for name, declared in OUTPUTS.items():
        assert set(declared) == {"description"}, name
        assert declared["description"].endswith("."), name


def test_no_description_holds_an_expression() -> None:
    """The schema by which action.yml is read allows them in `default` only; act refuses others."""
    for declared in (ACTION, *INPUTS.values(), *OUTPUTS.values()):
        assert "${{" not in declared["description"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mode", MODES),
        ("outcome", choices.StepOutcome),
        ("backend", ("auto", *BACKENDS)),
        ("conversation", choices.Conversation),
        ("approval-mode", choices.ApprovalMode),
        ("permission-mode", choices.PermissionMode),
        ("on-timeout", choices.OnTimeout),
        ("api-dialect", choices.ApiDialect),
        ("comment-mode", choices.CommentMode),
        ("comment-on", choices.CommentOn),
        ("notify-on", choices.NotifyOn),
        ("fail-on", choices.FailOn),
    ],
)
def test_a_description_names_every_word_that_is_allowed(name: str, kind: Any) -> None:
    for word in kind:
        assert f"`{word}`" in INPUTS[name]["description"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("verdict", VerdictStatus), ("risk-level", RiskLevel), ("task-status", TaskStatus)],
)
def test_an_output_names_every_word_it_may_have(name: str, kind: Any) -> None:
    for word in kind:
        assert f"`{word}`" in OUTPUTS[name]["description"]


def test_names_are_kebab_case_and_not_the_runners() -> None:
    for name in (*INPUTS, *OUTPUTS):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert not {"args", "entrypoint"} & set(INPUTS)


def test_the_entrypoint_is_the_images_and_isolated() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    found = re.search(r"^ENTRYPOINT (\[.*\])$", dockerfile, re.MULTILINE)
    assert found
    runs = ACTION["runs"]
    assert [runs["entrypoint"], *runs["args"]] == json.loads(found[1])
    assert runs["args"][0] == "-I"
    assert runs["using"] == "docker"
    assert runs["image"] == "Dockerfile" or "@sha256:" in runs["image"]


def test_t47_the_post_stage_is_a_file_that_starts_by_itself_isolated() -> None:
    """The runner's arguments are for the main stage: what the post stage needs is in the file."""
    script = ROOT / "post.py"
    assert ACTION["runs"]["post-entrypoint"] == "/app/post.py"
    assert ACTION["runs"]["post-if"] == "cancelled()"
    assert "COPY entrypoint.py post.py app/" in (ROOT / "Dockerfile").read_text("utf-8")
    assert script.read_text("utf-8").startswith("#!/usr/local/bin/python -I\n")
    assert script.stat().st_mode & 0o111 == 0o111


def test_nothing_untrusted_is_passed_as_an_argument() -> None:
    assert "${{" not in json.dumps(ACTION["runs"])


def test_the_marketplace_finds_what_it_needs() -> None:
    assert set(ACTION["branding"]) == {"icon", "color"}
    assert len(ACTION["description"]) <= 125
