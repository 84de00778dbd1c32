"""Following: no event lost or doubled across drops, replays and fall-backs; few requests, short waits."""

from __future__ import annotations

import random
import statistics
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from upshot.errors import ServiceNotFound
from upshot.model import TaskState, TaskStatus
from upshot.pulumi.neo.events import AssistantMessage, Event
from upshot.pulumi.neo.follow import EventReader, Seen, Tick, follow_task
from upshot.pulumi.neo.wire import NewTask
from upshot.timing import Deadline
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.neo.plan import NeoStep

if TYPE_CHECKING:
    from tests.integration.neo.conftest import SetStage, Stage

STREAM = "GET */events/stream"
SCRIPT = (
    NeoStep(do="name", text="Look"),
    NeoStep(do="say", text="ä€🎉", count=3),
    NeoStep(do="tool", tool="pulumi__pulumi_preview", after_s=2.0),
    NeoStep(do="raw", body={"type": "brand_new"}),
    NeoStep(do="token"),
    NeoStep(do="final", text="Because.", after_s=4.0),
)
EVENTS = 12
"""The prompt, and what SCRIPT makes."""


def follow(play: Stage, task_id: str = "", *, until_s: float = 600.0) -> list[Event]:
    """The events of a new task (or of this one), up to its final message, as they are given."""
    client = play.client()
    task_id = task_id or client.create(NewTask(prompt="Why?"))
    until = Deadline.after(play.clock, until_s)
    given: list[Event] = []
    with closing(follow_task(client, task_id, Seen(), until=until, jitter=lambda: 0.0)) as signals:
        for signal in signals:
            if isinstance(signal, Tick):
                continue
            given.append(signal)
            if isinstance(signal, AssistantMessage) and signal.ends_turn:
                break
    return given


def ids(play: Stage) -> list[str]:
    """What the server says happened, in order."""
    return [event.id for task in play.server.neo.tasks.values() for event in task.events]


def test_a_stream_gives_every_event_once_in_order(stage: SetStage) -> None:
    play = stage(*SCRIPT)
    given = [event.id for event in follow(play)]
    assert given == ids(play)
    assert len(given) == EVENTS


@pytest.mark.parametrize("drop_after", range(1, EVENTS))
def test_a_drop_after_each_event_loses_and_doubles_nothing(
    stage: SetStage, drop_after: int
) -> None:
    """Every connection breaks, in the middle of the event that follows so many."""
    play = stage(*SCRIPT, drop_after=drop_after)
    assert [event.id for event in follow(play)] == ids(play)


@pytest.mark.parametrize("drop_after", range(1, EVENTS))
def test_a_replay_from_the_start_doubles_nothing(stage: SetStage, drop_after: int) -> None:
    """The server does not know `Last-Event-ID` and begins anew after each of two breaks."""
    play = stage(*SCRIPT, drop_after=drop_after, drops=2, forgets_resume=True)
    assert [event.id for event in follow(play)] == ids(play)
    assert play.server.neo.broken_streams == 2


def test_a_resume_names_the_last_whole_event_and_never_an_empty_id(stage: SetStage) -> None:
    play = stage(*SCRIPT, drop_after=4)
    follow(play)
    streams = [r for r in play.server.requests if r.url.path.endswith("/stream")]
    resumed = [r.headers.get("last-event-id") for r in streams]
    assert resumed == [None, ids(play)[3], ids(play)[7]]
    assert all(r.headers["accept"] == "text/event-stream" for r in streams)
    assert all(r.headers["cache-control"] == "no-cache" for r in streams)


def test_reconnects_wait_longer_and_longer_and_a_sign_of_life_resets_that(stage: SetStage) -> None:
    failing = Fault(route=STREAM, kind=FaultKind.STATUS, status=503, nth=(2, 3, 4))
    play = stage(*SCRIPT, drop_after=6, faults=[failing])
    follow(play)
    assert play.clock.sleeps == [1.0, 2.0, 4.0, 8.0]


def test_retry_after_of_a_stream_is_honoured(stage: SetStage) -> None:
    busy = Fault(route=STREAM, kind=FaultKind.STATUS, status=429, nth=(1,),
                 headers={"Retry-After": "17"})  # fmt: skip
    play = stage(*SCRIPT, faults=[busy])
    assert [event.id for event in follow(play)] == ids(play)
    assert play.clock.sleeps == [17.0]


