"""A turn with Powabase's Copilot: from its last event to the posted comment, and all its requests.

The Copilot takes 1.5 s, GitHub 100 ms a request, Powabase's other routes 20 ms. Our earlier comment is
looked up, and the libraries of the report are loaded, while the Copilot answers.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any, Final

import msgspec
from bench.action import Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Exchange, Loopback, Reply, Request
from bench.start import spend
from bench.thread import Conversation

ROUNDS: Final = 11
MOST_AFTER: Final = 1
MOST_OF_TURN: Final = 3
MOST_CHATS: Final = 1
COPILOT_S: Final = 1.5
GITHUB_S: Final = 0.1
POWABASE_S: Final = 0.02
MOST_OF_FLOOR: Final = 7.0
"""Our own work after the last event against a start of Python: the same on a slow machine."""
WORKFLOW: Final = "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
BLOCKS: Final = 50
_SESSION: Final = "5f0f4c1a-0000-4000-8000-000000000001"
_MESSAGE: Final = "5f0f4c1a-0000-4000-8000-000000000002"
_TOKEN: Final = "ghs_bench0000000000000000"


def _id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _workflow() -> dict[str, Any]:
    """A line of agents between a starter and a response."""
    kinds = ["starter", *["agent"] * (BLOCKS - 2), "response"]
    blocks = [
        {
            "id": _id(number),
            "type": kind,
            "name": f"Step {number}",
            "position": {"x": number * 200, "y": 0},
            "config": {
                "system_prompt": "Answer politely.",
                "api_key": f"k3y-of-the-block-{number:03d}",
            },
            "enabled": True,
        }
        for number, kind in enumerate(kinds)
    ]
    edges = [{"source": _id(number), "target": _id(number + 1)} for number in range(BLOCKS - 1)]
    return {"id": WORKFLOW, "name": "W", "version": 3, "state": "internal", "blocks": blocks, "edges": edges}  # fmt: skip


def _stream() -> bytes:
    diff = {
        "update_blocks": [
            {"id": f"Step {number}", "config": {"system_prompt": "Name your sources."}}
            for number in range(1, 21)
        ]
    }
    call = {"name": "modify_workflow", "arguments": diff}
    answer = {"message_id": _MESSAGE, "content": "I asked 20 agents to name their sources."}
    events: list[dict[str, Any]] = [
        {"event": "status", "message": "Thinking..."},
        {"event": "tool_call", "tool_call": call},
        {"event": "status", "message": "Modifying workflow..."},
        {"event": "complete", **answer, "workflow_diff": diff},
    ]
    return b"".join(b"data: " + msgspec.json.encode(event) + b"\n\n" for event in events)


class Services:
    """Powabase and GitHub on one address."""

    def __init__(self) -> None:
        self.thread = Conversation()
        self._graph = msgspec.json.encode(_workflow())
        self._turn = _stream()

    def answer(self, request: Request) -> Reply:
        path = request.target.partition("?")[0]
        if path.endswith("/chat"):
            return Reply(self._turn, kind="text/event-stream; charset=utf-8")
        if path == "/api/copilot/sessions":
            return Reply(msgspec.json.encode({"id": _SESSION, "workflow_id": WORKFLOW}), 201)
        if path == f"/api/workflows/{WORKFLOW}":
            return Reply(self._graph)
        return self.thread.answer(request)

    @staticmethod
    def round_trip_s(line: str) -> float:
        if line.endswith("/chat"):
            return COPILOT_S
        return POWABASE_S if " /api/" in line else GITHUB_S


def measure(
    step: Step, server: Loopback, *, run_id: int, prompt: str = "Let every agent name its sources."
) -> tuple[list[Exchange], float]:
    """Every exchange of a run, and seconds from the last event to the last reply after it."""
    server.exchanges.clear()
    step.run(
        env={"GITHUB_RUN_ID": str(run_id)},
        github_token=_TOKEN,
        mode="powabase",
        powabase_url=server.url,
        powabase_key="service-role-key-0123456789",
        workflow_id=WORKFLOW,
        prompt=prompt,
        log_file="",
    )
    return list(server.exchanges), server.exchanges[-1].answered_s - _chat(
        server.exchanges
    ).answered_s


def main() -> int:
    services = Services()
    with Loopback(services.answer, round_trip_s=services.round_trip_s) as server:
        services.thread.url = server.url
        python = interpreter().python
        with Step(python, cloud_url=server.url, github_url=server.url) as step:
            services.thread.begin(100)
            measure(step, server, run_id=1_000, prompt="Something else.")
            (seed,) = services.thread.ours
            results, floors = [], []
            for number in range(ROUNDS):
                services.thread.begin(100, ours=seed)
                results.append(measure(step, server, run_id=2_000 + number))
                floors.append(spend([python, "-I", "-c", "pass"]))
    turns, seconds = zip(*results, strict=True)
    after = [sum(one.arrived_s > _chat(turn).answered_s for one in turn) for turn in turns]
    calls = [[one.line for one in turn if " /api/" in one.line] for turn in turns]
    chats = [sum(line.endswith("/chat") for line in lines) for lines in calls]
    hub = max(len(turn) - len(lines) for turn, lines in zip(turns, calls, strict=True))
    took_s, floor_s = statistics.median(seconds), statistics.median(floors)
    note = f"a change of 20 of {BLOCKS} blocks; a round trip of {GITHUB_S * 1_000:.0f} ms in it; least {min(seconds) * 1_000:.0f}"
    own_s = took_s - GITHUB_S
    own = f"the same without its round trip, {own_s * 1_000:.0f} ms; `python -I -c pass`: {floor_s * 1_000:.0f} ms"
    return hand_over(
        [
            Figure("builder.after", max(after), MOST_AFTER, "", "requests after the last event"),
            Figure("builder.time", round(took_s * 1_000), unit="ms", note=note),
            Figure("builder.of_floor", round(own_s / floor_s, 2), MOST_OF_FLOOR, "x", own),
            Figure("builder.requests", max(map(len, calls)), MOST_OF_TURN, "", f"to Powabase, {hub} to GitHub"),
            Figure("builder.chats", max(chats), MOST_CHATS, "", "messages sent to the Copilot"),
        ]
    )  # fmt: skip


def _chat(turn: list[Exchange]) -> Exchange:
    return next(one for one in turn if one.line.endswith("/chat"))


if __name__ == "__main__":
    sys.exit(main())
