"""The engine events of one update, page by page, each as one line of JSON.

An update that still runs never ends its pages: a token that is not null means "more may come".
Must not know what the events mean.
Source: service description (`/update/{updateID}/events`), shipped client.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from upshot.errors import ServiceError, ServiceNotFound
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.http.service import Refusal

POLL_S: Final = 2.0
"""Between two looks at an update that runs."""
MAX_PAGE_BYTES: Final = 64 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 1024 * 1024 * 1024
MAX_PAGES: Final = 20_000


_NO_EVENTS: Final = Refusal(
    ServiceNotFound,
    "Pulumi Cloud has no events of this update",
    "The workflow's author may give `events-file` or `log-file`: then nothing is missing. Pulumi "
    "Cloud has no events of an update that never began, or whose events the token may not read.",
)


class EventLines:
    """Iterate once: one event in JSON a line, its newline included. Never raises a ServiceError.

    Only one page is in memory at a time. Afterwards `error`, `is_running` and `is_incomplete` say
    how it ended; what was read before a page failed stays read.
    """

    def __init__(self, client: ServiceClient, path: str, *, wait_s: float) -> None:
        self._client = client
        self._path = path
        self._until = client.deadline.earlier(wait_s)
        self.error: ServiceError | None = None
        """What kept us from reading the next page."""
        self.is_running = False
        """The update had not ended when the last page was read."""
        self.pages = 0

    @property
    def is_incomplete(self) -> bool:
        """More events exist, or may come."""
        return self.is_running or self.error is not None

    def __iter__(self) -> Iterator[bytes]:
        token = ""
        total = seen = 0
        while True:
            try:
                page, body_hash = self._get_page(token)
            except ServiceError as error:
                self.error = error
                return
            # The same page again holds nothing new.
            events = () if self.pages > 1 and body_hash == seen else page.events or ()
            seen = body_hash
            for event in events:
                line = bytes(event).replace(b"\n", b" ").replace(b"\r", b" ")
                total += len(line)
                yield line + b"\n"
            next_token = page.continuationToken if isinstance(page.continuationToken, str) else ""
            self.is_running = bool(next_token)
            if not next_token or self.pages >= MAX_PAGES or total > MAX_TOTAL_BYTES:
                return
            if next_token == token or not events:
                # We have caught up with an update that runs.
                if self._until.remaining_s() <= POLL_S:
                    return
                self._client.clock.sleep(POLL_S)
            token = next_token

    def _get_page(self, token: str) -> tuple[_Page, int]:
        params = (("continuationToken", token),) if token else ()
        call = Call(
            path=self._path, params=params, max_bytes=MAX_PAGE_BYTES, refusals={404: _NO_EVENTS}
        )
        response = self._client.send(call)
        page = decode_json(response, _Page)
        self.pages += 1
        return page, hash(response.body)


class _Page(Struct):
    events: list[msgspec.Raw] | None = None
    continuationToken: Any = None  # noqa: N815 - the wire's name
