"""What a scenario says of the update protocol: the table `[protocol]`."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

DELTA: Final = "delta-checkpoint-uploads-v2"
_VERSIONS: Final = {
    "batch-encrypt": 1,
    "begin-update": 1,
    DELTA: 2,
    "stack-outputs": 1,
    "stack-policy-packs": 1,
}
"""Source: `apitype.CapabilitiesResponse.Parse` of the shipped client 3.274.1."""


class ProtocolPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How Pulumi Cloud takes updates."""

    capabilities: tuple[str, ...] = tuple(_VERSIONS)
    """What the CLI is told that it may use; without any it does as for an old service."""
    delta_from_bytes: int = 16_384
    """From this size on a checkpoint comes as its difference from the one before."""
    lease_s: int = 300
    """How long the token of a running update lasts unless it is renewed."""

    def __post_init__(self) -> None:
        if unknown := set(self.capabilities) - set(_VERSIONS):
            raise ValueError(f"protocol.capabilities: {sorted(unknown)} not in {sorted(_VERSIONS)}")

    def offered(self) -> list[dict[str, Any]]:
        """`apitype.APICapabilityConfig`, one each."""
        found: list[dict[str, Any]] = []
        for name in self.capabilities:
            one: dict[str, Any] = {"capability": name, "version": _VERSIONS[name]}
            if name == DELTA:
                one["configuration"] = {"checkpointCutoffSizeBytes": self.delta_from_bytes}
            found.append(one)
        return found
