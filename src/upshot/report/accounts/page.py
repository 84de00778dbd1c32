"""What a report about an agent account shows, as a value. All names and reasons are untrusted text.

There is no field for a token or an address that holds one, and none must be added (threat T66).
"""

from __future__ import annotations

from msgspec import Struct


class Item(Struct, frozen=True):
    """One entity of a claim."""

    noun: str
    """`stack`, `environment`, …: ours."""
    name: str
    """`project/name`, or as the entity is called; the kind as sent where it is not known."""
    note: str = ""
    """What moves: its new name, empty when it keeps its own. What collides: a free name, empty when
    it cannot be renamed. What cannot move: the service's reason."""
    resources: int | None = None
    """Of a stack, when known."""


class Progress(Struct, frozen=True):
    """One of the recent claims into an organization."""

    login: str
    state: str
    """A word of `claim-state`."""
    left: int
    """How many entities have not moved yet."""
    transfer_id: str = ""


class AccountPage(Struct, frozen=True, kw_only=True):
    """Everything but tokens. Times are RFC 3339 in UTC, empty when unknown."""

    operation: str
    """A word of `account-operation`, like the state as its enum: no redactor reads it."""
    state: str = ""
    """A word of `claim-state`; empty when nothing is known of a claim."""
    login: str = ""
    """Of the agent."""
    organization: str = ""
    """The agent's own."""
    created_at: str = ""
    destination: str = ""
    """The organization that takes the account over."""
    writes_until: str = ""
    """When the agent's access token can only read."""
    claim_until: str = ""
    moves: tuple[Item, ...] = ()
    conflicts: tuple[Item, ...] = ()
    failures: tuple[Item, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    """All of `claim-renames` as it should be: (entity, new name)."""
    word: str = ""
    """For `confirm`; empty unless the claim waits for it."""
    line: str = ""
    """The comment that approves the claim (ours); empty where none can, or does already."""
    is_word_wrong: bool = False
    """`confirm` held another word."""
    transfer_id: str = ""
    claims: tuple[Progress, ...] = ()
    secret: str = ""
    """Name of the secret that the new access token was stored in."""
    fault: str = ""
    """What went wrong; our words, with the service's inside."""
    hint: str = ""
    """Who must act about that."""
