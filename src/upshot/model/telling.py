"""Where a report goes: the pull request, our run, and what each publisher did."""

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
    """Our run of the workflow, from the runner's variables."""

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
    def attempt(self) -> int:
        """`run_attempt` as a number; 1 where it is none."""
        return int(self.run_attempt) if self.run_attempt.isdecimal() else 1

    @property
    def url(self) -> str:
        if not (self.server_url and self.repository and self.run_id):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


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
    missed: str = ""
    """An error: it was written, and what belongs to it was not done (an earlier comment still stands)."""
    hint: str = ""
    anchor: str = ""
    """Heading of docs/troubleshooting.md."""
    comment_id: int | None = None
    comment_url: str = ""
