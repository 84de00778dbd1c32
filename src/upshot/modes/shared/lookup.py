"""The look-up on GitHub while the AI answers: which pull request, and our comments on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace

from upshot.errors import GitHubError, UpshotError
from upshot.inputs.choices import CommentMode
from upshot.job import Job
from upshot.model.stamp import clean_id
from upshot.registry import load

if TYPE_CHECKING:  # loaded when the AI request is on its way, not before
    from upshot.publish.interface import PullRequestContext

T = TypeVar("T")


class BackgroundTask(Generic[T]):
    """Work in a thread while the AI answers: `start` begins it, `result` waits for it.

    `start` may be called more than once, or never: only the first call counts, and `result` starts
    what was not started. So a backend may send two requests, or none. The thread is a daemon: a cancelled run
    does not wait for it.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._result: T | None = None
        self._fault: BaseException | None = None

    def start(self) -> None:
        """Starts the work, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="background", daemon=True)
                self._thread.start()

    @property
    def finished(self) -> T | None:
        """What the work returned, if it has ended well; never waits."""
        return self._result

    def result(self) -> T:
        """What the work returned; starts it if it has not begun.

        Raises:
            whatever the work raised.
        """
        self.start()
        assert self._thread is not None  # noqa: S101 - start() has just set it
        self._thread.join()
        if self._fault is not None:
            raise self._fault
        return self._result  # type: ignore[return-value]  # set unless there was a fault

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as fault:  # noqa: BLE001 - raised again by `result`
            self._fault = fault


class PullRequestLookup(BackgroundTask["PullRequestContext"]):
    """Starts when the AI request is on its way, or when its result is first needed."""

    def __init__(self, job: Job, known: PullRequestContext | None = None) -> None:
        """`known`: what was looked up already."""
        super().__init__(lambda: known or look_up_pull_request(job))

    def invalidate(self, *, early_action: str = "") -> None:
        """Our comment has changed since: the next writer must read the thread again.

        `early_action`: what this run has done to the comment so far (`created`, `updated`).
        """
        context = self.result()
        action = context.early_action or early_action
        self._result = replace(context, thread=None, early_action=action)


def look_up_pull_request(job: Job) -> PullRequestContext:
    """Finds the pull request and reads our comments on it. Never raises for GitHub's faults.

    The report is rendered once, as a warm-up, while GitHub answers. Imports PyGithub and the
    renderer's libraries: called when the AI request is on its way.
    """
    warmup: BackgroundTask[None] = BackgroundTask(load(job.mode.warm_up))
    context = _look_up(job, on_connected=warmup.start)
    warmup.result()
    return context


def _look_up(job: Job, *, on_connected: Callable[[], None]) -> PullRequestContext:
    from upshot.model import PullRequest
    from upshot.publish.comment.thread import read_thread
    from upshot.publish.github.connect import connect
    from upshot.publish.github.pulls import find_pull_request
    from upshot.publish.interface import PullRequestContext

    inputs, event = job.inputs, job.event
    token = inputs.publish.github_token
    if token is None or inputs.run.dry_run:
        return PullRequestContext()
    github, pull_request = None, None
    try:
        github = connect(
            token,
            event.addresses,
            repository=event.repository,
            deadline=job.publish_deadline,
            jitter=job.jitter,
        )
        on_connected()
        if job.mode.reads_conversation and event.number is not None and not event.is_head_pinned:
            known = PullRequest(
                event.number, head_sha=event.head_sha, is_fork=event.is_fork is not False
            )
            return PullRequestContext(github, known)
        pull_request = find_pull_request(github, event)
        if pull_request is None or not needs_thread(job):
            return PullRequestContext(github, pull_request)
        thread = read_thread(github, pull_request.number, key=clean_id(job.comment_key))
    except GitHubError as fault:
        return PullRequestContext(github, pull_request, fault=fault)
    return PullRequestContext(github, pull_request, thread)


def needs_thread(job: Job) -> bool:
    """Whether our earlier comment matters: to be kept current, or for the conversation in it."""
    if job.mode.reads_conversation:
        return False
    return job.mode.needs_thread or job.inputs.publish.comment_mode is not CommentMode.OFF


def may_trigger(context: PullRequestContext, job: Job) -> bool:
    """Whether the author of the comment may spend and post (T25); False when GitHub is silent."""
    from upshot.publish.github.approvals.people import has_role

    comment = job.event.comment
    if context.github is None or comment is None or comment.author_type != "User":
        return False
    try:
        return has_role(context.github, comment.author, job.mode.role)
    except UpshotError:
        return False
