"""`/upshot approve` and `/upshot reject`: what waits with this id takes the vote (`registry.VOTERS`)."""

from __future__ import annotations

from msgspec.structs import replace

from upshot.modes.chat.chat import Answer, Chat, failed
from upshot.registry import VOTERS, load
from upshot.report.chat.page import Words


def answer(chat: Chat) -> Answer:
    unsure: Answer | None = None
    for spec in VOTERS.values():
        taken: Answer | None = load(spec.vote)(chat)
        if taken is not None and not taken.is_unsure:
            return taken
        unsure = unsure or taken
    if unsure is not None:
        return unsure
    answer = failed(
        Words("Nothing waits for an answer with the id {}.", (chat.command.argument,)),
        Words("The id stands in the comment that asks; it changes with the commit and the plan."),
    )
    return replace(answer, outputs={"approved": "false"})
