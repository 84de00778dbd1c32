"""A stack's state after an update, as the service exports it.

Shape: `apitype.UntypedDeployment` with a `DeploymentV3` (shipped client, service description).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from upshot_sandbox.engine.events import STACK_TYPE, Engine
from upshot_sandbox.scenario import StepPlan

_VERSION: Final = 3
_CLI: Final = "v3.274.1"
_MAGIC: Final = hashlib.sha256(_CLI.encode()).hexdigest()
"""By it the CLI knows a state that a CLI wrote (`deploy.Manifest`)."""


def snapshot_of(engine: Engine | None, made_at: float) -> dict[str, Any]:
    """What is left after the update; an empty state for a stack that never had one.

    `made_at`: seconds since 1970.
    """
    made = datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    deployment: dict[str, Any] = {
        "manifest": {"time": made, "magic": _MAGIC, "version": _CLI},
        "metadata": {},
    }
    left = [step for step in engine.steps if _is_left(step)] if engine else []
    if engine and left:
        types = [step.type for step in left if step.type != STACK_TYPE]
        providers = dict.fromkeys(engine.provider(type_) for type_ in types)
        resources = [_resource(engine, step) for step in left]
        # Each resource stands after its parent and its provider, the stack first.
        deployment["resources"] = [resources[0], *map(_provider, providers), *resources[1:]]
    return {"version": _VERSION, "deployment": deployment}


def _is_left(step: StepPlan) -> bool:
    return step.op not in {"delete", "read"} and not (step.fails and step.op == "create")


def _provider(reference: str) -> dict[str, Any]:
    urn, _, identity = reference.rpartition("::")
    return {
        "urn": urn,
        "custom": True,
        "id": identity,
        "type": urn.split("::")[2],
        "inputs": {"version": "7.9.0"},
        "outputs": {"version": "7.9.0"},
    }


def _resource(engine: Engine, step: StepPlan) -> dict[str, Any]:
    urn, outputs = engine.urn(step.name), dict(step.inputs)
    if step.type == STACK_TYPE:
        return {"urn": urn, "custom": False, "type": step.type, "outputs": outputs}
    return {
        "urn": urn,
        "custom": True,
        "id": step.id or f"{step.name}-1a2b3c4",
        "type": step.type,
        "inputs": outputs,
        "outputs": outputs,
        "parent": engine.urn(step.parent),
        "provider": engine.provider(step.type),
        "protect": step.protect,
    }
