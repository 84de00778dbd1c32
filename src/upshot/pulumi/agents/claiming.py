"""A claim from its preview to its end: never started with something against it, and never twice.

Before the start the list of recent claims is read: one of the same agent that runs already is followed
instead of started again. After a lost answer, too, only that list is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.pulumi.agents.claims import Claim, ClaimState
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.agents.entities import Renamed, Stack
from upshot.pulumi.agents.progress import find_ours, judge
from upshot.pulumi.agents.renames import resolve_renames
from upshot.secret import Secret
from upshot.timing import Deadline

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 15.0
_MOST_LOOKS: Final = 20
"""Stacks that are looked for after one reading of the list."""
_REFUSED: Final = (ServiceAuthError, ServiceForbidden, ServiceNotFound)


class Preview(Struct, frozen=True):
    """What a claim would do, with the renames that its commit will send."""

    claim: Claim
    renames: tuple[Renamed, ...] = ()

    @property
    def state(self) -> ClaimState:
        return ClaimState.BLOCKED if self.claim.is_blocked else ClaimState.READY


class ClaimEnd(Struct, frozen=True):
    """How far a claim came while it was followed."""

    state: ClaimState
    """`blocked`, `started`, `done` or `failed`."""
    claim: Claim
    """As last seen."""
    transfer_id: str = ""
    fault: ServiceError | None = None
    """What is in the way of knowing more, when its end was not seen."""


def preview_claim(
    destination: Destination, claim_token: Secret, renames: Mapping[str, str]
) -> Preview:
    """A dry run, and a second one with the renames when there are some: both change nothing.

    `renames` as `inputs.renames.parse_renames` gives them. Raises InputError for one that fits
    nothing in the claim, ServiceError when the claim cannot be previewed.
    """
    plain = destination.preview(claim_token)
    resolution = resolve_renames(plain, renames)
    if not resolution:
        return Preview(plain)
    return Preview(destination.preview(claim_token, resolution), resolution)


def carry_out(
    destination: Destination,
    claim_token: Secret,
    preview: Preview,
    *,
    deadline: Deadline,
    is_gone: Callable[[], bool],
    on_progress: Callable[[ClaimEnd], None] = lambda _: None,
) -> ClaimEnd:
    """Starts the claim that was previewed and follows it until it is done, failed, or `deadline`.

    `is_gone`: whether the claim token no longer works (`AgentAccounts.validate` gives None).
    `on_progress` is called after each reading of the list. Raises ServiceError when nothing was
    started; a claim that may have started never raises.
    """
    if preview.claim.is_blocked:
        return ClaimEnd(ClaimState.BLOCKED, preview.claim)
    listed = destination.read_claims()
    follower = _Follower(destination, preview, deadline, is_gone, on_progress)
    running = find_ours(
        listed, agent=preview.claim.agent.organization, transfer_id="", before=frozenset()
    )
    if running and judge(running[1], had_transfer_id=False) is ClaimState.STARTED:
        return follower.follow(running[1].transfer_id or running[0], is_known=True)
    follower.before = frozenset(listed)
    try:
        started = destination.start(claim_token, preview.renames)
    except (ServiceTimeout, ServiceUnavailable, ServiceBadReply) as error:
        follower.fault = error
        return follower.follow("", is_known=False)
    if started.is_blocked:
        return ClaimEnd(ClaimState.BLOCKED, started)
    follower.latest = started
    return follower.follow(started.transfer_id, is_known=True)


def follow_claim(
    destination: Destination,
    preview: Preview,
    transfer_id: str,
    *,
    deadline: Deadline,
    is_gone: Callable[[], bool],
    on_progress: Callable[[ClaimEnd], None] = lambda _: None,
) -> ClaimEnd:
    """Follows a claim that another run started; as `carry_out`, without a start."""
    follower = _Follower(destination, preview, deadline, is_gone, on_progress)
    return follower.follow(transfer_id, is_known=True)


def read_states(destination: Destination) -> tuple[ClaimEnd, ...]:
    """Every recent claim into the organization and how far it is, as one look can say it.

    Raises ServiceError.
    """
    return tuple(
        ClaimEnd(judge(claim, had_transfer_id=False), claim, claim.transfer_id or key)
        for key, claim in destination.read_claims().items()
    )


class _Follower:
    """Reads the list of claims with back-off until ours has ended or the time is up."""

    def __init__(
        self,
        destination: Destination,
        preview: Preview,
        deadline: Deadline,
        is_gone: Callable[[], bool],
        on_progress: Callable[[ClaimEnd], None],
    ) -> None:
        self.before: frozenset[str] = frozenset()
        self.latest = preview.claim
        self.fault: ServiceError | None = None
        self._destination = destination
        self._deadline = deadline
        self._is_gone = is_gone
        self._on_progress = on_progress
        self._agent = preview.claim.agent.organization
        self._arriving = _stacks_after(preview)
        self._is_only_stacks = len(self._arriving) == len(preview.claim.entities)
        self._has_entities = bool(preview.claim.entities)
        self._had_transfer_id = False

    def follow(self, transfer_id: str, *, is_known: bool) -> ClaimEnd:
        """`is_known`: the claim has surely started; else it may have, and `fault` says why."""
        wait_s = FIRST_WAIT_S
        was_seen = False
        while True:
            try:
                listed = self._destination.read_claims()
            except _REFUSED as error:
                return self._end(ClaimState.STARTED, transfer_id, error)
            except ServiceError as error:
                listed, self.fault = {}, error
                state = ClaimState.STARTED
            else:
                found = find_ours(
                    listed, agent=self._agent, transfer_id=transfer_id, before=self.before
                )
                if found:
                    was_seen = True
                    key, self.latest = found
                    transfer_id = self.latest.transfer_id or transfer_id or key
                    state = self._judge()
                else:
                    state = self._judge_unlisted(has_started=was_seen or is_known)
                if was_seen or is_known:
                    self.fault = None
            end = self._end(state, transfer_id, self.fault)
            if state is not ClaimState.STARTED:
                return end
            self._on_progress(end)
            if wait_s >= self._deadline.remaining_s():
                return end
            self._deadline.clock.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _judge(self) -> ClaimState:
        state = judge(
            self.latest,
            had_transfer_id=self._had_transfer_id,
            had_entities=self._has_entities,
        )
        self._had_transfer_id = self._had_transfer_id or bool(self.latest.transfer_id)
        if state is not ClaimState.STARTED:
            return state
        if not self._has_entities:  # an empty list shows no progress: only the token can say it
            return self._judge_unlisted(has_started=True)
        return ClaimState.DONE if self._have_all_arrived() else state

    def _judge_unlisted(self, *, has_started: bool) -> ClaimState:
        """Not among the recent claims: done only when it had started, and the token is used up."""
        try:
            is_done = has_started and self._is_gone()
        except ServiceError as error:
            is_done, self.fault = False, self.fault or error
        return ClaimState.DONE if is_done or self._have_all_arrived() else ClaimState.STARTED

    def _have_all_arrived(self) -> bool:
        """Whether the claim moves stacks only, and the destination has every one of them.

        None of them was there before: it would have been a conflict.
        """
        if not (self._is_only_stacks and self._arriving):
            return False
        for _ in range(_MOST_LOOKS):
            if self._arriving and self._destination.has_stack(self._arriving[-1]):
                self._arriving.pop()
            else:
                break
        return not self._arriving

    def _end(self, state: ClaimState, transfer_id: str, fault: ServiceError | None) -> ClaimEnd:
        is_open = state is ClaimState.STARTED
        return ClaimEnd(state, self.latest, transfer_id, fault if is_open else None)


def _stacks_after(preview: Preview) -> list[Stack]:
    """The stacks of the claim under the names that they will have."""
    renamed = {(one.entity.kind, one.entity.key): one.rename_as for one in preview.renames}
    after = (renamed.get((entity.kind, entity.key), entity) for entity in preview.claim.entities)
    return [entity for entity in after if isinstance(entity, Stack)]
