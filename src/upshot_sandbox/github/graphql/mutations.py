"""What GraphQL mutations do to comments."""

from __future__ import annotations

from typing import Any, Final

from graphql import GraphQLResolveInfo

from upshot_sandbox.github.access import check_comment
from upshot_sandbox.github.graphql.nodes import Node, Nodes, cursor_of, find_comment, graphql_error
from upshot_sandbox.wire import Refusal

_IN_REST: Final = {"THUMBS_UP": "+1", "THUMBS_DOWN": "-1"}


class Mutations:
    """Mutations by one token's user; each answers with its payload."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.state = nodes.state

    def root(self) -> Node:
        """The fields of Mutation."""
        return {
            "addComment": self._add,
            "addReaction": self._react,
            "updateIssueComment": self._update,
            "deleteIssueComment": self._delete,
            "minimizeComment": self._minimize,
            "unminimizeComment": self._unminimize,
        }

    def _writable(self) -> None:
        if not self.nodes.access.may("issues", "pull_requests"):
            raise graphql_error("Resource not accessible by integration", "FORBIDDEN")

    def _add(self, _info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        _check_text(input["body"])
        made = self.nodes.comment(self.state.add(self.nodes.access.user, input["body"]))
        return {"commentEdge": {"cursor": cursor_of(len(self.state.comments) - 1), "node": made}}

    def _react(self, info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        self.nodes.root()["node"](info, id=input["subjectId"])  # raises where there is no such node
        content = str(input["content"])
        self.state.react(input["subjectId"], _IN_REST.get(content, content.lower()))
        return {"reaction": {"content": content}}

    def _update(self, _info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        _check_text(input["body"])
        found = find_comment(self.state, input["id"])
        self.state.edit(found, input["body"])
        return {"issueComment": self.nodes.comment(found)}

    def _delete(self, _info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        self.state.comments.remove(find_comment(self.state, input["id"]))
        return {"clientMutationId": input.get("clientMutationId")}

    def _minimize(self, _info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        found = find_comment(self.state, input["subjectId"])
        found.minimized = str(input["classifier"]).lower().replace("_", "-")
        return {"minimizedComment": self.nodes.comment(found)}

    def _unminimize(self, _info: GraphQLResolveInfo[Any], *, input: dict[str, Any]) -> Node:  # noqa: A002
        self._writable()
        found = find_comment(self.state, input["subjectId"])
        found.minimized = ""
        return {"unminimizedComment": self.nodes.comment(found)}


def _check_text(text: str) -> None:
    try:
        check_comment(text)
    except Refusal as refusal:
        text = "Body is too long (maximum is 65536 characters)"
        raise graphql_error(text, "UNPROCESSABLE") from refusal
