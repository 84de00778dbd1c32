"""What a gate knows when it decides: all of it fetched now, from GitHub, in one go.

The caller that fetches leaves nothing out silently: what could not be read is None, absent, or named
in `unread`, and makes the decision an `error`. Defaults are therefore "not read". Times are seconds
since the Unix epoch. Sources of the fields: GitHub's REST description and GraphQL schema.
"""

from __future__ import annotations

from msgspec import Struct, field


class Account(Struct, frozen=True):
    """A GitHub account; the id never changes, the login may, and may be taken over by another."""

    id: int
    login: str
    type: str
    """`User`, `Bot`, `Organization`, `Mannequin`, as REST writes it."""


class Revision(Struct, frozen=True):
    """What only GraphQL says about a comment or review."""

    last_edited_at: float | None
    """`lastEditedAt`; None: never edited."""
    is_minimised: bool
    """`isMinimized`: hidden by a person with write access."""


class Comment(Struct, frozen=True, kw_only=True):
    """An issue comment of the pull request, its body fetched again now."""

    id: int
    author: Account | None
    """None for an account that was deleted."""
    app: str
    """Slug of `performed_via_github_app`; empty when none."""
    body: str
    created_at: float
    updated_at: float
    revision: Revision | None = None
    """Needed only of the comments that `find_missing` names."""


class Review(Struct, frozen=True, kw_only=True):
    """A review of the pull request."""

    id: int
    author: Account | None
    state: str
    """`APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`."""
    commit: str
    """`commit_id`."""
    body: str
    submitted_at: float | None
    """None while it is pending."""
    revision: Revision | None = None
    """As of a comment."""
    tree: str | None = None
    """The git tree of `commit`, empty when GitHub no longer has the commit; needed only where
    `find_missing` names the review."""


class EnvironmentApproval(Struct, frozen=True, kw_only=True):
    """One entry of `GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals` of this very run."""

    user: Account | None
    state: str
    """`approved` or `rejected`."""
    environments: tuple[str, ...]
    comment: str = ""


class PullRequest(Struct, frozen=True, kw_only=True):
    """`GET /repos/{owner}/{repo}/pulls/{number}`."""

    repository: int
    """Numeric id of the base repository."""
    number: int
    author: Account | None
    created_at: float
    head_sha: str
    base_ref: str
    is_open: bool = False
    is_merged: bool = False
    is_locked: bool = False
    merge_sha: str = ""
    """`merge_commit_sha`, once merged."""
    merged_by: Account | None = None


class CoAuthor(Struct, frozen=True):
    """A `Co-authored-by` line."""

    email: str
    account: Account | None = None
    """The account that GitHub has for the address; None when it has none."""


class Commit(Struct, frozen=True, kw_only=True):
    """A commit, and who made it."""

    sha: str
    tree: str
    authors: tuple[Account, ...] = ()
    """The accounts of its author and committer, where GitHub knows them."""
    co_authors: tuple[CoAuthor, ...] = ()


class Permission(Struct, frozen=True):
    """`GET /repos/{owner}/{repo}/collaborators/{login}/permission`; 404 is `none` of the id asked."""

    user_id: int | None
    """The id in the answer: the login may belong to another account by now."""
    permission: str
    """`admin`, `write`, `read`, `none`."""


class ThisRun(Struct, frozen=True, kw_only=True):
    """The workflow run that the gate is part of."""

    is_push: bool = False
    sha: str = ""
    """The commit that the event is about, a pull request's head rather than its merge; empty for an
    event that is about none (a comment, a dispatch)."""
    created_at: float | None = None
    """Bounds the age of an environment's approvals, which have no time of their own."""


class GateFacts(Struct, frozen=True, kw_only=True):
    """Everything that a decision depends on, as it is now. None and absent: not read."""

    now: float
    pull: PullRequest | None
    """Read before everything else."""
    pull_again: PullRequest | None = None
    """Read after everything else."""
    commit: Commit | None = None
    """The head commit of the pull request."""
    merge: Commit | None = None
    """The merge commit; needed only on a push of it."""
    run: ThisRun = ThisRun()
    pushers: tuple[Account, ...] | None = None
    """Who pushed the head commit, as the event and the repository's activity say; on a push of the
    merge commit, who pushed that. Not needed where own changes may be approved."""
    comments: tuple[Comment, ...] | None = None
    """All pages; needed when comments count."""
    reviews: tuple[Review, ...] | None = None
    """All pages; needed when reviews count."""
    environment_approvals: tuple[EnvironmentApproval, ...] | None = None
    """Needed when environments count."""
    permissions: dict[int, Permission] = field(default_factory=dict)
    """Account id -> permission now; needed of the people that `find_missing` names."""
    memberships: dict[tuple[str, int], bool] = field(default_factory=dict)
    """(`org/team` in lower case, account id) -> is an active member now; as `permissions`."""
    unread: tuple[str, ...] = ()
    """What else could not be read, in words for people: `page 3 of the comments`."""
