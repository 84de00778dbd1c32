"""One turn with the Copilot, of which nothing is lost and nothing is sent twice (threat T63).

The message is sent once. When its stream breaks, the answer is read from the session: the server
finishes a turn whose client has left and stores its message, a failure as one that says Sorry.
Source: Powabase v0.7.0 `routes/copilot.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import (
    ServiceBadReply,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.http.calls import Stream
from upshot.http.retry import CREATE, wait_before_retry
from upshot.http.sse import SseParser
from upshot.powabase.wire.client import SILENCE_S, PowabaseClient
from upshot.powabase.wire.events import (
    ChatEvent,
    Completed,
    ContentDelta,
    ToolCalled,
    TurnFailed,
    UnknownEvent,
    dialect_of,
    parse_event,
)
from upshot.powabase.wire.records import Message
from upshot.powabase.wire.recover import failed_turn, find_answer, is_sorry, wait_for_answer

MOST_STREAM_BYTES: Final = 64 * 1024 * 1024
MOST_TOOL_CALLS: Final = 200
"""Kept with their arguments; more are counted."""
_MOST_TEXT: Final = 1024 * 1024
_SPARED_S: Final = 20.0
"""Kept of the time for reading the answer back when the stream fell silent."""
_MOST_KINDS: Final = 50


class Turn(Struct, frozen=True, kw_only=True):
    """What came of one message. Texts, arguments and diff are hostile."""

    session_id: str
    message_id: str = ""
    answer: str = ""
    diff: Any = None
    """As sent, for `read_diff`; None for an answer without a change."""
    tool_calls: tuple[ToolCalled, ...] = ()
    """In their order, at most 200."""
    more_tool_calls: int = 0
    is_log_whole: bool = True
    """Whether the stream was read to its end; else tools may have run unseen."""
    unknown: dict[str, int] = {}
    """Kinds of events that were not understood, and how many of each."""
    fault: ServiceError | None = None
    """Why there is no answer. Tools may have run before: show `tool_calls` in any case."""


def ask_copilot(
    client: PowabaseClient,
    session_id: str,
    message: str,
    state: dict[str, Any],
    *,
    known: Collection[str],
    within_s: float,
    on_event: Callable[[ChatEvent], None] = lambda _: None,
    silence_s: float = SILENCE_S,
) -> Turn:
    """Sends the message once and gives what came of it.

    `known`: ids of the messages that the session had before; none for a new session. `on_event` gets
    each event of the stream, for the log. All of it ends within `within_s` seconds.

    Raises ServiceError when the service refused the message, or surely never got it; the session is
    then as before. Once it was accepted, whatever happens is in the Turn.
    """
    until = client.deadline.earlier(within_s)
    reader = _Reader(session_id, on_event)
    fault: ServiceError | None = None
    tries = 0
    while True:
        tries += 1
        left_s = until.remaining_s()
        try:
            with client.open_chat(
                session_id,
                message,
                state,
                within_s=left_s - min(_SPARED_S, left_s / 4),
                silence_s=silence_s,
            ) as stream:
                reader.read(stream, client)
        except ServiceUnreachable as error:
            wait_s = wait_before_retry(CREATE, error, tries_made=tries)
            if reader.is_open or wait_s is None or wait_s >= until.remaining_s():
                raise
            client.clock.sleep(wait_s)
            continue
        except ServiceError as error:
            fault = error
        break
    if reader.turn:
        return reader.turn
    if fault and not reader.is_open and not _may_be_accepted(fault):
        raise fault
    is_question = is_question_of(message, known)
    found = wait_for_answer(
        client, session_id, is_question, until=until, fault=fault, is_accepted=reader.is_open
    )
    log = reader.log()
    if isinstance(found, ServiceError):
        return replace(log, fault=found)
    return _recovered(log, found)


def is_question_of(message: str, known: Collection[str]) -> Callable[[Message], bool]:
    """Whether a message of the session is the one that was sent now; the server strips it."""
    sent = message.strip()
    return lambda one: one.role == "user" and one.id not in known and one.content.strip() == sent


def read_turn(session_id: str, messages: tuple[Message, ...], question: Message) -> Turn | None:
    """The turn of an earlier run from its session; None while it has no answer.

    Its tool calls are not stored anywhere: `is_log_whole` is False.
    """
    answer = find_answer(messages, lambda one: one.id == question.id)
    return _recovered(Turn(session_id=session_id, is_log_whole=False), answer) if answer else None


def _recovered(log: Turn, answer: Message) -> Turn:
    fault = failed_turn(answer.content) if is_sorry(answer) else None
    return replace(
        log,
        message_id=answer.id,
        answer="" if fault else answer.content,
        diff=None if fault else answer.diff,
        fault=fault,
    )


def _may_be_accepted(fault: ServiceError) -> bool:
    """A proxy's 5xx, a lost reply, a reply that is no stream: the message may be stored."""
    return isinstance(fault, ServiceTimeout | ServiceUnavailable | ServiceBadReply)


class _Reader:
    """Reads one stream as far as it goes."""

    def __init__(self, session_id: str, on_event: Callable[[ChatEvent], None]) -> None:
        self.is_open = False
        """The service answered with a stream: the message is accepted."""
        self.turn: Turn | None = None
        """Set by the event that ends the turn."""
        self._session_id = session_id
        self._on_event = on_event
        self._calls: list[ToolCalled] = []
        self._more_calls = 0
        self._text: list[str] = []
        self._text_size = 0
        self._unknown: Counter[str] = Counter()

    def read(self, stream: Stream, client: PowabaseClient) -> None:
        """Returns at the end of the turn or of the stream. Raises ServiceError."""
        kind = stream.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise ServiceBadReply(
                f"Powabase answered the chat with {kind[:60]!a} instead of an event stream",
                status=stream.status,
                anchor="powabase",
            )
        self.is_open = True
        parser = SseParser()
        size = 0
        for chunk in stream.chunks:
            size += len(chunk)
            if size > MOST_STREAM_BYTES:
                raise ServiceBadReply("the chat stream is too long", anchor="powabase")
            for frame in parser.feed(chunk):
                event = parse_event(frame.data)
                client.note_dialect(dialect_of(event))
                self._take(event)
                self._on_event(event)
                if self.turn:
                    return

    def log(self) -> Turn:
        """What was seen of a turn whose end was not."""
        return Turn(
            session_id=self._session_id,
            tool_calls=tuple(self._calls),
            more_tool_calls=self._more_calls,
            is_log_whole=False,
            unknown=dict(self._unknown),
        )

    def _take(self, event: ChatEvent) -> None:
        match event:
            case ToolCalled() if len(self._calls) < MOST_TOOL_CALLS:
                self._calls.append(event)
            case ToolCalled():
                self._more_calls += 1
            case ContentDelta() if self._text_size < _MOST_TEXT:
                self._text.append(event.delta)
                self._text_size += len(event.delta)
            case UnknownEvent() if event.name in self._unknown or len(self._unknown) < _MOST_KINDS:
                self._unknown[event.name] += 1
            case Completed():
                self.turn = replace(
                    self.log(),
                    is_log_whole=True,
                    message_id=event.message_id,
                    answer=event.content or "".join(self._text),
                    diff=event.diff,
                )
            case TurnFailed():
                fault = failed_turn(event.error)
                self.turn = replace(self.log(), is_log_whole=True, fault=fault)
