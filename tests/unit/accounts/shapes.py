"""Entities and claims for tests, as the wire has them."""

from __future__ import annotations

from typing import Any

STACK: dict[str, Any] = {
    "kind": "TransferEntityStack",
    "projectName": "shop",
    "stackName": "prod",
    "lastUpdate": "2026-11-21T10:00:00Z",
    "resourceCount": 7,
}
ENVIRONMENT: dict[str, Any] = {
    "kind": "TransferEntityEnvironment",
    "projectName": "shop",
    "environmentName": "base",
}
INSIGHTS: dict[str, Any] = {"kind": "TransferEntityInsightsAccount", "name": "aws-main"}
PACKAGE: dict[str, Any] = {
    "kind": "TransferEntityRegistryPackage",
    "source": "private",
    "publisher": "acme",
    "name": "vpc",
}
UNKNOWN: dict[str, Any] = {"kind": "TransferEntityDashboard", "slug": "costs", "size": 3}
KINDS = (STACK, ENVIRONMENT, INSIGHTS, PACKAGE)
CLAIM_TOKEN = "5f1c7a80-2f5e-4d0c-9d5a-6c1b7e0a93fd"


def claim(**changes: Any) -> dict[str, Any]:
    """An AgentClaimResponse: one stack, nothing in its way."""
    return {
        "agent": {
            "login": "agent-3f9c1d",
            "orgName": "agent-3f9c1d",
            "createdAt": "2026-11-20T09:00:00.5Z",
        },
        "entities": [STACK],
        "conflicts": [],
        "failures": [],
        "claimExpiresAt": "2026-12-20T09:00:00Z",
    } | changes


def stack(name: str, project: str = "shop", **more: Any) -> dict[str, Any]:
    return {"kind": "TransferEntityStack", "projectName": project, "stackName": name} | more
