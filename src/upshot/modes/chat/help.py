"""`/upshot help`: what this workflow allows, and what was wrong with a command."""

from __future__ import annotations

from upshot.gate.grammar import USAGE, Verb
from upshot.modes.chat.chat import Answer, Chat, failed
from upshot.registry import COMMANDS
from upshot.report.chat.page import Block, Plain, Table, Words


def answer(chat: Chat) -> Answer:
    """The list; where the command was not understood, why not comes first.

    People who try words get the list once: our earlier help stands on the page already.
    """
    problem = chat.command.problem
    if problem is None:
        return Answer(blocks=(list_commands(chat),))
    tried = chat.command.tried
    usage = (Words("Write it like this: {}", (USAGE[tried],)),) if tried else ()
    blocks: list[Block] = [Words("{}", (Plain(problem.value),)), *usage]
    if Verb.HELP in chat.inputs.allowed and tried is None:
        if any(own.marker.command == Verb.HELP for own in chat.thread.answers):
            return failed()
        blocks.append(list_commands(chat))
    return failed(*blocks)


def list_commands(chat: Chat) -> Table:
    """The commands that do something here, in the order of the registry."""
    rows = [
        (Words("{}", (USAGE[Verb(name)],)), Words("{}", (Plain(spec.does),)))
        for name, spec in COMMANDS.items()
        if Verb(name) in chat.inputs.allowed
    ]
    return Table(tuple(rows), head=("Command", "What it does"))
