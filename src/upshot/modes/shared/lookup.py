"""The visit to GitHub beside the AI: which pull request, and what of ours is on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError, UpshotError
from upshot.event import Event
from upshot.inputs import Inputs
from upshot.inputs.choices import CommentMode, Mode
from upshot.model import PullRequest
from upshot.modes.job import Job
from upshot.modes.shared.background import BackgroundTask

if TYPE_CHECKING:  # loaded when the AI request is on its way, not before
    from upshot.publish.comment.thread import Thread
    from upshot.publish.github.client import GitHub


class Memory(Struct, frozen=True):
    """What our earlier comment on the pull request kept, by its marker; ids, nothing else."""

    conversation_id: str = ""
    task_id: str = ""
    stack: str = ""
    by_stack: dict[str, Memory] = {}
    """Where several stacks share the comment."""

    def of(self, stack: str) -> Memory:
        """What was kept about one stack; empty when the comment is about others."""
        if stack in self.by_stack:
            return self.by_stack[stack]
        return self if self.stack in {"", stack} else Memory()


class PullRequestContext(Struct, frozen=True):
    """What was found; `fault` says why nothing could be."""

    github: GitHub | None = None
    pull_request: PullRequest | None = None
    thread: Thread | None = None
    fault: GitHubError | None = None

    @property
    def memory(self) -> Memory:
        """Empty where there is no earlier comment."""
        latest = self.thread.latest if self.thread else None
        if latest is None:
            return Memory()
        from upshot.publish.comment.sections import (  # loaded with the thread
            UNKNOWN_STACK,
            parse_sections,
        )

        marker, by_stack = latest.marker, {}
        for section in parse_sections(latest.body):
            stack = section.stack if section.stack != UNKNOWN_STACK else ""
            by_stack[stack] = Memory(section.conversation, section.task, stack)
        return Memory(marker.conversation, marker.task, marker.stack, by_stack)


class PullRequestLookup(BackgroundTask[PullRequestContext]):
    """The visit as an errand; whoever needs it first waits for it."""

    def __init__(self, inputs: Inputs, event: Event, job: Job) -> None:
        super().__init__(lambda: look_up_pull_request(inputs, event, job))

    def invalidate(self) -> None:
        """Our comment has changed since: whoever writes next must read the thread again."""
        self._result = replace(self.result(), thread=None)


def look_up_pull_request(inputs: Inputs, event: Event, job: Job) -> PullRequestContext:
    """Finds the pull request and reads our comments on it. Never raises for GitHub's faults.

    The report is rendered once, as a warm-up, while GitHub answers. Imports PyGithub and the renderer's libraries:
    called when the AI request is on its way.
    """
    from upshot.modes.shared.warmup import warm_up

    warmup = BackgroundTask(warm_up)
    visit = _look_up(inputs, event, job, on_connected=warmup.start)
    warmup.result()
    return visit


def _look_up(
    inputs: Inputs, event: Event, job: Job, *, on_connected: Callable[[], None]
) -> PullRequestContext:
    from upshot.publish.comment.marker import clean_id
    from upshot.publish.comment.thread import read_thread
    from upshot.publish.github.connect import connect
    from upshot.publish.github.pulls import find_pull_request

    token = inputs.publish.github_token
    if token is None or inputs.run.dry_run:
        return PullRequestContext()
    github, pull_request = None, None
    try:
        github = connect(
            token,
            api_url=event.api_url,
            graphql_url=event.graphql_url,
            repository=event.repository,
            deadline=job.publish_deadline,
            jitter=job.jitter,
        )
        on_connected()
        pull_request = find_pull_request(github, event)
        if pull_request is None or not needs_thread(inputs):
            return PullRequestContext(github, pull_request)
        thread = read_thread(github, pull_request.number, key=clean_id(inputs.publish.comment_key))
    except GitHubError as fault:
        return PullRequestContext(github, pull_request, fault=fault)
    return PullRequestContext(github, pull_request, thread)


def needs_thread(inputs: Inputs) -> bool:
    """Whether our earlier comment matters: to be kept current, or for the conversation in it."""
    return inputs.publish.comment_mode is not CommentMode.OFF or inputs.mode is not Mode.EXPLAIN


def actor_may_ask(visit: PullRequestContext, event: Event) -> bool:
    """Whether whoever commented may spend and post (threat T25); False when GitHub does not say."""
    from upshot.publish.github.pulls import actor_may

    if visit.github is None or event.comment is None:
        return False
    if event.comment.author_type != "User":
        return False
    try:
        return actor_may(visit.github, event.comment.author)
    except UpshotError:
        return False
