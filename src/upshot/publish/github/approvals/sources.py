"""The sources of votes: the conversation, the reviews, and the approvals of this run's environments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.facts import GateFacts, PullRequest
from upshot.gate.policy import Source
from upshot.lenient import look
from upshot.publish.github.approvals.attempts import Attempts
from upshot.publish.github.approvals.commits import read_commit
from upshot.publish.github.approvals.conversation import Conversation, is_short
from upshot.publish.github.approvals.shapes import parse_environment_approval, parse_time
from upshot.publish.github.client import GitHub


def read_sources(
    github: GitHub,
    facts: GateFacts,
    pull: PullRequest,
    *,
    sources: Collection[Source],
    talk: Conversation,
    run_id: str,
    raw: Any,
    attempts: Attempts,
) -> GateFacts:
    """The facts with the votes of these sources, and the merge commit where the run is about it.

    `raw` is the pull request as REST sent it.
    """
    run = facts.run
    if run.is_push and run.sha != pull.head_sha and pull.is_merged:
        merge = attempts.read("the merge commit", lambda: read_commit(github, run.sha))
        facts = replace(facts, merge=merge)
    if Source.COMMENT in sources:
        comments = attempts.read("the comments of the pull request", talk.read_comments)
        facts = replace(facts, comments=comments)
        if comments is not None and is_short(pull, raw, comments):
            attempts.unread.append("the comments: one went away while they were read")
    if Source.REVIEW in sources:
        reviews = attempts.read("the reviews of the pull request", talk.read_reviews)
        facts = replace(facts, reviews=reviews)
    if Source.ENVIRONMENT in sources:
        facts = _read_environment(github, facts, run_id, attempts)
    return facts


def _read_environment(
    github: GitHub, facts: GateFacts, run_id: str, attempts: Attempts
) -> GateFacts:
    path = f"actions/runs/{quote(run_id, safe='')}"

    def approvals() -> tuple[Any, ...]:
        found = github.get(
            f"{path}/approvals", doing="read the approvals of this run's environments"
        )
        if not isinstance(found, list):
            raise GitHubError("GitHub's answer is not a list of approvals")
        return tuple(map(parse_environment_approval, found))

    def began() -> float:
        run = github.get(path, doing="read when this run began")
        return parse_time(look(run, "created_at"))

    found = attempts.read("the approvals of this run's environments", approvals)
    began_at = attempts.read("when this run began", began) if found else None
    return replace(
        facts,
        environment_approvals=found,
        run=replace(facts.run, created_at=began_at),
    )
