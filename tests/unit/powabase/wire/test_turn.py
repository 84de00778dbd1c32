"""One turn with the Copilot: nothing of it is lost, and no message is sent twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest
from tests.unit.http.conftest import FakeClock, MakeClient
from tests.unit.powabase.wire.fake_copilot import (
    ANSWERED,
    ASKED,
    DIFF,
    DOCUMENTED,
    QUESTION,
    SERVER,
    SORRY,
    FakeCopilot,
    Make,
    recorded,
    row,
    stream,
)

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import Dialect, StatusEvent, ToolCalled
from upshot.powabase.wire.records import Message
from upshot.powabase.wire.recover import find_question
from upshot.powabase.wire.turn import Turn, read_turn

HTML = httpx.Response(500, html="<!doctype html><h1>Internal Server Error</h1>")
TORN = httpx.RemoteProtocolError("peer closed connection")


@pytest.fixture
def copilot(make_client: MakeClient) -> Make:
    return partial(FakeCopilot, make_client)


def result_of(turn: Turn) -> tuple[str, str, Any]:
    assert turn.fault is None
    return turn.message_id, turn.answer, turn.diff


def dangerous(turn: Turn) -> list[ToolCalled]:
    return [call for call in turn.tool_calls if call.is_dangerous]


@pytest.mark.parametrize(
    ("events", "dialect"), [(SERVER, Dialect.SERVER), (DOCUMENTED, Dialect.DOCUMENTED)]
)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_whole_stream_in_either_dialect(
    copilot: Make, events: list[Any], dialect: Dialect, *, ascii_only: bool, size: int
) -> None:
    raw = recorded(events, ascii_only=ascii_only)
    fake = copilot(stream(*(raw[at : at + size] for at in range(0, len(raw), size))))
    turn = fake.ask()
    assert result_of(turn) == ("m-2", "Done é\u2028.", DIFF)
    assert [call.name for call in turn.tool_calls] == ["execute_public_sql", "modify_workflow"]
    assert turn.is_log_whole
    assert turn.unknown == {}
    assert fake.client.spoken is dialect
    assert (fake.chats, fake.looks, fake.client.chats) == (1, 0, 1)
    assert fake.sent == {"message": QUESTION, "workflow_state": {"nodes": [], "edges": []}}
    assert fake.events[0] == StatusEvent(message=events[0]["message"])


def test_t63_dangerous_calls_are_reported_with_what_they_did(copilot: Make) -> None:
    (call,) = dangerous(copilot(stream(recorded(SERVER))).ask())
    assert (call.name, call.arguments) == ("execute_public_sql", {"sql": "DROP TABLE x"})


def test_the_stream_is_left_when_the_turn_has_ended(copilot: Make) -> None:
    more = recorded([{"event": "complete", "message_id": "x", "content": "Other"}])
    fake = copilot(stream(recorded(SERVER), more, end=TORN))
    assert result_of(fake.ask())[0] == "m-2"


def test_an_answer_without_a_change(copilot: Make) -> None:
    event = {"event": "complete", "message_id": "m", "content": "No.", "workflow_diff": None}
    assert result_of(copilot(stream(recorded([event]))).ask()) == ("m", "No.", None)


def test_the_deltas_are_the_text_where_the_end_has_none(copilot: Make) -> None:
    events = [{"event": "chunk", "content": "Do"}, {"event": "content_delta", "delta": "ne"}]
    raw = recorded([*events, {"event": "complete", "message_id": "m"}])
    assert result_of(copilot(stream(raw)).ask()) == ("m", "Done", None)


def test_what_is_not_understood_is_counted(copilot: Make) -> None:
    odd = [{"event": "usage"}, {"event": "usage"}, "{broken", "[]", {"no": "kind"}]
    turn = copilot(stream(recorded([*odd, *SERVER]))).ask()
    assert turn.unknown == {"usage": 2, "malformed": 3}
    assert result_of(turn)[1] == "Done é\u2028."


def test_kinds_and_calls_are_bounded(copilot: Make) -> None:
    kinds = [{"event": f"kind-{n}"} for n in range(500)]
    calls = [{"event": "tool_call", "name": f"tool_{n}", "arguments": {}} for n in range(250)]
    turn = copilot(stream(recorded([*kinds, *calls, *SERVER]))).ask()
    assert len(turn.unknown) == 50
    assert (len(turn.tool_calls), turn.more_tool_calls) == (200, 52)


def test_an_error_event_ends_the_turn_with_what_ran_before(copilot: Make) -> None:
    turn = copilot(stream(recorded([*SERVER[:4], {"event": "error", "error": SORRY}]))).ask()
    assert isinstance(turn.fault, ServiceUnavailable)
    assert SORRY in turn.fault.message
    assert "Tools that ran before it have taken effect" in turn.fault.hint
    assert [call.name for call in dangerous(turn)] == ["execute_public_sql"]
    assert turn.is_log_whole
    assert (turn.answer, turn.diff) == ("", None)


@pytest.mark.parametrize("end", [None, TORN, httpx.ReadTimeout("silence")])
def test_a_broken_stream_is_read_back_from_the_messages(
    copilot: Make, end: Exception | None
) -> None:
    fake = copilot(stream(recorded(SERVER[:3]), end=end), [[ASKED, ANSWERED]])
    turn = fake.ask()
    assert result_of(turn) == ("m-2", "Done é\u2028.", DIFF)
    assert [call.name for call in turn.tool_calls] == ["execute_public_sql"]
    assert not turn.is_log_whole
    assert fake.chats == 1


def test_an_answer_that_comes_later_is_waited_for(copilot: Make, clock: FakeClock) -> None:
    fake = copilot(stream(b""), [[], [ASKED], [ASKED], [ASKED, ANSWERED]])
    assert result_of(fake.ask())[2] == DIFF
    assert (fake.chats, fake.looks) == (1, 4)
    assert clock.slept == [1.0, 1.5, 2.25]


def test_looks_may_fail_for_a_while(copilot: Make) -> None:
    looks = [httpx.Response(503, json={}), httpx.ReadError("x"), [ASKED, ANSWERED]]
    assert result_of(copilot(stream(b""), looks).ask())[0] == "m-2"


def test_a_look_that_is_refused_ends_the_waiting(copilot: Make) -> None:
    fake = copilot(
        stream(recorded(SERVER[:3])), [httpx.Response(401, json={"error": "Token has expired"})]
    )
    turn = fake.ask()
    assert isinstance(turn.fault, ServiceAuthError)
    assert len(turn.tool_calls) == 1


def test_an_answer_that_never_comes_is_reported_with_what_to_do(
    copilot: Make, clock: FakeClock
) -> None:
    fake = copilot(stream(recorded(SERVER[:3]), end=TORN), [[ASKED]])
    turn = fake.ask(within_s=60)
    assert isinstance(turn.fault, ServiceTimeout)
    assert "its answer did not come in time" in turn.fault.message
    assert turn.fault.hint.startswith("No action needed: the Copilot may still answer")
    assert "`powabase-session: continue`" in turn.fault.hint
    assert clock.at_s <= 1_060
    assert max(clock.slept) == 10.0
    assert (fake.chats, len(dangerous(turn))) == (1, 1)


@pytest.mark.parametrize(
    "text", [SORRY, "Sorry \u2014 the reply could not be saved. Please try again."]
)
def test_a_stored_sorry_is_a_failed_turn(copilot: Make, text: str) -> None:
    turn = copilot(stream(b""), [[ASKED, row("m-2", "assistant", text)]]).ask()
    assert isinstance(turn.fault, ServiceUnavailable)
    assert (turn.message_id, turn.answer, turn.diff) == ("m-2", "", None)


def test_an_answer_that_only_begins_with_sorry_is_an_answer(copilot: Make) -> None:
    turn = copilot(stream(b""), [[ASKED, row("m-2", "assistant", "Sorry, which one?")]]).ask()
    assert result_of(turn) == ("m-2", "Sorry, which one?", None)


def test_only_the_answer_to_this_message_counts(copilot: Make) -> None:
    earlier = [row("a", "user", QUESTION), row("b", "assistant", "Old.", {"remove_blocks": ["x"]})]
    later = [row("m-3", "user", "Other"), row("m-4", "assistant", "Other.")]
    fake = copilot(stream(b""), [[*earlier, ASKED], [*earlier, ASKED, ANSWERED, *later]])
    assert result_of(fake.ask(known=["a", "b"]))[0] == "m-2"
    assert fake.looks == 2


def test_an_empty_answer_is_the_same_from_the_stream_and_from_the_session(copilot: Make) -> None:
    event = {"event": "complete", "message_id": "m-2", "content": "", "workflow_diff": DIFF}
    streamed = copilot(stream(recorded([event]))).ask()
    stored = copilot(stream(b""), [[ASKED, row("m-2", "assistant", "(empty)", DIFF)]]).ask()
    assert result_of(streamed) == result_of(stored) == ("m-2", "", DIFF)


def error(status: int, text: str) -> httpx.Response:
    return httpx.Response(status, json={"error": text})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "message is required"), ServiceBadRequest),
        (error(401, "Authorization header required"), ServiceAuthError),
        (error(402, "insufficient_credits"), ServiceLimitReached),
        (error(403, "This endpoint requires the project's service role key"), ServiceForbidden),
        (error(404, "Session not found"), ServiceNotFound),
        (error(409, "a copilot turn is already in progress"), ServiceConflict),
        (httpx.Response(415, html="<h1>"), ServiceBadRequest),
        (error(429, "Rate limit exceeded."), ServiceRateLimited),
    ],
)
def test_a_refused_message_is_not_looked_for(
    copilot: Make, reply: Any, kind: type[ServiceError]
) -> None:
    fake = copilot(reply)
    with pytest.raises(kind) as refusal:
        fake.ask()
    assert type(refusal.value) is kind
    assert (fake.chats, fake.looks) == (1, 0)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HTML, ServiceUnavailable),
        (error(503, "billing service unreachable; cannot verify balance"), ServiceUnavailable),
        (stream(b"{}", content_type="application/json"), ServiceBadReply),
        (httpx.Response(302, headers={"location": "https://x.example"}), ServiceBadReply),
    ],
)
def test_a_failure_gets_one_look_before_it_is_reported(
    copilot: Make, reply: Any, kind: type[ServiceError]
) -> None:
    fake = copilot(reply, [[]])
    with pytest.raises(kind):
        fake.ask()
    assert (fake.chats, fake.looks) == (1, 1)


@pytest.mark.parametrize("reply", [HTML, httpx.Response(504), httpx.ReadTimeout("slow"), TORN])
def test_a_failure_behind_which_the_message_was_accepted_is_none(copilot: Make, reply: Any) -> None:
    fake = copilot(reply, [[ASKED], [ASKED, ANSWERED]])
    assert result_of(fake.ask())[0] == "m-2"
    assert fake.chats == 1


def test_a_lost_reply_gets_time_to_show_up(copilot: Make, clock: FakeClock) -> None:
    fake = copilot(httpx.ReadTimeout("slow"), [[], [], [ASKED], [ASKED, ANSWERED]])
    assert result_of(fake.ask())[0] == "m-2"
    fake = copilot(httpx.ReadTimeout("slow"), [[]])
    clock.slept.clear()
    with pytest.raises(ServiceTimeout, match="did not answer in time"):
        fake.ask()
    assert sum(clock.slept) >= 15.0
    assert fake.chats == 1


def test_a_session_that_cannot_be_read_leaves_the_first_failure(copilot: Make) -> None:
    fake = copilot(HTML, [error(404, "Session not found")])
    with pytest.raises(ServiceUnavailable):
        fake.ask()


def test_a_connection_that_never_stood_is_tried_again(copilot: Make, clock: FakeClock) -> None:
    fake = copilot([httpx.ConnectError("no route"), stream(recorded(SERVER))])
    assert result_of(fake.ask())[0] == "m-2"
    assert clock.slept == [1.0]
    fake = copilot(httpx.ConnectError("no route"))
    with pytest.raises(ServiceUnreachable):
        fake.ask()
    assert fake.chats == 4


def test_a_turn_ends_in_its_time(copilot: Make, clock: FakeClock) -> None:
    fake = copilot(httpx.ConnectError("no route"))
    with pytest.raises(ServiceUnreachable):
        fake.ask(within_s=2.5)
    assert clock.at_s <= 1_002.5


def test_too_long_a_stream_is_left_and_read_back(copilot: Make) -> None:
    flood = recorded([{"event": "status", "message": "x" * 1_000_000}])
    fake = copilot(stream(*[flood] * 70), [[ASKED, ANSWERED]])
    assert result_of(fake.ask())[0] == "m-2"


def test_an_endless_event_is_left_and_read_back(copilot: Make) -> None:
    fake = copilot(stream(b"data: ", *[b"x" * 1_000_000] * 9), [[ASKED, ANSWERED]])
    assert result_of(fake.ask())[0] == "m-2"


def test_a_later_run_goes_on_with_the_newest_question() -> None:
    messages = (
        Message(id="1", role="user", content="One"),
        Message(id="2", role="assistant", content="Done.", diff=DIFF),
        Message(id="3", role="user", content="Two"),
    )
    question = find_question(messages)
    assert question is not None
    assert question.id == "3"
    assert read_turn("s", messages, question) is None
    turn = read_turn("s", messages, messages[0])
    assert turn is not None
    assert result_of(turn) == ("2", "Done.", DIFF)
    assert not turn.is_log_whole
    assert find_question(()) is None


def test_the_client_counts_what_a_turn_costs(copilot: Make) -> None:
    fake = copilot(stream(b""), [[ASKED], [ASKED, ANSWERED]])
    fake.ask()
    client: PowabaseClient = fake.client
    assert (client.requests, client.chats) == (3, 1)
