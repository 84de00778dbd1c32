"""What a Pulumi CLI sends to Pulumi Cloud for one update, by plain HTTP and without a CLI.

`tools/judges/cli` holds the same routes against the real one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpx
from msgspec import Struct

PROJECT: Final = {"name": "shop", "runtime": "yaml"}
STACK: Final = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


class Update(Struct, frozen=True):
    """One that was started."""

    path: str
    id: str
    token: str
    version: int
    before: dict[str, Any]


class PlainCli:
    """Signed in; `made` is the stack `acme/shop/dev`."""

    def __init__(self, client: httpx.Client, stack: str = "dev") -> None:
        self.client = client
        self.project = "/api/stacks/acme/shop"
        self.stack = f"{self.project}/{stack}"
        self._name = stack

    def make(self, **more: Any) -> httpx.Response:
        return self.client.post(self.project, json={"stackName": self._name, **more})

    def begin(self, kind: str = "update", **more: Any) -> httpx.Response:
        """In one request; `dry_run`, `message`, `environment`, `config` and `tags` may be given."""
        body = {"updateKind": kind, "program": _program(more), "journalVersion": 2}
        if "tags" in more:
            body["tags"] = more["tags"]
        return self.client.post(f"{self.stack}/begin-update", json=body)

    def started(self, kind: str = "update", **more: Any) -> Update:
        found = self.begin(kind, **more).raise_for_status().json()
        path = f"{self.stack}/update/{found['updateID']}"
        return Update(
            path, found["updateID"], found["token"], found["version"], found["deployment"]
        )

    def create(self, kind: str = "update", **more: Any) -> httpx.Response:
        """The first of two requests, as for a service without `begin-update`."""
        return self.client.post(f"{self.stack}/{kind}", json=_program(more))

    def send(
        self, update: Update, method: str, tail: str, body: Any, *, token: str = ""
    ) -> httpx.Response:
        """Compressed and with the update's own token, as the CLI does."""
        return self.client.request(
            method,
            f"{update.path}/{tail}",
            content=gzip.compress(json.dumps(body).encode()),
            headers={
                "Authorization": f"update-token {token or update.token}",
                "Content-Encoding": "gzip",
                "Content-Type": "application/json",
            },
        )

    def tell(self, update: Update, events: Iterable[dict[str, Any]]) -> None:
        """Engine events, 50 a batch."""
        listed = list(events)
        for start in range(0, len(listed), 50):
            batch = {"events": listed[start : start + 50]}
            self.send(update, "POST", "events/batch", batch).raise_for_status()

    def save(self, update: Update, state: dict[str, Any], sequence: int = 1) -> httpx.Response:
        body = {"version": 3, "untypedDeployment": state, "sequenceNumber": sequence}
        return self.send(update, "PATCH", "checkpointverbatim", body)

    def save_edits(
        self, update: Update, edits: Sequence[tuple[int, int, str]], after: str, sequence: int
    ) -> httpx.Response:
        """Edits of the text that was saved before, as (start, end, new text)."""
        delta = [
            {
                "Span": {
                    "uri": "",
                    "start": {"line": 1, "column": 0, "offset": start},
                    "end": {"line": 1, "column": 0, "offset": end},
                },
                "NewText": text,
            }
            for start, end, text in edits
        ]
        body = {
            "version": 3,
            "checkpointHash": hashlib.sha256(after.encode()).hexdigest(),
            "sequenceNumber": sequence,
            "deploymentDelta": delta,
        }
        return self.send(update, "PATCH", "checkpointdelta", body)

    def complete(self, update: Update, status: str = "succeeded") -> httpx.Response:
        return self.send(update, "POST", "complete", {"status": status})


def state_with(**outputs: Any) -> dict[str, Any]:
    """A state of one resource: the stack with these outputs."""
    resource = {"urn": STACK, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": outputs}
    return {"version": 3, "deployment": {"manifest": {"magic": ""}, "resources": [resource]}}


def summary(sequence: int, **changes: int) -> dict[str, Any]:
    """The engine's last event."""
    payload = {"maybeCorrupt": False, "durationSeconds": 3, "resourceChanges": changes}
    return {"sequence": sequence, "timestamp": 1_700_000_000, "summaryEvent": payload}


def said(sequence: int, text: str) -> dict[str, Any]:
    payload = {"message": text, "color": "raw", "severity": "error", "urn": STACK}
    return {"sequence": sequence, "timestamp": 1_700_000_000, "diagnosticEvent": payload}


def _program(more: dict[str, Any]) -> dict[str, Any]:
    metadata = {"message": more.get("message", ""), "environment": more.get("environment", {})}
    options = {"dryRun": more.get("dry_run", False), "color": "raw", "parallel": 16}
    return {
        **PROJECT,
        "main": "",
        "description": "",
        "options": options,
        "config": more.get("config", {}),
        "metadata": metadata,
    }
