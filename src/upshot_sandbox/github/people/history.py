"""Commits, reviews, environments, teams and runs of the one repository, changed by what people do."""

from __future__ import annotations

import base64
from typing import Final

from msgspec import Struct, field

from upshot_sandbox.github.state import GitHubState, User, sha_of

_FIRST_REVIEW: Final = 1_800_000_100


class Commit(Struct):
    sha: str
    tree: str
    author: str
    """Login."""
    committer: str
    message: str
    co_authors: dict[str, str] = {}
    """Address -> login of the account that has it; empty for none."""


class Review(Struct):
    id: int
    author: User
    state: str
    """`APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`."""
    commit: str
    body: str
    submitted_at: float
    edited_at: float | None = None
    minimized: str = ""

    @property
    def node_id(self) -> str:
        return "PRR_" + base64.urlsafe_b64encode(f"sandbox{self.id}".encode()).decode().rstrip("=")


class EnvironmentReview(Struct, frozen=True):
    user: User
    state: str
    environment: str
    comment: str = ""


class Push(Struct, frozen=True):
    """An entry of the repository's activity."""

    before: str
    after: str
    ref: str
    actor: User
    kind: str
    at: float


class OtherRun(Struct):
    """Another run of a workflow for a commit."""

    id: int
    sha: str
    path: str
    status: str = "completed"
    conclusion: str | None = "failure"
    reruns: int = 0


class History(Struct):
    """Begins with one commit, by the pull request's author, who also pushed it."""

    state: GitHubState
    commits: dict[str, Commit] = field(default_factory=dict)
    pushes: list[Push] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    environment_reviews: list[EnvironmentReview] = field(default_factory=list)
    teams: dict[str, set[str]] = field(default_factory=dict)
    """Slug -> logins of the active members; only for a token that may read members."""
    runs: list[OtherRun] = field(default_factory=list)
    dispatches: list[dict[str, object]] = field(default_factory=list)
    merged_by: str = ""

    @classmethod
    def begin(cls, state: GitHubState) -> History:
        history = cls(state)
        author = state.plan.author
        history.push(author, sha=state.head_sha)
        history.runs.append(
            OtherRun(19_283_600_001, state.head_sha, ".github/workflows/preview.yml")
        )
        return history

    def push(
        self,
        by: str,
        *,
        sha: str = "",
        tree: str = "",
        author: str = "",
        co_authors: dict[str, str] | None = None,
        force: bool = False,
    ) -> Commit:
        """A new head; `force` throws the old one away. `tree` of an earlier commit: a rebase."""
        state = self.state
        before = state.head_sha
        state.head_sha = sha = sha or sha_of(f"{before} and on, by {by}")
        lines = [f"Co-authored-by: Someone <{email}>" for email in co_authors or {}]
        commit = Commit(
            sha=sha,
            tree=tree or sha_of(f"files of {sha}"),
            author=author or by,
            committer=author or by,
            message="\n".join([state.plan.title, "", *lines]),
            co_authors=co_authors or {},
        )
        self.commits[sha] = commit
        kind = "force_push" if force else "push"
        ref = f"refs/heads/{state.plan.branch}"
        self.pushes.append(Push(before, sha, ref, state.user(by), kind, state.now()))
        return commit

    def merge(self, by: str, *, tree: str = "") -> None:
        """Merges the pull request; `tree`: the merge changed something."""
        state, head = self.state, self.commits[self.state.head_sha]
        state.state, self.merged_by = "closed", by
        self.commits[state.merge_sha] = Commit(
            state.merge_sha, tree or head.tree, by, "web-flow", "Merge pull request"
        )

    def review(self, by: str, verdict: str, body: str = "") -> Review:
        number = _FIRST_REVIEW + len(self.reviews)
        now = self.state.now()
        review = Review(number, self.state.user(by), verdict, self.state.head_sha, body, now)
        self.reviews.append(review)
        return review
