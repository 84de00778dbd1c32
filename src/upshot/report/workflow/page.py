"""What a report about a workflow shows, as a value. All texts of a model or a person are untrusted.

Secrets of blocks are stand-ins by now; there is no field for one.
"""

from __future__ import annotations

from msgspec import Struct


class ChangeRow(Struct, frozen=True):
    """One line of the table of changes."""

    sign: str
    """`+` added, `-` removed, `~` changed."""
    what: str
    """The block's name, or both ends of an edge."""
    kind: str
    """The block's type, or `edge`."""
    property: str = ""
    before: str = ""
    after: str = ""


class Problem(Struct, frozen=True):
    """A finding about the change or the graph."""

    message: str
    remedy: str
    is_error: bool


class ToolRow(Struct, frozen=True):
    """A tool that the Copilot called, in order."""

    name: str
    arguments: str = ""
    """As JSON, shortened."""
    is_dangerous: bool = False
    """It changed the project, or may have, before any approval."""


class Node(Struct, frozen=True):
    """A block in the picture."""

    id: str
    label: str
    kind: str
    sign: str = " "
    """`+`, `-`, `~`, or a blank for one that stays as it is."""


class Arrow(Struct, frozen=True):
    """An edge in the picture."""

    source: str
    target: str
    label: str = ""
    sign: str = " "


class Picture(Struct, frozen=True):
    """One graph with what differs marked in it."""

    nodes: tuple[Node, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    left_out: int = 0
    """Blocks far from every change, which a large picture does without."""


class WorkflowPage(Struct, frozen=True, kw_only=True):
    state: str
    """A word of `apply-state`, as its enum: no redactor reads it."""
    apply: str = "never"
    name: str = ""
    """Of the workflow."""
    workflow_id: str = ""
    version: int = 0
    session_id: str = ""
    question: str = ""
    answer: str = ""
    """Markdown by a model."""
    changes: tuple[ChangeRow, ...] = ()
    more_changes: int = 0
    counts: dict[str, int] = {}
    """Of blocks and edges, as `Change.counts`; empty where they are not known."""
    picture: Picture = Picture()
    problems: tuple[Problem, ...] = ()
    tools: tuple[ToolRow, ...] = ()
    more_tools: int = 0
    is_log_whole: bool = True
    """Else tools may have run that nothing is known of."""
    command: str = ""
    """The line that approves; empty unless an approval is waited for."""
    approvals: tuple[str, ...] = ()
    """Who has approved so far."""
    message: str = ""
    """What became of applying, in our words with the service's inside."""
    file: str = ""
    """`workflow-file`, relative to the checkout."""
    is_drift: bool = False
    """`changes` are from the file to the server, and nothing was asked."""
    is_undo: bool = False
    """`changes` lead back to the state before an earlier change."""
    is_deployed: bool = False
    fault: str = ""
    hint: str = ""
    """Who must act about `fault` or `message`."""
