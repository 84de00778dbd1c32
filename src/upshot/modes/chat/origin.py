"""The comment that gives a command, on GitHub: who wrote it, how it stands now, reactions to it."""

from __future__ import annotations

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.event import Comment
from upshot.job import Job
from upshot.publish.github.approvals.people import has_role
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import connect
from upshot.publish.github.faults import is_read_only
from upshot.publish.github.reactions import Place, Reaction, react, read_now

_REACTIONS = {"issue_comment": "issues", "pull_request_review_comment": "pull-requests"}


class Origin(Struct):
    """Where a command came from, and where the first reaction to it goes."""

    job: Job
    comment: Comment
    place: Place
    github: GitHub

    @classmethod
    def open(cls, job: Job, comment: Comment, number: int) -> Origin:
        """Makes no request. Raises GitHubError where there is no token."""
        token = job.inputs.publish.github_token
        if token is None:
            raise GitHubError(
                "There is no GitHub token, so the comment's author cannot be checked",
                hint="The workflow's author must act: leave 'github-token' out to use the job's own.",
                anchor="github-token",
            )
        github = connect(
            token,
            job.event.addresses,
            repository=job.event.repository,
            deadline=job.publish_deadline,
            jitter=job.jitter,
        )
        place = Place(job.event.name, number, comment.id or 0, comment.node_id)
        return cls(job, comment, place, github)

    def why_not_allowed(self, role: str) -> str:
        """Why the author may not give commands; empty where they may. Raises GitHubError.

        Bots and apps may not, whatever their access: two of them could talk to each other for ever.
        """
        comment = self.comment
        if comment.author_type != "User" or comment.author.endswith("[bot]"):
            return "the comment is by a bot"
        if comment.is_by_app:
            return "the comment was written through an app"
        if has_role(self.github, comment.author, role, account_id=comment.author_id):
            return ""
        return f"the author of the comment has no {role} access to this repository"

    def why_not_as_delivered(self) -> str:
        """Why the comment is not what the event says; empty where it is. Raises GitHubError."""
        now = read_now(self.github, self.place)
        if now is None:
            return "the comment was deleted"
        is_other = now.author_id != self.comment.author_id or now.is_by_app
        if is_other:
            return "the comment is by another account than the event says"
        if now.is_edited or self.comment.created_at != self.comment.updated_at:
            return "the comment was edited; only a new one is a command"
        if _lines(now.body) != _lines(self.comment.body):
            return "the comment has another text than the event says"
        return ""

    def react(self, reaction: Reaction) -> None:
        """A reaction that cannot be given is a warning. Nothing is written with `dry-run`."""
        job = self.job
        if job.inputs.run.dry_run:
            job.log.info(f"Reaction {reaction}: not given, `dry-run` is on")
            return
        try:
            react(self.github, self.place, reaction)
        except GitHubError as error:
            hint = error.hint
            if is_read_only(error):
                scope = _REACTIONS.get(self.place.event, "pull-requests")
                hint = f"The workflow's author may act: give the job `permissions: {scope}: write`."
            job.warnings.remark(
                f"No reaction to the comment: {error.message}", hint=hint, anchor=error.anchor
            )


def _lines(body: str) -> list[str]:
    """GitHub gives line ends in either form."""
    return body.replace("\r\n", "\n").rstrip().split("\n")
