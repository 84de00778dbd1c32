"""The sticky issue: opened when something needs a person, kept current, closed when all is well."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.inputs.choices import CommentMode
from upshot.inputs.publishers.issue import IssueInputs, IssueWhen
from upshot.job import Job
from upshot.model import Receipt, ReceiptStatus, Run
from upshot.publish.comment.marker import Kind, is_newer, next_history
from upshot.publish.comment.matrix import write_sections
from upshot.publish.comment.plan import Draft, is_same, is_shared, own_text
from upshot.publish.comment.thread import Thread
from upshot.publish.comment.write_comment import compose_body
from upshot.publish.github.client import GitHub
from upshot.publish.interface import Publication, PullRequestContext
from upshot.publish.issue.find import IssueFinder
from upshot.publish.issue.place import IssuePlace, Opening

_NAME: Final = "issue"
_TITLE: Final = "Pulumi: something needs a person"
_MOST_TURNS: Final = 3
_OFF: Final = (
    "The workflow's author must act: switch issues on in the settings of the repository, or leave "
    "`issue` out."
)


def publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
    """The issue of this `comment-key`, where the report has no pull request to go to."""
    own: IssueInputs = job.inputs.own.get(_NAME) or IssueInputs()
    if own.when is IssueWhen.NEVER:
        return _skipped("'issue' is 'never'")
    if context.fault is not None:
        return _failed(context.fault)
    if context.github is None:
        return _skipped("'dry-run' is on" if job.inputs.run.dry_run else "there is no GitHub token")
    pull = context.pull_request
    if job.event.number is not None or (pull is not None and pull.is_open):
        return _skipped("the report is for a pull request")
    if publication.is_well is None and own.when is IssueWhen.ON_FAILURE:
        return _skipped("whether all is well is not known, so the issue stays as it is")
    opening = Opening(
        title=job.redactor.redact(own.title) or _title(publication.draft.marker.key),
        labels=own.labels,
        is_reopened=own.is_reopened,
        stays_open=own.when is IssueWhen.ALWAYS,
    )
    return publish_issue(
        context.github,
        publication.draft,
        opening=opening,
        is_well=publication.is_well,
        run=publication.run,
    )


def publish_issue(
    github: GitHub, draft: Draft, *, opening: Opening, is_well: bool | None, run: Run
) -> Receipt:
    """Opens, edits or closes the issue of `draft.marker.key`. Never raises GitHubError.

    `is_well`: whether nothing in the report needs a person; None where that is not known, and then an
    issue that is closed stays closed.
    """
    place = IssuePlace(github, IssueFinder(github, draft.marker.key), draft.marker, opening)
    try:
        receipt = _keep(github, place, draft, is_due=is_well is False or opening.stays_open)
        if place.actions and place.actions[-1] == "closed" and not place.is_open:
            why = _say_last_word(github, place, run, is_reopened=opening.is_reopened)
            receipt = replace(receipt, action="closed", why=why)
    except GitHubError as error:
        return _failed(error)
    return replace(receipt, publisher=_NAME)


def _keep(github: GitHub, place: IssuePlace, draft: Draft, *, is_due: bool) -> Receipt:
    for _ in range(_MOST_TURNS):
        thread = place.read()
        if thread.comments:
            place.remove(thread.comments[1:])
            return _update(github, place, draft, thread, is_due=is_due)
        if not is_due:
            return _skipped("nothing needs a person")
        body = compose_body(own_text(CommentMode.UPDATE, draft), draft.marker)
        if place.open(body, lambda: bool(place.read().comments)):
            return replace(
                _posted(place.actions[-1]), comment_id=place.number, comment_url=place.url
            )
    raise GitHubError("Other jobs kept closing the issue")


def _update(
    github: GitHub, place: IssuePlace, draft: Draft, thread: Thread, *, is_due: bool
) -> Receipt:
    """The issue is there: the text is put in, beside other jobs' reports where it has some."""
    target, marker = thread.comments[0], draft.marker
    if draft.share is not None and is_shared(CommentMode.UPDATE, draft, thread):
        have = {section.stack for section in target.sections}
        if not is_due and have.isdisjoint(section.stack for section in draft.share.sections):
            return _skipped("nothing here needs a person, and the issue is about other stacks")
        receipt = write_sections(
            github,
            draft.share.sections,
            marker=marker,
            assemble=draft.share.assemble,
            thread=thread,
            is_due=is_due,
            place=place,
        )
        return replace(receipt, action=place.actions[-1] if place.actions else receipt.action)
    if is_newer(target.marker, marker):
        return _skipped("the issue is about a newer run already")
    if is_same(target, marker) and is_due == place.is_open:
        return _posted("unchanged", thread)
    history = next_history(target.marker, marker)
    marker = replace(marker, kind=Kind.STICKY, history=history)
    body = compose_body(own_text(CommentMode.UPDATE, draft), marker)
    place.put(target.id, body, is_open=is_due)
    return _posted(place.actions[-1], thread)


def _say_last_word(github: GitHub, place: IssuePlace, run: Run, *, is_reopened: bool) -> str:
    """A comment below the issue that was closed just now; an error message, or ""."""
    where = f" ([run {run.run_id}]({run.url}))" if run.url else ""
    next_one = "it again" if is_reopened else "a new one"
    body = {"body": f"✅ All is well again{where}. The next failure opens {next_one}."}
    try:
        github.post(
            f"issues/{place.number}/comments", body, doing="say the last word", scope="issues"
        )
    except GitHubError as error:
        return error.message
    return ""


def _title(key: str) -> str:
    return _TITLE if key == "default" else f"{_TITLE} ({key})"


def _posted(action: str, thread: Thread | None = None) -> Receipt:
    found = thread.comments[0] if thread and thread.comments else None
    return Receipt(
        _NAME,
        ReceiptStatus.POSTED,
        action,
        comment_id=found.id if found else None,
        comment_url=found.url if found else "",
    )


def _skipped(why: str) -> Receipt:
    return Receipt(_NAME, ReceiptStatus.SKIPPED, why=why)


def _failed(error: GitHubError) -> Receipt:
    hint = _OFF if error.status == 410 else error.hint  # noqa: PLR2004 - issues are switched off
    return Receipt(
        _NAME, ReceiptStatus.FAILED, "failed", why=error.message, hint=hint, anchor=error.anchor
    )
