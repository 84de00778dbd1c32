"""What a publisher gets and promises.

A publisher is a function `publish(publication, context, job) -> Receipt`, named in
`registry.PUBLISHERS`. It receives finished text and never renders. When the service that it writes
to fails it returns a receipt that says so; the other publishers run in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.job import Job
from upshot.model import Facts, PullRequest, Receipt, Run, Verdict

if TYPE_CHECKING:  # loaded when the AI request is on its way, not before
    from upshot.model.announcement import Announcement
    from upshot.publish.comment.plan import Draft
    from upshot.publish.comment.thread import OwnComment, Thread
    from upshot.publish.github.client import GitHub


class StackFacts(NamedTuple):
    """What is known of one stack."""

    name: str
    """As its section is named; never empty."""
    facts: Facts


class Publication(Struct, frozen=True):
    """One report, rendered for each place."""

    facts: Facts
    verdict: Verdict
    run: Run
    summary: str
    """Markdown for the job summary."""
    draft: Draft
    """The comment."""
    is_waiting: bool = False
    """A Neo task is at work or waits for a person."""
    is_well: bool | None = None
    """Whether nothing in it needs a person; None where that is not known."""
    announcement: Announcement | None = None
    """The same in short, for chats."""
    verdict_before: str = ""
    """What the report showed before this run; empty where that is not known."""
    receipts: tuple[Receipt, ...] = ()
    """Of the publishers that came before."""
    document: Callable[[tuple[Receipt, ...]], dict[str, Any]] | None = None
    """`result.json` as it is with these receipts."""
    stacks: tuple[StackFacts, ...] = ()
    """The facts of each stack by itself; none for a page that is about no deployment."""
    is_joined: bool = False
    """It joins the reports of other jobs, each of which was published by its own job."""


class PullRequestContext(Struct, frozen=True):
    """What was found on GitHub about the pull request; `fault` says why something is missing."""

    github: GitHub | None = None
    """None without a token, or where nothing may be written (`dry-run`)."""
    pull_request: PullRequest | None = None
    thread: Thread | None = None
    early_action: str = ""
    """What this run has done to the comment already: `created`, `updated`."""
    fault: GitHubError | None = None

    @property
    def latest(self) -> OwnComment | None:
        """Our newest report on it; None where the conversation was not read."""
        return self.thread.latest if self.thread else None


class Publisher(Protocol):
    """One place that a report goes to."""

    def __call__(self, publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
        """Writes, or says in the receipt why not. An exception is a bug."""
        ...
