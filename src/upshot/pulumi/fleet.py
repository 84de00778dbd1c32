"""What Pulumi Cloud says of all stacks of an organization: the list, drift, deployments.

Every call is a GET. Source: generated client (`pulumi-cloud-sdk` 2026.10.26), not seen live:
`/api/user/stacks`, `…/drift/status`, `/api/orgs/{org}/deployments`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from msgspec import Struct

from upshot.address import build_path
from upshot.errors import ServiceBadReply, ServiceNotFound
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict, as_list, as_number, as_text, look
from upshot.model import StackRef

PAGE_SIZE: Final = 100
_LIST: Final = "/api/user/stacks"
_MOST_EMPTY_PAGES: Final = 5
_MOST_DEPLOYMENT_PAGES: Final = 100
_FAILED: Final = "failed"
_SUCCEEDED: Final = "succeeded"
_LONGEST_TIME: Final = 40


class Listed(Struct, frozen=True):
    """A stack as the list has it. Its name may hold anything."""

    ref: StackRef
    last_update: float | None = None
    """Seconds since the Unix epoch; None when it was never updated."""


def list_stacks(
    client: ServiceClient,
    organization: str,
    *,
    project: str = "",
    tag: tuple[str, str] | None = None,
) -> Iterator[Listed]:
    """The organization's stacks that the token sees, page by page; one request a page of 100.

    Raises ServiceError, on the first page and between pages.
    """
    name, value = tag or ("", "")
    given = (
        ("organization", organization),
        ("project", project),
        ("tagName", name),
        ("tagValue", value),
        ("maxResults", str(PAGE_SIZE)),
    )
    params = tuple((key, text) for key, text in given if text)
    token, empty = "", 0
    seen: set[str] = set()
    while True:
        more = (("continuationToken", token),) if token else ()
        reply = as_dict(decode_json(client.send(Call(path=_LIST, params=params + more)), object))
        records = as_list(reply.get("stacks"))
        yield from (_listed(as_dict(record)) for record in records)
        token, empty = as_text(reply.get("continuationToken")), 0 if records else empty + 1
        if not token:
            return
        if token in seen or empty > _MOST_EMPTY_PAGES:
            raise ServiceBadReply("Pulumi Cloud's list of stacks does not come to an end")
        seen.add(token)


class Drift(Struct, frozen=True):
    """What the newest drift run found."""

    update_id: str = ""
    """Of the refresh that found it; its engine events say what differs. Empty when not given."""
    found_at: str = ""
    """When that run was made, as the service writes it."""


def find_drift(client: ServiceClient, ref: StackRef) -> Drift | None:
    """The newest drift run's result; None without drift, and where drift is not looked for.

    Raises ServiceError.
    """
    path = build_path("/api/stacks/{}/{}/{}/drift/status", ref.organization, ref.project, ref.stack)
    try:
        reply = decode_json(client.send(Call(path=path)), object)
    except ServiceNotFound:
        return None
    if look(reply, "driftDetected") is not True:
        return None
    update_id = as_text(look(reply, "latestDriftRun", "detectUpdate", "updateId"))
    return Drift(update_id, as_text(look(reply, "latestDriftRun", "created"))[:_LONGEST_TIME])


def find_drift_since(client: ServiceClient, ref: StackRef) -> float | None:
    """When the first of the newest drift runs that all found drift was made, seconds since the epoch.

    Of the newest 100 runs; runs that did not succeed say nothing. None without such a run. Source:
    generated client, `…/drift/runs`. Raises ServiceError.
    """
    path = build_path("/api/stacks/{}/{}/{}/drift/runs", ref.organization, ref.project, ref.stack)
    params = (("page", "1"), ("pageSize", str(PAGE_SIZE)))
    try:
        reply = decode_json(client.send(Call(path=path, params=params)), object)
    except ServiceNotFound:
        return None
    found = [
        (at, look(run, "driftDetected") is True)
        for run in as_list(look(reply, "driftRuns"))
        if as_text(look(run, "status")) == _SUCCEEDED
        and (at := read_time(as_text(look(run, "created")))) is not None
    ]
    since = None
    for at, is_drifted in sorted(found, reverse=True):
        if not is_drifted:
            break
        since = at
    return since


def read_time(text: str) -> float | None:
    """Seconds since the Unix epoch of a time in RFC 3339, as the service writes it; None for others."""
    try:
        return datetime.fromisoformat(text[:_LONGEST_TIME]).timestamp()
    except (ValueError, OverflowError):
        return None


def find_failed_deployments(
    client: ServiceClient, organization: str, wanted: Collection[StackRef]
) -> frozenset[StackRef]:
    """Those of `wanted` whose newest deployment failed.

    Reads deployments, the newest first, until each wanted stack was seen, at most 10,000 of them: a
    stack without a newer deployment than those is not taken. Raises ServiceError.
    """
    path = build_path("/api/orgs/{}/deployments", organization)
    newest: dict[StackRef, tuple[str, str]] = {}
    read = 0
    for page in range(1, _MOST_DEPLOYMENT_PAGES + 1):
        params = (("page", str(page)), ("pageSize", str(PAGE_SIZE)), ("asc", "false"))
        reply = as_dict(decode_json(client.send(Call(path=path, params=params)), object))
        records = [as_dict(record) for record in as_list(reply.get("deployments"))]
        for record in records:
            names = as_text(record.get("projectName")), as_text(record.get("stackName"))
            ref = StackRef(organization, *names)
            made, status = as_text(record.get("created")), as_text(record.get("status"))
            # The order is asked for and not relied on: what is created later counts.
            if ref in wanted and (ref not in newest or made > newest[ref][0]):
                newest[ref] = made, status
        read += len(records)
        total = as_number(reply.get("total"))
        is_last = read >= total if total is not None else len(records) < PAGE_SIZE
        if not records or is_last or len(newest) == len(wanted):
            break
    return frozenset(ref for ref, (_, status) in newest.items() if status == _FAILED)


def _listed(record: dict[str, object]) -> Listed:
    names = (record.get("orgName"), record.get("projectName"), record.get("stackName"))
    return Listed(StackRef(*map(as_text, names)), as_number(record.get("lastUpdate")) or None)
