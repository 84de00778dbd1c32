"""What the routes give, as values, read leniently: documentation and servers differ. Pure.

Source: Powabase v0.7.0 `routes/copilot.py`, `routes/workflows.py`; the documentation gives no shapes
of replies.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from upshot.http.calls import Response
from upshot.http.faults import build_bad_reply
from upshot.lenient import as_dict, as_int, as_list, as_text
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph, read_graph

EMPTY_ANSWER: Final = "(empty)"
"""What the server stores for an answer without text; the stream has an empty text."""


class Session(Struct, frozen=True, kw_only=True):
    """A conversation with the Copilot about one workflow."""

    id: str
    workflow_id: str = ""
    created_at: str = ""
    updated_at: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """One message of a session. Texts are hostile."""

    id: str
    role: str
    """`user`, `assistant` or `system`."""
    content: str
    diff: Any = None
    """As stored; None for a message without a change."""
    pre_snapshot: Any = None
    """The state before the change was applied, if one was stored: `{nodes, edges}`."""
    created_at: str = ""


class ModelSettings(Struct, frozen=True, kw_only=True):
    """Which model the Copilot of the project uses."""

    model: str
    default: str = ""
    options: tuple[str, ...] = ()
    """What may be set; empty when the service did not say."""


class Workflow(Struct, frozen=True, kw_only=True):
    """One workflow. In `graph` the secrets are as the server has them: hide them first."""

    id: str
    name: str
    version: int
    state: str = ""
    """`deployed`: webhooks and schedule are live; `internal`: they are not."""
    graph: Graph = Graph()

    @property
    def is_deployed(self) -> bool:
        return self.state == "deployed"


class WorkflowPage(Struct, frozen=True, kw_only=True):
    """A page of workflows, without their graphs."""

    workflows: tuple[Workflow, ...]
    total: int


def read_session(found: object) -> Session | None:
    """From `{id, …}` or `{"session": {id, …}}`; None when there is none."""
    record = as_dict(found)
    record = as_dict(record.get("session")) if "session" in record else record
    session_id = as_text(record.get("id"))
    if not session_id:
        return None
    return Session(
        id=session_id,
        workflow_id=as_text(record.get("workflow_id")),
        created_at=as_text(record.get("created_at")),
        updated_at=as_text(record.get("updated_at")),
    )


def read_messages(found: object) -> tuple[Message, ...] | None:
    """From `{"messages": […]}` or a bare list, oldest first; None for another shape."""
    raw = as_dict(found).get("messages", found if isinstance(found, list) else None)
    if not isinstance(raw, list):
        return None
    messages = []
    for record in map(as_dict, raw):
        content = as_text(record.get("content"))
        role = as_text(record.get("role"))
        is_empty = role == "assistant" and content == EMPTY_ANSWER
        messages.append(
            Message(
                id=as_text(record.get("id")),
                role=role,
                content="" if is_empty else content,
                diff=record.get("workflow_diff"),
                pre_snapshot=record.get("pre_snapshot"),
                created_at=as_text(record.get("created_at")),
            )
        )
    return tuple(messages)


def read_model(found: object) -> ModelSettings:
    """From `{model, default, options}`; an option is `{label, value}` or a text."""
    record = as_dict(found)
    options = [
        as_text(one) or as_text(as_dict(one).get("value")) for one in as_list(record.get("options"))
    ]
    default = as_text(record.get("default"))
    return ModelSettings(
        model=as_text(record.get("model")) or default,
        default=default,
        options=tuple(filter(None, options)),
    )


def read_workflow_reply(found: object, response: Response) -> Workflow:
    """A workflow with its graph. Raises ServiceBadReply for one whose graph cannot be read."""
    record = as_dict(found)
    record = as_dict(record.get("workflow")) or record
    try:
        graph = read_graph(record, subject="the workflow on the server")
    except InvalidWorkflow as error:
        raise build_bad_reply(response.where, response.status, error.message) from None
    return _workflow(record, graph)


def read_workflows(found: object) -> WorkflowPage:
    """From `{workflows, total}`."""
    record = as_dict(found)
    listed = [as_dict(one) for one in as_list(record.get("workflows"))]
    workflows = tuple(_workflow(one, Graph()) for one in listed if as_text(one.get("id")))
    total = as_int(record.get("total"))
    return WorkflowPage(workflows=workflows, total=len(workflows) if total is None else total)


def _workflow(record: dict[str, Any], graph: Graph) -> Workflow:
    return Workflow(
        id=as_text(record.get("id")),
        name=as_text(record.get("name")),
        version=as_int(record.get("version")) or 0,
        state=as_text(record.get("state")),
        graph=graph,
    )
