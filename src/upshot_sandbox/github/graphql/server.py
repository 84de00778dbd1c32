"""GitHub's GraphQL for reading and hiding comments, executed by a real GraphQL engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, build_schema, graphql_sync
from msgspec import Struct

from upshot_sandbox.github.access import refuse, signed_in
from upshot_sandbox.github.graphql.mutations import Mutations
from upshot_sandbox.github.graphql.nodes import Nodes
from upshot_sandbox.github.state import Access
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World

_SCHEMA: Final = Path(__file__).with_name("schema.graphql")


class Operation(Struct):
    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - the wire's name


@cache
def schema() -> GraphQLSchema:
    """The schema; a node says its own type."""
    return build_schema(_SCHEMA.read_text(encoding="utf-8"))


def routes(world: World) -> Sequence[web.RouteDef]:
    async def graphql(request: web.Request) -> web.Response:
        if not world.github.plan.graphql:
            raise refuse(404, "Not Found")
        access = signed_in(world, request)
        operation = await read_body(request, Operation, world.journal)
        result = execute(world, access, operation)
        if result.data is None and result.errors:
            for error in result.errors:
                world.journal.violation("POST /graphql", error.message)
        return web.json_response(_shown(result))

    return [web.post("/graphql", graphql), web.post("/api/graphql", graphql)]


def execute(world: World, access: Access, operation: Operation) -> ExecutionResult:
    """Runs the operation as the token's user."""
    nodes = Nodes(world, access)
    return graphql_sync(
        schema(),
        operation.query,
        # The fields of Query and of Mutation do not collide.
        root_value=nodes.root() | Mutations(nodes).root(),
        variable_values=operation.variables,
        operation_name=operation.operationName,
    )


def _shown(result: ExecutionResult) -> dict[str, Any]:
    """GitHub puts an error's `type` beside its message."""
    shown: dict[str, Any] = {} if result.data is None else {"data": result.data}
    if result.errors:
        shown["errors"] = [_error(error) for error in result.errors]
    return shown


def _error(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    extensions = shown.pop("extensions", None) or {}
    return extensions | shown
