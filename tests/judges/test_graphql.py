"""GitHub's GraphQL schema judges our queries, and the slice of it that our sandbox executes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_required_input_field,
    is_specified_directive,
    parse,
    validate,
)
from msgspec.structs import replace
from tests.process.conftest import play_through

from upshot_sandbox.github.graphql.server import schema as own_schema
from upshot_sandbox.runner import run_action
from upshot_sandbox.scenario import GitHubPlan, load_scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges


@pytest.fixture(scope="session")
def github(modules: Path) -> GraphQLSchema:
    text = (modules / "@octokit/graphql-schema/schema.graphql").read_text("utf-8")
    return build_schema(text, assume_valid=True)


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    """What ours has and theirs has not, or has otherwise."""
    for name, kind in ours.type_map.items():
        if name.startswith("__"):
            continue
        found = theirs.type_map.get(name)
        if found is None or type(found) is not type(kind):
            yield f"{name} is {found!r}"
        else:
            yield from (f"{name}.{line}" for line in _of_type(kind, found))
    for directive in ours.directives:
        if not is_specified_directive(directive):
            yield f"directive {directive.name}"


def _of_type(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> Iterator[str]:
    if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        yield from (value for value in ours.values if value not in theirs.values)
    if isinstance(ours, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
        yield from {found.name for found in ours.types} - {found.name for found in theirs.types}
    if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        yield from _of_names(ours.fields, theirs.fields)
        required = {name for name, field in theirs.fields.items() if is_required_input_field(field)}
        yield from (f"{name} is missing" for name in required - set(ours.fields))
    if isinstance(ours, (GraphQLObjectType, GraphQLInterfaceType)):
        assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
        yield from _of_names(ours.fields, theirs.fields)
        for name in set(ours.fields) & set(theirs.fields):
            of_field = _of_names(ours.fields[name].args, theirs.fields[name].args)
            yield from (f"{name}({line})" for line in of_field)


def _of_names(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """Fields or arguments whose type is another one, or that are not there."""
    for name, given in ours.items():
        found = theirs[name].type if name in theirs else None
        if str(found) != str(given.type):
            yield f"{name}: {given.type}, not {found}"


def test_the_sandbox_executes_a_slice_of_githubs_schema(github: GraphQLSchema) -> None:
    assert list(differences(own_schema(), github)) == []


def test_the_judge_sees_what_github_has_not(github: GraphQLSchema) -> None:
    invented = build_schema("type Query { viewer: String, moon: Int }")
    assert list(differences(invented, github)) == [
        "Query.viewer: String, not User!",
        "Query.moon: Int, not None",
    ]
    assert validate(github, parse("{ viewer { moon } }"))


@pytest.mark.parametrize("mode", ["update", "recreate", "hide-and-new", "append"])
def test_every_query_of_upshot_is_one_that_github_takes(
    github: GraphQLSchema, tmp_path: Path, mode: str
) -> None:
    scenario = replace(load_scenario("failed-update"), github=GitHubPlan(people_talk=220))
    with Sandbox(scenario) as sandbox:
        for _ in range(2):
            result = run_action(sandbox, tmp_path, inputs={"comment-mode": mode})
            assert result.exit_code == 0
        asked = sandbox.world.journal.sent("POST", "/graphql")
    assert asked
    for sent in asked:
        assert validate(github, parse(sent.json["query"])) == []


@pytest.mark.parametrize("name", ["gate-approved", "gate-quorum", "neo-approve-by-comment"])
def test_every_query_about_votes_is_one_that_github_takes(
    github: GraphQLSchema, tmp_path: Path, name: str
) -> None:
    scenario = load_scenario(name)
    job, result = play_through(scenario, tmp_path)
    assert result.exit_code == scenario.exit_code
    asked = job.world.journal.sent("POST", "/graphql")
    assert any("lastEditedAt" in sent.json["query"] for sent in asked)
    for sent in asked:
        assert validate(github, parse(sent.json["query"])) == []
