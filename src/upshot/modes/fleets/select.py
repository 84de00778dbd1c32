"""Finds the stacks that a selection takes: the list first, then what it does not say, stack by stack.

The list is narrowed by what costs nothing (project, stack, tags, age) before any stack is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from upshot.errors import ServiceError
from upshot.fleet.selection import State, is_plain_name
from upshot.http.client import ServiceClient
from upshot.inputs.fleet import FleetInputs
from upshot.model import StackRef
from upshot.modes.fleets.pool import read_each
from upshot.pulumi.fleet import Listed, find_drift, find_failed_deployments, list_stacks
from upshot.pulumi.updates import Updates

_MOST_FAULTS: Final = 24
"""Failed reads in a row after which Pulumi Cloud is taken for being down."""
_FAILED: Final = "failed"
_BAD_NAME: Final = "its name is none that Pulumi allows"
_NOT_ASKED: Final = "Pulumi Cloud stopped answering before its turn"


class Chosen(Struct, frozen=True):
    """One stack that needs a look."""

    name: str
    why: tuple[State, ...] = ()
    """Empty where the selection asks for no state."""
    last_update: float | None = None


class Skipped(Struct, frozen=True):
    """A stack of which it is not known whether it needs a look, or that cannot be handed on."""

    stack: str
    why: str
    is_unread: bool = False
    """Pulumi Cloud did not say how it is."""


class Fleet(Struct, kw_only=True):
    """What a selection found; grows while the list is read."""

    listed: int = 0
    chosen: list[Chosen] = []
    skipped: list[Skipped] = []
    faults: list[tuple[str, ServiceError]] = []
    """What could not be read beside single stacks: (in our words, why)."""
    is_limited: bool = False
    """There are more stacks than `fleet-limit`."""


class Selector:
    """Reads with `client`; `connect` opens more connections for what is asked stack by stack."""

    def __init__(
        self,
        client: ServiceClient,
        connect: Callable[[], ServiceClient],
        inputs: FleetInputs,
        *,
        organization: str,
        now: float,
    ) -> None:
        self._client = client
        self._connect = connect
        self._inputs = inputs
        self._organization = organization
        self._now = now
        self._fleet = Fleet(chosen=[], skipped=[], faults=[])
        self._deployments: frozenset[StackRef] = frozenset()
        self._in_a_row = 0

    def run(self) -> Fleet:
        """Raises ServiceError when not even the beginning of the list could be read."""
        states = self._inputs.selection.states
        listed: Iterable[Listed] = self._list()
        if State.DEPLOYMENT_FAILED in states:
            listed = self._with_deployments(listed)
        if {State.FAILED, State.DRIFTED} & set(states):
            reads = read_each(self._until_down(listed), self._read, connect=self._connect)
            for one, result in reads:
                self._judge(one, result)
        else:
            for one in listed:
                self._take(one, self._known(one))
        return self._fleet

    def _list(self) -> Iterator[Listed]:
        """What the cheap words take, each stack once, at most `fleet-limit` that were listed."""
        selection, fleet = self._inputs.selection, self._fleet
        takes = selection.matcher()
        seen: set[StackRef] = set()
        for tag in selection.tags or (None,):
            pages = list_stacks(
                self._client, self._organization, project=selection.only_project, tag=tag
            )
            try:
                for one in pages:
                    if one.ref in seen:
                        continue
                    if fleet.listed >= self._inputs.limit:
                        fleet.is_limited = True
                        return
                    seen.add(one.ref)
                    fleet.listed += 1
                    if not takes(one.ref):
                        continue
                    if is_plain_name(one.ref) and self._is_own(one.ref):
                        yield one
                    else:
                        fleet.skipped.append(Skipped(str(one.ref), _BAD_NAME))
            except ServiceError as fault:
                if not fleet.listed:
                    raise
                fleet.faults.append(("The list of stacks was read in part", fault))
                return

    def _is_own(self, ref: StackRef) -> bool:
        return ref.organization.lower() == self._organization.lower()

    def _with_deployments(self, listed: Iterable[Listed]) -> list[Listed]:
        """The same, once the newest deployment of each is known."""
        kept = list(listed)
        refs = {one.ref for one in kept}
        try:
            self._deployments = find_failed_deployments(self._client, self._organization, refs)
        except ServiceError as fault:
            self._fleet.faults.append(("The deployments could not be read", fault))
        return kept

    def _until_down(self, listed: Iterable[Listed]) -> Iterator[Listed]:
        """Those about which something must be asked; nothing more is asked of a service that is down."""
        for one in listed:
            if one.last_update is None and State.DRIFTED not in self._inputs.selection.states:
                self._take(one, self._known(one))  # a stack that never ran has not failed
            elif self._in_a_row >= _MOST_FAULTS:
                self._skip(one, _NOT_ASKED)
            else:
                yield one

    def _read(self, client: ServiceClient, one: Listed) -> tuple[State, ...] | ServiceError:
        found: list[State] = []
        states = self._inputs.selection.states
        try:
            if State.FAILED in states and one.last_update is not None:
                latest = Updates(client, one.ref).find_latest()
                if latest is not None and latest.result == _FAILED:
                    found.append(State.FAILED)
            if State.DRIFTED in states and find_drift(client, one.ref) is not None:
                found.append(State.DRIFTED)
        except ServiceError as fault:
            return fault
        return tuple(found)

    def _judge(self, one: Listed, result: tuple[State, ...] | ServiceError) -> None:
        if isinstance(result, ServiceError):
            self._in_a_row += 1
            self._skip(one, result.message)
            return
        self._in_a_row = 0
        self._take(one, (*result, *self._known(one)))

    def _known(self, one: Listed) -> tuple[State, ...]:
        """The states that the list and the deployments say."""
        found = []
        if self._inputs.selection.is_stale(one.last_update, self._now):
            found.append(State.STALE)
        if one.ref in self._deployments:
            found.append(State.DEPLOYMENT_FAILED)
        return tuple(found)

    def _take(self, one: Listed, why: tuple[State, ...]) -> None:
        if why or not self._inputs.selection.states:
            self._fleet.chosen.append(Chosen(str(one.ref), why, one.last_update))

    def _skip(self, one: Listed, why: str) -> None:
        """A stack whose state is unknown; what is known of it may be reason enough to take it."""
        known = self._known(one)
        if known:
            self._take(one, known)
        else:
            self._fleet.skipped.append(Skipped(str(one.ref), why, is_unread=True))