def test_we_leave_at_the_turns_end_though_the_server_does_not(stage: SetStage) -> None:
    play = stage(*SCRIPT)
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert play.clock.at_s < 10
    streams = [line for line in play.server.lines if line.endswith("/stream")]
    assert len(streams) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        Fault(route=STREAM, kind=FaultKind.STATUS, status=404),
        Fault(route=STREAM, kind=FaultKind.STATUS, status=405),
        Fault(route=STREAM, kind=FaultKind.STATUS, status=406),
        Fault(route=STREAM, kind=FaultKind.STATUS, status=501),
        Fault(route=STREAM, kind=FaultKind.STATUS, status=200, body="[]"),
        Fault(route=STREAM, kind=FaultKind.STATUS, status=503),
        Fault(route=STREAM, kind=FaultKind.DROP),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_where_nothing_is_streamed_we_poll(stage: SetStage, refusal: Fault) -> None:
    play = stage(*SCRIPT, faults=[refusal])
    assert [event.id for event in follow(play)] == ids(play)
    streams = [line for line in play.server.lines if line.endswith("/stream")]
    assert len(streams) <= 2


def test_a_proxy_that_holds_the_stream_back_is_noticed(stage: SetStage) -> None:
    play = stage(*SCRIPT, holds_back=True)
    assert [event.id for event in follow(play)] == ids(play)


def test_a_change_from_stream_to_poll_doubles_nothing(stage: SetStage) -> None:
    refused = Fault(route=STREAM, kind=FaultKind.STATUS, status=400, nth=(2, 3, 4, 5))
    play = stage(*SCRIPT, drop_after=5, faults=[refused])
    assert [event.id for event in follow(play)] == ids(play)


def test_rate_limit_storms_are_survived(stage: SetStage) -> None:
    storm = [
        Fault(route="GET */events*", kind=FaultKind.STATUS, status=429, nth=tuple(range(2, 12))),
        Fault(route="GET */events*", kind=FaultKind.STATUS, status=503, nth=tuple(range(13, 16))),
    ]
    play = stage(*SCRIPT, faults=storm, streams=False)
    assert [event.id for event in follow(play)] == ids(play)


def test_a_task_that_disappears_is_not_waited_for(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="a", count=9), drop_after=2)
    client = play.client()
    task_id = client.create(NewTask(prompt="Why?"))
    signals = follow_task(
        client, task_id, Seen(), until=Deadline.after(play.clock, 600), jitter=lambda: 0.0
    )
    assert isinstance(next(signals), Event)
    play.server.neo.tasks.clear()
    with pytest.raises(ServiceNotFound):
        list(signals)


def test_a_service_that_stays_away_is_given_up_after_five_minutes(stage: SetStage) -> None:
    away = Fault(route="GET */events*", kind=FaultKind.DROP, nth=tuple(range(2, 999)))
    play = stage(NeoStep(do="say", text="Half"), NeoStep(do="wait"), faults=[away], keep_alive_s=99)
    state = play.run_task(max_wait_s=3_600)
    assert state.status is TaskStatus.TIMED_OUT
    assert "closed the connection" in state.why
    assert state.text == "Half"
    assert 300 < play.clock.at_s < 500


def test_t35_one_huge_event_is_polled_for_and_cut(stage: SetStage) -> None:
    """The stream refuses what is longer than 8 MiB; the list takes more, the state keeps less."""
    play = stage(NeoStep(do="final", text="x" * 9_000_000))
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert len(state.text) == 200_000


def test_an_id_that_no_header_can_hold_is_not_sent(stage: SetStage) -> None:
    play = stage(*SCRIPT)
    client = play.client()
    task_id = client.create(NewTask(prompt="Why?"))
    for odd in ("ä\u2028", "a\r\nX-Evil: 1", ""):
        with client.open_stream(task_id, last_event_id=odd, within_s=60) as stream:
            next(iter(stream.chunks))
        assert "last-event-id" not in play.server.requests[-1].headers


def test_ten_thousand_events_over_many_pages(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="x", count=10_000), NeoStep(do="final"), streams=False)
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert state.tokens_used == 10_001_000
    pages = [line for line in play.server.lines if line.endswith("/events")]
    assert len(pages) == 21


