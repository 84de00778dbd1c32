"""Reads updates, previews and what the engine said in them from Pulumi Cloud.

Every call is a GET. Must not know which of them is wanted (`search`) or what the events mean.
Source: service description and shipped client, `/api/stacks/{org}/{project}/{stack}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upshot.address import build_path
from upshot.errors import ServiceBadReply, ServiceNotFound
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict, as_list, as_text
from upshot.model import StackRef
from upshot.pulumi.update_info import UpdateInfo, parse_update_info

if TYPE_CHECKING:
    from upshot.pulumi.events import EventLines

LATEST: Final = "latest"
_STACK: Final = "/api/stacks/{}/{}/{}"
_CONSOLE_STACK: Final = "/api/console/stacks/{}/{}/{}"
_MAX_TEXT_BYTES: Final = 32 * 1024 * 1024


class Updates:
    """The updates of one stack. Everything raises ServiceError unless it says otherwise."""

    def __init__(self, client: ServiceClient, stack: StackRef) -> None:
        self._client = client
        self.stack = stack

    def get_update(self, version: int | str = LATEST) -> UpdateInfo:
        """The update with that number, or the newest one; ServiceNotFound if there is none."""
        return _named(parse_update_info(self._get("/updates/{}", str(version))))

    def find_latest(self) -> UpdateInfo | None:
        """The newest update; None if the stack was never updated, or is not there."""
        try:
            return self.get_update()
        except ServiceNotFound:
            return None

    def get_preview(self, update_id: str) -> UpdateInfo:
        record = self._get("/previews/{}", update_id)
        return _named(parse_update_info(record, is_preview=True))

    def get_previews(self, page: int = 1, page_size: int = 20) -> tuple[UpdateInfo, ...]:
        """The previews made since the newest update, newest first; empty when there are none.

        `page` counts from 1.
        The order of the service's default is disputed, so it is always asked for.
        """
        params = (("asc", "false"), ("page", str(page)), ("pageSize", str(page_size)))
        try:
            reply = self._get("/updates/{}/previews", LATEST, params=params)
        except ServiceNotFound:
            return ()
        return _infos(reply, page_size, is_preview=True)

    def get_history(self, page: int = 1, page_size: int = 20) -> tuple[UpdateInfo, ...]:
        """The newest updates, newest first; `page` counts from 1."""
        params = (("output-type", "service"), ("page", str(page)), ("pageSize", str(page_size)))
        return _infos(self._get("/updates", params=params), page_size)

    def get_text(self, update_id: str = LATEST) -> str:
        """The update as the CLI would have printed it; empty when there is no such text."""
        path = build_path(_CONSOLE_STACK + "/updates/{}/summary", *self._names, update_id)
        try:
            response = self._client.send(Call(path=path, max_bytes=_MAX_TEXT_BYTES))
        except ServiceNotFound:
            return ""
        return as_text(as_dict(decode_json(response, object)).get("summary"))

    def read_events(self, update_id: str, *, wait_s: float = 0.0) -> EventLines:
        """The engine events, as lines for `evidence.facts_from_events`.

        `update_id`: UUID, of an update or a preview (the CLI says `update` for every kind).
        `wait_s`: how long to follow an update that still runs; 0 takes what is there.
        """
        path = build_path(_STACK + "/update/{}/events", *self._names, update_id)
        from upshot.pulumi.events import EventLines  # few runs read them

        return EventLines(self._client, path, wait_s=wait_s)

    @property
    def _names(self) -> tuple[str, str, str]:
        return (self.stack.organization, self.stack.project, self.stack.stack)

    def _get(self, tail: str, *parts: str, params: tuple[tuple[str, str], ...] = ()) -> object:
        path = build_path(_STACK + tail, *self._names, *parts)
        return decode_json(self._client.send(Call(path=path, params=params)), object)


def _named(info: UpdateInfo) -> UpdateInfo:
    """The same. Raises ServiceBadReply for JSON that is no record: nothing could be asked about it."""
    if not info.update_id and info.version is None:
        raise ServiceBadReply("Pulumi Cloud sent no record of the update")
    return info


def _infos(reply: object, page_size: int, *, is_preview: bool = False) -> tuple[UpdateInfo, ...]:
    records = as_list(as_dict(reply).get("updates"))[:page_size]
    return tuple(parse_update_info(record, is_preview=is_preview) for record in records)
