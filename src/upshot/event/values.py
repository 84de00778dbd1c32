"""What happened on GitHub, as values."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from upshot.event.addresses import Addresses
from upshot.model import Run

_COMMENT_EVENTS = frozenset({"issue_comment", "pull_request_review", "pull_request_review_comment"})

_PULL_REQUEST = frozenset({"pull_request", "pull_request_target"})
_DEPENDABOT = "dependabot[bot]"
_NEW_COMMIT = frozenset({"opened", "synchronize"})
_CHECKED_OUT = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})


class Comment(Struct, frozen=True):
    """The comment or review that triggered the run; its text is hostile."""

    id: int | None
    author: str
    author_id: int | None
    author_type: str
    """`User`, `Bot`, `Organization`; empty when the payload does not say."""
    body: str
    created_at: str
    """RFC 3339, as GitHub writes it; for a review both times are `submitted_at`."""
    updated_at: str
    commit_sha: str = ""
    """The commit that a review was given for."""
    node_id: str = ""
    """Its id in GraphQL."""
    is_by_app: bool = False
    """A GitHub App wrote it, in its own name or in a person's."""


class Target(Struct, frozen=True):
    """What the report is about: a pull request, a commit, or neither. Empty means unknown."""

    number: int | None = None
    head_sha: str = ""
    head_repository: str = ""
    head_branch: str = ""
    base_sha: str = ""
    base_ref: str = ""
    is_fork: bool | None = None
    is_head_pinned: bool = False


class SourceRun(Struct, frozen=True):
    """The run that a `workflow_run` event is about."""

    run_id: str
    run_attempt: str = "1"
    workflow: str = ""
    """Its name: text of the repository's workflow file."""
    started_at: float | None = None
    """When this attempt began, in seconds since the Unix epoch."""


class Event(Struct, frozen=True):
    """One event. What the payload does not say is empty or None; `publish` looks it up."""

    name: str
    action: str
    repository: str
    """`owner/name`: where the workflow runs, and where the pull request is."""
    run: Run
    """`run.sha` is the commit that the report is about; empty when it has to be looked up."""
    number: int | None
    """Of the pull request."""
    head_sha: str
    head_repository: str
    """`owner/name`; also empty when a fork was deleted."""
    head_branch: str
    base_sha: str
    base_ref: str
    is_fork: bool | None
    """None when it has to be looked up."""
    is_head_pinned: bool
    """A number may come from an artifact of a fork's run: the pull request counts only when its
    head is `head_sha` (threat T36)."""
    actor: str
    triggering_actor: str
    """Who pressed "re-run"; else the actor."""
    sender_type: str
    """`User` or `Bot`: the payload's sender."""
    comment: Comment | None
    default_branch: str
    addresses: Addresses
    source_run: SourceRun | None = None
    """Only of a `workflow_run` event."""
    sender: str = ""
    """Login of the account whose act caused the event."""
    sender_id: int | None = None

    @property
    def is_comment_triggered(self) -> bool:
        """Anyone may cause such a run: the actor's permission is checked before anything else."""
        return self.name in _COMMENT_EVENTS

    @property
    def is_by_dependabot(self) -> bool:
        """Whether Dependabot started the run: then it has Dependabot's secrets only (GitHub's rule)."""
        return _DEPENDABOT in {self.actor, self.triggering_actor}

    @property
    def may_be_repeated(self) -> bool:
        """Whether an earlier run may have looked at the same commit of the pull request.

        The first attempt of a run that a new commit started is the first to see it; of a run that
        belongs to no pull request nothing is kept.
        """
        if self.run.run_attempt not in {"", "1"}:
            return True
        is_new = self.name == "workflow_run" or (
            self.name in _PULL_REQUEST and self.action in _NEW_COMMIT
        )
        return self.number is not None and not is_new

    @property
    def is_evidence_foreign(self) -> bool:
        """Whether another run made the evidence, and a stranger may have written its workflow.

        Then no name and no link in it may lead to what only our token can see (threat T36).
        """
        return self.name == "workflow_run" and self.is_fork is not False

    def of_source_run(self) -> Event:
        """The same event, as if the run that it is about had started us; itself for other events."""
        if self.source_run is None:
            return self
        source = self.source_run
        run = replace(
            self.run,
            run_id=source.run_id,
            run_attempt=source.run_attempt,
            workflow=source.workflow,
            job="",
        )
        return replace(self, run=run)

    @property
    def is_checkout_foreign(self) -> bool:
        """Whether the workspace is likely to be a fork's: no template is read from it (threat T37).

        What starts on `workflow_run` or `pull_request_target` has the default branch checked out.
        """
        return self.is_fork is True and self.name in _CHECKED_OUT
