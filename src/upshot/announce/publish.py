"""The publishers `slack`, `teams` and `webhook`. One that fails is a warning and stops nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec import json
from msgspec.structs import replace

from upshot.announce.fit import fit
from upshot.announce.send import describe, send
from upshot.announce.slack import build_slack
from upshot.announce.teams import build_teams
from upshot.errors import ServiceError
from upshot.inputs.publishers.announce import AnnounceInputs, AnnounceOn
from upshot.job import Job
from upshot.model import Receipt, ReceiptStatus
from upshot.model.announcement import Announcement
from upshot.publish.interface import Publication, PullRequestContext
from upshot.secret import Secret

SIGNATURE: Final = "X-Upshot-Signature-256"
_LABELS: Final = {"comment": "Comment", "issue": "Issue"}
_CHANGED: Final = frozenset({"opened", "reopened", "closed"})


class Sink(NamedTuple):
    """One place that messages go to."""

    name: str
    """Of the publisher."""
    title: str
    address_input: str


_SLACK: Final = Sink("slack", "Slack", "slack-webhook-url")
_TEAMS: Final = Sink("teams", "Teams", "teams-webhook-url")
_WEBHOOK: Final = Sink("webhook", "The webhook", "webhook-url")


def publish_slack(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """A message by Slack's Block Kit."""
    return _announce(_SLACK, _own(job, _SLACK).slack, build_slack, publication, job)


def publish_teams(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """A message by an Adaptive Card."""
    return _announce(_TEAMS, _own(job, _TEAMS).teams, build_teams, publication, job)


def publish_webhook(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    """`result.json`, signed where there is a `webhook-secret`."""
    own = _own(job, _WEBHOOK)
    why = _why_not(publication, own.webhook, own.on, job)
    if own.webhook is None or publication.document is None or why:
        return Receipt(_WEBHOOK.name, ReceiptStatus.SKIPPED, why=why)
    payload = json.encode(publication.document(publication.receipts))
    headers = {}
    if own.webhook_secret is not None:
        headers[SIGNATURE] = sign(payload, own.webhook_secret)
    return _post(_WEBHOOK, own.webhook, payload, headers, job)


def sign(payload: bytes, secret: Secret) -> str:
    """`sha256=<hex>`: HMAC-SHA-256 of the body as it is sent, as GitHub signs its own webhooks."""
    digest = hmac.new(secret.reveal().encode(), payload, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def is_due(publication: Publication, on: AnnounceOn) -> bool:
    """Whether this report is worth a message. An answer is: a person has asked for it."""
    told = publication.announcement
    if on is AnnounceOn.ALWAYS or (told is not None and told.question):
        return True
    if on is AnnounceOn.FAILURE:
        return publication.is_well is False
    issue = next((one for one in publication.receipts if one.publisher == "issue"), None)
    if issue is not None and issue.status is ReceiptStatus.POSTED:
        return issue.action in _CHANGED
    before = publication.verdict_before
    if before:
        return before != publication.verdict.status.value
    return publication.is_well is False  # nothing here remembers the run before


def _announce(
    sink: Sink,
    address: Secret | None,
    build: Callable[[Announcement], bytes],
    publication: Publication,
    job: Job,
) -> Receipt:
    told, why = publication.announcement, _why_not(publication, address, _own(job, sink).on, job)
    if address is None or told is None or why:
        return Receipt(sink.name, ReceiptStatus.SKIPPED, why=why)
    links = (*told.links, *_more_links(publication, job))
    return _post(sink, address, fit(replace(told, links=links), build), {}, job)


def _why_not(publication: Publication, address: Secret | None, on: AnnounceOn, job: Job) -> str:
    if address is None:
        return "no address is given"
    if job.inputs.run.dry_run:
        return "'dry-run' is on"
    return "" if is_due(publication, on) else f"'announce-on' is '{on}'"


def _post(
    sink: Sink, address: Secret, payload: bytes, headers: dict[str, str], job: Job
) -> Receipt:
    try:
        send(
            describe(sink.title, sink.address_input),
            address,
            payload,
            headers=headers,
            clock=job.clock,
            deadline=job.publish_deadline,
            http=job.http,
        )
    except ServiceError as error:
        return Receipt(
            sink.name,
            ReceiptStatus.FAILED,
            "failed",
            why=error.message,
            hint=error.hint,
            anchor=error.anchor,
        )
    return Receipt(sink.name, ReceiptStatus.POSTED, "sent")


def _more_links(publication: Publication, job: Job) -> list[tuple[str, str]]:
    """To what this run has written on GitHub, at this GitHub only."""
    home = f"{job.event.run.server_url}/"
    return [
        (_LABELS[one.publisher], one.comment_url)
        for one in publication.receipts
        if one.publisher in _LABELS and one.comment_url.startswith(home)
    ]


def _own(job: Job, sink: Sink) -> AnnounceInputs:
    found = job.inputs.own.get(sink.name)
    return found if isinstance(found, AnnounceInputs) else AnnounceInputs()
