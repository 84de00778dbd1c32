"""What GitHub knows: one repository, its pull request, comments, statuses, tokens."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from upshot_sandbox.scenario import GitHubPlan, Scenario

BOT: Final = "github-actions[bot]"
_DAY_S: Final = 86_400
_WRITE: Final = {
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
    "contents": "read",
    "actions": "write",
}
_KEEP: Final = {"secrets": "write", "environments": "write", "members": "read"}
"""What an App's token may have besides; a job's own token has it never."""
_TALK: Final = (
    "Could you split the task definition from the service? It would read better.",
    "Looks good to me. I tried it on my own stack and it came up in four minutes.",
    "Do we still need the old load balancer after this?",
    "Rebased on main.",
    "Please keep the log retention at 30 days, audit asks for it.",
)


class User(Struct, frozen=True):
    login: str
    id: int
    type: str = "User"


class Access(Struct, frozen=True):
    """What a token may do."""

    user: User
    permissions: dict[str, str]

    def may(self, *scopes: str) -> bool:
        """Whether any of these scopes is granted for writing."""
        return any(self.permissions.get(scope) == "write" for scope in scopes)


class Comment(Struct):
    """A comment of the thread. `edits` orders comments that were edited in the same second."""

    id: int
    author: User
    body: str
    created_at: float
    updated_at: float
    edits: int = 0
    minimized: str = ""
    app: str = ""
    """Slug of the GitHub App through which it was written."""

    @property
    def node_id(self) -> str:
        return "IC_" + base64.urlsafe_b64encode(f"sandbox{self.id}".encode()).decode().rstrip("=")


class Issue(Struct):
    """An issue that is no pull request."""

    number: int
    author: User
    title: str
    body: str
    labels: tuple[str, ...]
    created_at: float
    updated_at: float
    state: str = "open"
    state_reason: str = ""
    locked: bool = False
    comments: list[Comment] = []


class Label(Struct, frozen=True):
    """A label of the repository."""

    name: str
    colour: str = "ededed"
    about: str = ""


class Status(Struct, frozen=True):
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    description: str
    target_url: str


class Remark(Struct):
    """A review, or a comment on a line: what a person wrote elsewhere than in the thread."""

    kind: str
    """`PullRequestReview` or `PullRequestReviewComment`."""
    id: int
    author: User
    body: str
    at: float
    edited_at: float | None = None
    minimized: str = ""

    @property
    def node_id(self) -> str:
        return f"{self.kind}_{self.id}"


class GitHubState:
    """Changed by requests and by tests (a test may lock the thread or push a commit)."""

    def __init__(self, scenario: Scenario, now: Callable[[], float]) -> None:
        plan = scenario.github
        self.plan = plan
        self.now = now
        self.owner, self.repo = plan.repository.split("/")
        self.head_sha = sha_of(f"{plan.branch} head")
        self.base_sha = sha_of("main")
        self.merge_sha = sha_of(f"{plan.branch} merged into main")
        self.locked = plan.locked
        self.permissions = dict(plan.collaborators)
        self.state = plan.state
        self.statuses: list[Status] = []
        self.bot = User(BOT, 41_898_282, "Bot")
        self.tokens = {
            fake_token("write"): Access(self.bot, dict(_WRITE)),
            fake_token("read"): Access(self.bot, {"contents": "read", "pull_requests": "read"}),
            fake_token("app"): Access(self.bot, _WRITE | _KEEP),
        }
        self.remarks: list[Remark] = []
        self.reactions: list[tuple[str, str]] = []
        """(node id, content as REST writes it), in the order in which they were given."""
        self.issues: dict[int, Issue] = {}
        self.labels: dict[str, Label] = {}
        """Of the repository, by their names in lower case."""
        self.pull_labels: set[str] = set()
        """Names in lower case of those on the pull request."""
        self._edits = 0
        self.comments: list[Comment] = []
        for author, body in _talk(plan):
            self._begin(author, body, plan)
        for issue in plan.issues:
            made = self.open_issue(self.user(issue.author), issue.title, issue.body)
            made.state = issue.state

    def _begin(self, author: str, body: str, plan: GitHubPlan) -> None:
        total = plan.people_talk + len(plan.comments)
        comment = self.add(self.user(author), body)
        comment.created_at -= (total - len(self.comments) + 1) * (_DAY_S * 20 / (total + 1)) + 60
        comment.updated_at = comment.created_at

    @property
    def workflow_token(self) -> str:
        """What the workflow passes as `github-token`."""
        return "" if self.plan.token == "none" else fake_token(self.plan.token)

    @property
    def head_owner(self) -> str:
        """Owner of the pull request's head repository."""
        return self.plan.author if self.plan.fork else self.owner

    def user(self, login: str) -> User:
        """The user of that login; ids are made from it."""
        if login == BOT:
            return self.bot
        number = int(hashlib.sha256(login.lower().encode()).hexdigest()[:6], 16)
        return User(login, number, "Bot" if login.endswith("[bot]") else "User")

    def open_issue(
        self, author: User, title: str, body: str, labels: tuple[str, ...] = ()
    ) -> Issue:
        """A new issue, with the next number."""
        number, now = self.plan.pull_request + 101 + len(self.issues), self.now()
        made = Issue(number, author, title, body, labels, now, now)
        self.issues[number] = made
        return made

    def comment_on(self, issue: Issue, author: User, body: str) -> Comment:
        """A new comment on an issue."""
        made = self.add(author, body)
        self.comments.remove(made)
        issue.comments.append(made)
        return made

    def add(self, author: User, body: str) -> Comment:
        """A new comment, with the next id."""
        self._edits += 1
        now = self.now()
        number = 3_514_000_000 + self._edits * 37
        comment = Comment(number, author, body, now, now, self._edits)
        self.comments.append(comment)
        return comment

    def edit(self, comment: Comment, body: str) -> None:
        self._edits += 1
        comment.body = body
        comment.updated_at = self.now()
        comment.edits = self._edits

    def find(self, comment_id: int) -> Comment | None:
        return next((c for c in self.comments if c.id == comment_id), None)

    def find_node(self, node_id: str) -> Comment | None:
        return next((c for c in self.comments if c.node_id == node_id), None)

    def remark(self, author: User, body: str, kind: str) -> Remark:
        """A new review or line comment."""
        made = Remark(kind, 1_800_000_001 + len(self.remarks), author, body, self.now())
        self.remarks.append(made)
        return made

    def react(self, node_id: str, content: str) -> None:
        """A reaction by the action; given twice it is there once."""
        if (node_id, content) not in self.reactions:
            self.reactions.append((node_id, content))

    def by_bot(self) -> list[Comment]:
        """The comments that the action made."""
        return [comment for comment in self.comments if comment.author == self.bot]

    def issues_by_bot(self) -> list[Issue]:
        """The issues that the action opened."""
        return [issue for issue in self.issues.values() if issue.author == self.bot]


def sha_of(text: str) -> str:
    """A commit id made from a text."""
    return hashlib.sha1(text.encode()).hexdigest()


def fake_token(kind: str) -> str:
    """A token of the shape that GITHUB_TOKEN has since 2026 (`ghs_APPID_JWT`), never issued."""

    def part(name: str, size: int) -> str:
        digest = hashlib.shake_256(f"sandbox {kind} {name}".encode()).digest(size)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    return f"ghs_15368_{part('header', 27)}.{part('claims', 200)}.{part('signature', 144)}"


def _talk(plan: GitHubPlan) -> Iterator[tuple[str, str]]:
    for n in range(plan.people_talk):
        yield ("maria-lopez", "tomas-b", "ines-k")[n % 3], _TALK[n % len(_TALK)]
    for comment in plan.comments:
        yield comment.author, comment.body
