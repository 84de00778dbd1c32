"""Pulumi Deployments: one deployment, what it updated, and its log.

Every call is a GET. Source: generated client (`pulumi-cloud-sdk` 2026.10.26), not seen live:
`…/deployments/version/{n}`, `…/deployments/{id}/updates`, `…/deployments/{id}/logs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from upshot.address import build_path
from upshot.errors import ServiceBadReply
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict, as_int, as_list, as_text
from upshot.model import StackRef
from upshot.pulumi.update_info import UpdateInfo, parse_update_info

FAILED: Final = "failed"
_STACK: Final = "/api/stacks/{}/{}/{}"
_MOST_LOG_BYTES: Final = 32 * 1024 * 1024
_MOST_PAGES: Final = 5_000
_LONGEST_NAME: Final = 200


class Deployment(Struct, frozen=True):
    """What is used of the record; texts are untrusted."""

    id: str
    version: int
    status: str = ""
    """`not-started`, `accepted`, `running`, `failed`, `succeeded`, `skipped`, as the service says it."""
    operation: str = ""
    """`update`, `preview`, `destroy`, `refresh`, `detect-drift`, `remediate-drift`."""
    failed_step: str = ""
    """Name of the first step that failed; empty when none did or it has no name."""


class Deployments:
    """The deployments of one stack. Everything raises ServiceError."""

    def __init__(self, client: ServiceClient, stack: StackRef) -> None:
        self._client = client
        self.stack = stack

    def get(self, version: int) -> Deployment:
        """The deployment with that number; ServiceNotFound if there is none."""
        record = as_dict(self._get("/deployments/version/{}", str(version)))
        identity = as_text(record.get("id"))
        if not identity:
            raise ServiceBadReply("Pulumi Cloud sent no record of the deployment")
        return Deployment(
            id=identity,
            version=as_int(record.get("version")) or version,
            status=as_text(record.get("status")),
            operation=as_text(record.get("pulumiOperation")),
            failed_step=_find_failed_step(record),
        )

    def get_updates(self, identity: str) -> tuple[UpdateInfo, ...]:
        """What it ran, in no order; empty when it failed before Pulumi ran."""
        reply = self._get("/deployments/{}/updates", identity)
        records = as_list(reply) or as_list(as_dict(reply).get("updates"))
        return tuple(parse_update_info(record) for record in records)

    def read_log(self, identity: str) -> Iterator[bytes]:
        """Its log, a line each with a line feed, at most 32 MiB."""
        path = build_path(_STACK + "/deployments/{}/logs", *self._names, identity)
        token, left = "", _MOST_LOG_BYTES
        for _ in range(_MOST_PAGES):
            params = (("continuationToken", token),) if token else ()
            reply = as_dict(decode_json(self._client.send(Call(path=path, params=params)), object))
            for record in map(as_dict, as_list(reply.get("lines"))):
                text = as_text(record.get("line")) or as_text(record.get("header"))
                line = text.rstrip("\n").encode("utf-8", "replace") + b"\n"
                left -= len(line)
                if left < 0:
                    return
                yield line
            following = as_text(reply.get("nextToken"))
            if not following or following == token:
                return
            token = following

    @property
    def _names(self) -> tuple[str, str, str]:
        return (self.stack.organization, self.stack.project, self.stack.stack)

    def _get(self, tail: str, *parts: str) -> object:
        path = build_path(_STACK + tail, *self._names, *parts)
        return decode_json(self._client.send(Call(path=path)), object)


def _find_failed_step(record: dict[str, object]) -> str:
    for job in map(as_dict, as_list(record.get("jobs"))):
        for step in map(as_dict, as_list(job.get("steps"))):
            if as_text(step.get("status")) == FAILED:
                return as_text(step.get("name"))[:_LONGEST_NAME]
    return ""
