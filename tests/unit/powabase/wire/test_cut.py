"""A recorded turn whose stream is cut after each of its bytes: the same answer, one message sent."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest
from tests.unit.http.conftest import MakeClient
from tests.unit.powabase.wire.fake_copilot import (
    ANSWERED,
    ASKED,
    DIFF,
    DOCUMENTED,
    SERVER,
    SORRY,
    FakeCopilot,
    recorded,
    row,
    stream,
)

from upshot.errors import ServiceUnavailable

FAILED = [*SERVER[:4], {"event": "error", "error": SORRY}]
ENDS = [partial(httpx.RemoteProtocolError, "peer closed connection"), lambda: None]


@pytest.mark.parametrize("events", [SERVER, DOCUMENTED], ids=["server", "documented"])
@pytest.mark.parametrize("end", ENDS, ids=["torn", "ended"])
def test_a_stream_cut_after_each_byte(make_client: MakeClient, events: list[Any], end: Any) -> None:
    raw = recorded(events, ascii_only=False)
    whole = 0
    for size in range(len(raw) + 1):
        fake = FakeCopilot(make_client, stream(raw[:size], end=end()), [[ASKED], [ASKED, ANSWERED]])
        turn = fake.ask()
        assert (turn.fault, turn.message_id) == (None, "m-2"), size
        assert (turn.answer, turn.diff) == ("Done é\u2028.", DIFF), size
        assert fake.chats == fake.client.chats == 1, size
        assert [call.name for call in turn.tool_calls] in (
            [],
            ["execute_public_sql"],
            ["execute_public_sql", "modify_workflow"],
        )
        whole += turn.is_log_whole
    assert whole == 1  # only the last line feed ends the last event
    assert len(raw) > 600


def test_a_failed_turn_cut_after_each_byte_has_failed_too(make_client: MakeClient) -> None:
    raw = recorded(FAILED)
    for size in range(len(raw) + 1):
        looks = [[ASKED, row("m-2", "assistant", SORRY)]]
        turn = FakeCopilot(make_client, stream(raw[:size]), looks).ask()
        assert isinstance(turn.fault, ServiceUnavailable), size
        assert SORRY in turn.fault.message
        assert (turn.answer, turn.diff) == ("", None)