def test_memory_does_not_grow_with_the_stream(stage: SetStage) -> None:
    """Ten times as many events, hardly more memory: only ids are kept."""
    peaks = []
    for count in (500, 5_000):
        play = stage(NeoStep(do="say", text="x" * 500, count=count), NeoStep(do="final"))
        client = play.client()
        task_id = client.create(NewTask(prompt="Why?"))
        until = Deadline.after(play.clock, 600)
        play.server.neo.find(task_id)  # the server's own memory is not what we measure
        tracemalloc.start()
        seen = Seen(limit=1_000)
        with closing(
            follow_task(client, task_id, seen, until=until, jitter=lambda: 0.0)
        ) as signals:
            for signal in signals:
                if isinstance(signal, AssistantMessage) and signal.is_final:
                    break
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2 + 500_000


def test_seen_forgets_the_oldest_only() -> None:
    seen = Seen(limit=3)
    events = [AssistantMessage(id=str(n), text="", is_final=False) for n in range(5)]
    assert all(seen.is_new(event) for event in events)
    assert [seen.is_new(event) for event in events[2:]] == [False, False, False]
    assert seen.last_id == "4"


def test_events_without_an_id_are_told_apart_by_what_they_say() -> None:
    seen = Seen()
    one, other = (AssistantMessage(text=text, is_final=False) for text in "ab")
    assert [seen.is_new(event) for event in (one, other, one)] == [True, True, False]


def test_a_list_is_read_on_from_its_last_page(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="x", count=700), NeoStep(do="final", after_s=5.0))
    client = play.client()
    task_id = client.create(NewTask(prompt="Why?"))
    reader = EventReader(client, task_id, Seen())
    assert len(list(reader.read_new())) == 701
    play.clock.sleep(6)
    before = len(play.server.requests)
    assert len(list(reader.read_new())) == 1
    assert len(play.server.requests) - before == 1


def test_a_page_token_that_ran_out_starts_the_list_again(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="x", count=700), NeoStep(do="final", after_s=5.0))
    client = play.client()
    task_id = client.create(NewTask(prompt="Why?"))
    reader = EventReader(client, task_id, Seen())
    assert len(list(reader.read_new())) == 701
    reader._token = "expired"
    play.clock.sleep(6)
    assert len(list(reader.read_new())) == 1


@pytest.mark.parametrize("wire", ["today", "documented"])
def test_a_task_of_45_seconds_costs_at_most_25_requests(stage: SetStage, wire: str) -> None:
    final = NeoStep(do="final", text="Because.", after_s=45.0)
    play = stage(final, wire=wire, streams=False, round_trip_s=0.15)
    state = play.explain()
    assert isinstance(state, TaskState)
    assert state.text == "Because."
    assert len(play.server.requests) <= 25


@pytest.mark.parametrize("wire", ["today", "documented"])
@pytest.mark.parametrize("takes_s", [0.4, 1.0, 3.0])
def test_a_short_task_is_not_waited_for_longer_than_it_takes(
    stage: SetStage, wire: str, takes_s: float
) -> None:
    final = NeoStep(do="final", text="Because.", after_s=takes_s)
    play = stage(final, wire=wire, streams=False)
    begin = play.clock.monotonic()
    state = play.explain()
    assert isinstance(state, TaskState)
    assert state.text == "Because."
    assert play.clock.monotonic() - begin <= takes_s + 2.0


@pytest.mark.parametrize("wire", ["today", "documented"])
def test_the_end_is_noticed_within_1_3_seconds_at_the_median(stage: SetStage, wire: str) -> None:
    rng = random.Random(4)
    delays = []
    for _ in range(120):
        takes_s = max(10.0, rng.lognormvariate(3.8, 0.6))
        final = NeoStep(do="final", text="Because.", after_s=takes_s)
        play = stage(final, wire=wire, streams=False, round_trip_s=0.15)
        play.explain()
        ended_s = play.server.neo.tasks["task-0001"].events[-1].at_s
        delays.append(min(s for s in _polls(play) if s >= ended_s) - ended_s)
    assert statistics.median(delays) <= 1.3
    assert max(delays) <= 2.5


def _polls(play: Stage) -> list[float]:
    """When the polls that tell the end were answered."""
    asked = "/task-0001/events" if play.server.neo.wire == "today" else "/task-0001"
    lines = zip(play.server.lines, play.server.at_s, strict=True)
    return [at_s for line, at_s in lines if line.startswith("GET") and line.endswith(asked)]
