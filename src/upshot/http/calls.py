"""What is asked of a service and what comes back, as values; one way to read JSON.

Must not know HTTP clients, tokens' values or what the calls mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct, field

from upshot.http.faults import Where, build_bad_reply
from upshot.http.retry import READ, RetryPolicy
from upshot.http.service import Refusal, Service
from upshot.lenient import decoder_of

T = TypeVar("T")

READ_TIMEOUT_S: Final = 30.0
MAX_REPLY_BYTES: Final = 8 * 1024 * 1024


class Call(Struct, frozen=True, kw_only=True):
    """One request, before it is sent."""

    method: str = "GET"
    path: str
    """From the base URL on, with a leading slash; built with `address.build_path`."""
    params: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None
    """Sent as JSON unless None; `msgspec.Raw` is sent as it is, for JSON whose bytes were signed."""
    retry: RetryPolicy = READ
    read_timeout_s: float = READ_TIMEOUT_S
    within_s: float | None = None
    """The end for all tries together, waits included; None for the client's own bound. The client's
    deadline ends it in any case."""
    max_bytes: int = MAX_REPLY_BYTES
    refusals: Mapping[int, Refusal] = {}
    """What a status means for this call, over the service's own."""
    is_path_secret: bool = False
    """The path holds a right in itself: no message shows it."""
    takes_redirect: bool = False
    """A redirect is the answer: its `location` is wanted. It is not followed."""
    takes_refusals: bool = False
    """Every status is an answer, for a caller that judges refusals itself."""

    def asked_of(self, service: Service) -> Service:
        """The service as errors of this call see it."""
        if not (self.refusals or self.is_path_secret):
            return service
        return msgspec.structs.replace(
            service,
            refusals={**service.refusals, **self.refusals},
            is_path_secret=service.is_path_secret or self.is_path_secret,
        )


class Response(Struct, frozen=True):
    """A reply with a 2xx status, read whole; for a call that takes them, a redirect or a refusal."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    where: Where
    tries: int = 1
    """Requests that it took."""


class Stream(Struct, frozen=True):
    """A reply with a 2xx status whose body is still coming."""

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]
    """Raises ServiceTimeout after `read_timeout_s` of silence, ServiceConnectionLost when it breaks;
    ends when the service ends it. Never outlasts the deadline."""


def decode_json(response: Response, kind: type[T]) -> T:
    """The reply's JSON as `kind` (a Struct that knows only the fields that are used).

    Raises ServiceBadReply for what is no JSON, nested too deeply, or has a field of another type.
    """
    try:
        found: T = decoder_of(kind).decode(response.body)
    except RecursionError:
        problem = "the reply is nested too deeply"
    except msgspec.ValidationError as error:
        problem = f"the reply has another shape than expected ({str(error)[:200]})"
    except (msgspec.DecodeError, UnicodeDecodeError):
        with suppress(ValueError, RecursionError, msgspec.ValidationError):
            return msgspec.convert(decode_mended(response.body), type=kind)
        problem = _no_json(response)
    else:
        return found
    raise build_bad_reply(response.where, response.status, problem)


def decode_mended(body: bytes | str) -> Any:
    """JSON that holds half a surrogate pair, which a model may cut: the half becomes U+FFFD.

    Raises ValueError for what is no JSON.
    """
    import json  # few replies need it

    text = json.dumps(json.loads(body), ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _no_json(response: Response) -> str:
    found = response.headers.get("content-type", "").partition(";")[0]
    if found.endswith("json"):
        return "the reply is broken JSON, or was cut off"
    return f"the reply is not JSON ({found[:60]!a})" if found else "the reply is not JSON"


class SentSignal:
    """Calls back once, when the body of the first request is on the wire."""

    def __init__(self, on_sent: Callable[[], None] | None = None) -> None:
        self._on_sent = on_sent

    def fire(self) -> None:
        on_sent, self._on_sent = self._on_sent, None
        if on_sent:
            on_sent()
