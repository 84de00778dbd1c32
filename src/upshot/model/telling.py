"""Where a report goes: the pull request, our run, the comment, and what each publisher did."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class PullRequest(Struct, frozen=True):
    """The pull request that the report goes to."""

    number: int
    head_sha: str = ""
    is_fork: bool = False
    is_open: bool = True
    is_locked: bool = False


class Run(Struct, frozen=True):
    """Our run of the workflow, as the runner's variables tell it."""

    repository: str
    """`owner/name`."""
    server_url: str
    run_id: str
    run_attempt: str = "1"
    workflow: str = ""
    job: str = ""
    sha: str = ""
    """The commit that the report is about: a pull request's head, else the pushed commit."""
    actor: str = ""

    @property
    def url(self) -> str:
        if not (self.server_url and self.repository and self.run_id):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


class PastRun(Struct, frozen=True):
    """An earlier run whose report the comment held, as its marker tells it: ids only."""

    run: str
    """Run id."""
    attempt: int
    sha: str
    verdict: str
    """A `VerdictStatus`, as it was written then."""
    started: int
    """Seconds since the Unix epoch."""


class Section(Struct, frozen=True):
    """One stack's part of a comment that the jobs of a matrix share."""

    stack: str
    """What tells the sections of a comment apart: `org/project/stack`."""
    run: str
    attempt: int
    sha: str
    started: int
    verdict: str
    digest: str
    """Of the report, without the stamp of time and run."""
    cells: dict[str, str]
    """What a roll-up table shows of it, short: counts, risk. Ids and numbers only."""
    text: str
    """Finished Markdown; after it was read back, as it stood in the comment."""
    conversation: str = ""
    """Copilot's conversation about this stack, to be continued; an id."""
    task: str = ""
    """Neo's task about this stack; an id."""


class ReceiptStatus(StrEnum):
    POSTED = "posted"
    SKIPPED = "skipped"
    FAILED = "failed"


class Receipt(Struct, frozen=True):
    """What one publisher did."""

    publisher: str
    """`comment`, `summary`, `annotations`, `outputs`, `status`."""
    status: ReceiptStatus
    action: str = ""
    """For the comment: created, updated, unchanged, recreated, hidden, deleted, skipped, failed."""
    why: str = ""
    hint: str = ""
    anchor: str = ""
    """Heading of docs/troubleshooting.md."""
    comment_id: int | None = None
    comment_url: str = ""
