"""Mode `fleet`: which stacks of an organization need a look, as the matrix of a workflow.

GitHub's matrix starts a job a leg, each of them in mode `explain` with `stacks`; Pulumi Cloud is the
index. Nothing is kept between runs.
"""

from __future__ import annotations

from msgspec import json

from upshot.errors import ServiceError, UpshotError
from upshot.fleet.legs import Legs, share_out
from upshot.http.client import ServiceClient
from upshot.inputs.fleet import FleetInputs
from upshot.job import Job
from upshot.model import ReasonCode, StackRef
from upshot.modes.fleets.publish import Listing, publish_listing
from upshot.modes.fleets.select import Chosen, Fleet, Selector, Skipped
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.token import Access, connect_again, connect_cloud, obtain_access
from upshot.report.fleet.page import FleetPage, Row
from upshot.result.outputs import LIMIT_BYTES
from upshot.result.run_result import RunResult
from upshot.runner.warnings import format_message
from upshot.subject import build_stack_url

_GIVE_ONE = (
    "The workflow's author must act: give `pulumi-access-token`, or `requested-token-type` with the "
    "permission `id-token: write`."
)
_NO_ROOM = "there was no room for it in the matrix: raise 'fleet-legs' or select fewer stacks"
_SECRET = "its name holds a secret"  # noqa: S105 - a reason


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Raises nothing but bugs: a list that cannot be read ends with exit code 1 and a report."""
    own: FleetInputs = job.inputs.own["fleet"]
    access = obtain_access(job)
    client = connect_cloud(job, access)
    if client is None:
        none = UpshotError("there is no Pulumi access token", hint=_GIVE_ONE, anchor="pulumi-token")
        return _unread(job, lookup, own, access.fault or none)
    try:
        with client:
            fleet = _select(job, own, client, access)
    except ServiceError as unread:
        return _unread(job, lookup, own, unread)
    for words, fault in fleet.faults:
        job.warnings.degraded_by(ReasonCode.PULUMI_UNAVAILABLE, words, fault)
    if fleet.is_limited:
        job.warnings.degraded(
            None,
            f"Only the first {fleet.listed:,} stacks were read: there are more.",
            hint="The workflow's author may act: raise 'fleet-limit', or select by project or tag.",
            anchor="fleet",
        )
    _hide_secrets(job, fleet)
    legs = share_out([one.name for one in fleet.chosen], most=own.legs)
    fleet.skipped += [Skipped(name, _NO_ROOM) for name in legs.left_out]
    if fleet.skipped:
        job.warnings.degraded(
            ReasonCode.PULUMI_UNAVAILABLE if any(one.is_unread for one in fleet.skipped) else None,
            f"{len(fleet.skipped):,} stacks were left out: the output 'fleet-skipped' says why.",
            anchor="fleet",
        )
    return publish_listing(job, lookup, _listing(job, own, fleet, legs))


def _select(job: Job, own: FleetInputs, client: ServiceClient, access: Access) -> Fleet:
    organization = job.inputs.subject.organization
    job.log.info(f"Listing the stacks of {organization}: {own.words}")
    return Selector(
        client,
        lambda: connect_again(job, access),
        own,
        organization=organization,
        now=job.clock.now(),
    ).run()


def _hide_secrets(job: Job, fleet: Fleet) -> None:
    """A name that holds a secret goes to no other job; a redacted one would be another stack's."""
    names = "\n".join(one.name for one in fleet.chosen)
    if job.redactor.redact(names) == names:
        return
    kept: list[Chosen] = []
    for one in fleet.chosen:
        shown = job.redactor.redact(one.name)
        if shown == one.name:
            kept.append(one)
        else:
            fleet.skipped.append(Skipped(shown, _SECRET))
    fleet.chosen = kept


def _listing(job: Job, own: FleetInputs, fleet: Fleet, legs: Legs) -> Listing:
    left_out = set(legs.left_out)
    chosen = sorted((one for one in fleet.chosen), key=lambda one: one.name)
    rows = [one for one in chosen if one.name not in left_out]
    skipped_json, is_cut = _skipped_json(job, fleet.skipped)
    page = FleetPage(
        organization=job.inputs.subject.organization,
        selection=own.words,
        listed=fleet.listed,
        rows=tuple(_row(job, one) for one in rows),
        legs=len(legs.legs),
        skipped=tuple((one.stack, one.why) for one in fleet.skipped),
    )
    outputs = {
        "matrix": legs.matrix(),
        "fleet-count": str(legs.count),
        "fleet-legs-used": str(len(legs.legs)),
        "fleet-skipped": skipped_json,
    }
    names = "".join(f"{one.name}\n" for one in chosen)
    return Listing(
        page=page,
        outputs=outputs,
        names=names,
        is_well=_is_well(own, fleet),
        is_truncated=is_cut,
    )


def _is_well(own: FleetInputs, fleet: Fleet) -> bool | None:
    """None where no state was asked for, or where not every stack could be judged."""
    if any(one.why for one in fleet.chosen):
        return False
    is_whole = not (fleet.skipped or fleet.faults or fleet.is_limited)
    return True if own.selection.states and is_whole else None


def _unread(job: Job, lookup: PullRequestLookup, own: FleetInputs, fault: UpshotError) -> RunResult:
    """Exit code 1 and a matrix without a job: a workflow must not take silence for health."""
    message = f"The stacks could not be read: {fault.message}"
    job.log.error(format_message(message, fault.hint, fault.anchor), title="Upshot")
    page = FleetPage(
        organization=job.inputs.subject.organization,
        selection=own.words,
        fault=message,
        hint=fault.hint,
    )
    outputs = {
        "matrix": Legs().matrix(),
        "fleet-count": "",
        "fleet-legs-used": "",
        "fleet-skipped": "[]",
    }
    listing = Listing(page=page, outputs=outputs, exit_code=1, reason=ReasonCode.NOT_DONE)
    return publish_listing(job, lookup, listing)


def _row(job: Job, one: Chosen) -> Row:
    ref = StackRef(*one.name.split("/"))
    why = tuple(state.value for state in one.why)
    return Row(one.name, why, one.last_update, build_stack_url(ref, job.console))


def _skipped_json(job: Job, skipped: list[Skipped]) -> tuple[str, bool]:
    """A JSON list of `{"stack", "why"}` that fits into an output, and whether some did not."""
    parts: list[bytes] = []
    room = LIMIT_BYTES - 2
    for one in skipped:
        redact = job.redactor.redact
        part = json.encode({"stack": redact(one.stack), "why": redact(one.why)})
        room -= len(part) + 1
        if room < 0:
            break
        parts.append(part)
    return f"[{b','.join(parts).decode()}]", len(parts) < len(skipped)
