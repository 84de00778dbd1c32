"""What earlier runs left in the sessions of a workflow: a turn that waits, a change that was put. Pure.

Upshot keeps nothing between two runs: the service's own messages are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from upshot.powabase.apply import apply_diff, bind
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph, build_graph, read_graph
from upshot.powabase.secrets.hide import FindSecrets, digest_masked, hide_new_secrets, hide_secrets
from upshot.powabase.wire.records import Message
from upshot.powabase.wire.recover import find_question
from upshot.powabase.wire.turn import Turn, read_turn


class Talk(Struct, frozen=True):
    """A session as it stands, oldest message first."""

    session_id: str
    messages: tuple[Message, ...]


class Stored(Struct, frozen=True, kw_only=True):
    """The newest message of the Copilot that the state before its change is stored with."""

    session_id: str
    message: Message
    question: str
    """What the person asked; empty where the session does not have it."""


class Put(Struct, frozen=True, kw_only=True):
    """A change that the server has, as far as it can be known: nothing else was changed since."""

    stored: Stored
    before: Graph
    """The state before, its secrets hidden; its version is the one before the server's."""
    after: Graph
    """As `before` counts its stand-ins; new secrets hidden."""
    bound: str
    """What its approval was bound to."""


def find_pending(talks: Sequence[Talk], prompt: str | None = None) -> Iterator[Turn]:
    """The newest turn of each session whose change was not put, if it asked `prompt` (None: anything).

    One that has no answer yet has no `message_id`: it is never asked twice.
    """
    for talk in talks:
        question = find_question(talk.messages)
        if question is None or (prompt is not None and question.content.strip() != prompt.strip()):
            continue
        turn = read_turn(talk.session_id, talk.messages, question)
        if turn is None:
            yield Turn(session_id=talk.session_id, is_log_whole=False)
            continue
        answer = next((one for one in talk.messages if one.id == turn.message_id), None)
        if answer is None or answer.pre_snapshot is None:
            yield turn


def find_stored(talks: Sequence[Talk]) -> Stored | None:
    """The newest stored state of all sessions; None where none has one."""
    found = []
    for talk in talks:
        question = ""
        newest: Stored | None = None
        for message in talk.messages:
            if message.role == "user":
                question = message.content
            if message.pre_snapshot is not None:
                newest = Stored(session_id=talk.session_id, message=message, question=question)
        if newest:
            found.append(newest)
    return max(found, key=lambda one: one.message.created_at, default=None)


def read_before(stored: Stored, find: FindSecrets, version: int = 0) -> Graph:
    """The stored state with its secrets hidden. Raises InvalidWorkflow for one that is no graph."""
    found = read_graph(stored.message.pre_snapshot, subject="the stored state")
    hidden, _ = hide_secrets(found, find)
    return build_graph(hidden.blocks, hidden.edges, version)


def match_put(
    stored: Stored, server: Graph, base: Graph | None, *, workflow_id: str, find: FindSecrets
) -> Put | None:
    """The stored change, if the server has exactly what came of it; else None.

    A change was made for the stored state, or for `base`, the working copy in the repository.
    Raises InvalidWorkflow for a stored state that is no graph.
    """
    before = read_before(stored, find, max(0, server.version - 1))
    for start in (before, base):
        if start is None:
            continue
        try:
            diff = read_diff(stored.message.diff)
            after = apply_diff(start, diff, workflow_id=workflow_id).after
        except InvalidWorkflow:
            continue
        shown = hide_new_secrets(after, find)
        if digest_masked(shown) == digest_masked(server):
            bound = bind(before, diff, shown)
            return Put(stored=stored, before=before, after=shown, bound=bound)
    return None
