"""Pulumi's own generated client, as the judge of what our sandbox answers in Pulumi Cloud's name.

`pulumi-cloud-sdk` is generated from the service's own description; only judges use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from typing import Any

from upshot_sandbox.server import Sandbox


class Client:
    """Calls the sandbox with the generated client and compares what it understood."""

    def __init__(self, sandbox: Sandbox) -> None:
        settings = import_module("pulumi_cloud_sdk.configuration").Configuration()
        settings.host = sandbox.cloud_url
        settings.access_token = sandbox.world.cloud.workflow_token
        self._client = import_module("pulumi_cloud_sdk.api_client").ApiClient(settings)
        self._encoder = import_module("pulumi_cloud_sdk._support").PulumiModelEncoder()
        self._journal = sandbox.world.journal
        self.models = import_module("pulumi_cloud_sdk.models")

    def api(self, name: str) -> Any:
        """One of the client's groups of calls, such as `StacksApi`."""
        return getattr(import_module("pulumi_cloud_sdk.apis"), name)(self._client)

    def decode(self, raw: Any, model: str) -> Any:
        """What the client understands of JSON that should be a model of this name, as JSON.

        Raises ValueError where the description demands a field that is not there.
        """
        return self._encode(self._encoder.deserialize(raw, model))

    def understood(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """The decoded answer; fails when a field of it is unknown to the service's description."""
        found = call(*arguments, **named)
        sent = self._journal.requests[-1]
        assert list(lost(sent.json_reply, self._encode(found))) == [], sent.line
        return found

    def _encode(self, found: Any) -> Any:
        return self._encoder.sanitize_for_serialization(found, unwrap_enums=True)


def is_same_time(raw: Any, understood: Any) -> bool:
    """Whether two texts are the same time, written in two ways."""
    try:
        return datetime.fromisoformat(raw) == datetime.fromisoformat(understood)
    except (TypeError, ValueError):
        return False


def lost(raw: Any, understood: Any, path: str = "") -> Iterator[str]:
    """Places of the answer that the client dropped or read as something else."""
    if isinstance(raw, dict) and isinstance(understood, dict):
        for name, value in raw.items():
            if value is not None:
                yield from lost(value, understood.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(raw, list) and isinstance(understood, list) and len(raw) == len(understood):
        for index, (ours, theirs) in enumerate(zip(raw, understood, strict=True)):
            yield from lost(ours, theirs, f"{path}[{index}]")
    elif raw != understood and not is_same_time(raw, understood):
        yield f"{path}: {raw!r} became {understood!r}"
