"""Replaces a graph on the server with care: compared before, read back after (threat T65).

The server has no condition for a put (no If-Match), so that another writer can come between the
comparison and the put; reading back finds that out, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import ServiceBadReply, ServiceError, ServiceTimeout, ServiceUnavailable
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph, build_graph, digest_graph
from upshot.powabase.secrets.hide import (
    FindSecrets,
    digest_masked,
    hide_new_secrets,
    hide_secrets,
    restore_secrets,
)
from upshot.powabase.validate import check_graph
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.records import Workflow

_ASK_ANEW: Final = "The person who asked must act: ask again, so that the change is made for the graph as it is now."


class PutState(StrEnum):
    """What became of it; values of the output `apply-state`."""

    APPLIED = "applied"
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"


class PutResult(Struct, frozen=True, kw_only=True):
    """One sentence about it, and who acts."""

    state: PutState
    message: str
    hint: str = ""
    version: int = 0
    """The server's now; 0 when it was not read."""


class Snapshot(Struct, frozen=True):
    """The message of the Copilot that the state before is stored with."""

    session_id: str
    message_id: str


def replace_graph(
    client: PowabaseClient,
    workflow_id: str,
    after: Graph,
    *,
    expected: Graph,
    find: FindSecrets,
    make_secret: Callable[[], str],
    snapshot: Snapshot | None = None,
    must_have_version: bool = True,
    allow_deployed: bool = False,
) -> PutResult:
    """Puts `after` if the server still has `expected`; both with their secrets hidden.

    In this order: read and compare, store the state before as a snapshot, put, read back, compare.
    Secrets go back from the graph that was just read. With `must_have_version` the version counts
    as well as the graph. A graph that is there already is `applied` without a put.

    Raises ServiceError while nothing was changed; after the put everything is in the result.
    """
    now = client.get_workflow(workflow_id)
    hidden, vault = hide_secrets(now.graph, find)
    if digest_masked(hidden) == digest_masked(hide_new_secrets(after, find)):
        return PutResult(
            state=PutState.APPLIED, message="the graph is there already", version=now.version
        )
    stale = _stale(hidden, hide_new_secrets(expected, find), must_have_version=must_have_version)
    if stale:
        return PutResult(state=PutState.STALE, message=stale, hint=_ASK_ANEW, version=now.version)
    if now.is_deployed and not allow_deployed:
        return PutResult(
            state=PutState.REFUSED,
            message="the workflow is deployed, and a change would take effect at once",
            hint="The workflow's author must act: undeploy it, or set `allow-deployed: true`.",
            version=now.version,
        )
    try:
        restored = _own_edges(restore_secrets(after, vault, make=make_secret), now.graph)
        check_graph(restored)
    except InvalidWorkflow as error:
        return PutResult(
            state=PutState.REFUSED, message=error.message, hint=error.hint, version=now.version
        )
    if snapshot:
        client.save_snapshot(snapshot.session_id, snapshot.message_id, hidden)
    fault = _put(client, workflow_id, restored)
    return _read_back(client, workflow_id, restored, before=now, fault=fault)


def _own_edges(graph: Graph, now: Graph) -> Graph:
    """Ids of edges only where the workflow has that edge: they are keys of the whole project."""
    ids = {edge.ends: edge.id for edge in now.edges}
    return build_graph(
        graph.blocks,
        [replace(edge, id=ids.get(edge.ends, "")) for edge in graph.edges],
        graph.version,
    )


def _stale(hidden: Graph, expected: Graph, *, must_have_version: bool) -> str:
    """Why the graph is not the expected one; empty when it is."""
    if digest_masked(hidden) != digest_masked(expected):
        return (
            f"the workflow on the server was changed meanwhile (it has version {hidden.version}, "
            f"the change was made for version {expected.version})"
        )
    if must_have_version and hidden.version != expected.version:
        return (
            f"the workflow on the server has version {hidden.version} now, and the change was made "
            f"for version {expected.version}; the graph is the same"
        )
    return ""


def _put(client: PowabaseClient, workflow_id: str, graph: Graph) -> ServiceError | None:
    """The fault of a put that may have been done. Raises ServiceError when it surely was not."""
    try:
        client.put_graph(workflow_id, graph)
    except (ServiceTimeout, ServiceUnavailable, ServiceBadReply) as error:
        return error
    return None


def _read_back(
    client: PowabaseClient,
    workflow_id: str,
    wanted: Graph,
    *,
    before: Workflow,
    fault: ServiceError | None,
) -> PutResult:
    try:
        now = client.get_workflow(workflow_id)
    except ServiceError as error:
        return PutResult(
            state=PutState.FAILED,
            message="the graph was put, and reading it back failed: " + error.message,
            hint="The approver must act: look at the workflow in the Studio; the state before is stored with the "
            "Copilot's message.",
        )
    if digest_graph(now.graph) == digest_graph(wanted):
        return PutResult(
            state=PutState.APPLIED, message="the graph is on the server", version=now.version
        )
    if fault and digest_graph(now.graph) == digest_graph(before.graph):
        return PutResult(
            state=PutState.FAILED,
            message="the graph was not put: " + fault.message,
            hint=fault.hint,
            version=now.version,
        )
    return PutResult(
        state=PutState.FAILED,
        message=f"the graph was put, and the server has another one now (version {now.version})",
        hint="The approver must act: another person saved at the same time, look at the workflow in the "
        "Studio; the state before is stored with the Copilot's message.",
        version=now.version,
    )
