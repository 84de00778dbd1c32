"""The sticky comment on a conversation of 0 to 5,000 comments: requests, and time.

Requests are counted at the server for our comment being the first, the last, none, and unchanged.
The time is that of the whole upsert, from the first request to the last reply, with round trips of
50 ms; compared with an action that reads page by page, 100 comments a page.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import Final, NamedTuple

from bench.action import LOG, Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Exchange, Loopback
from bench.peer import bundle, without_node_options
from bench.thread import Conversation

LENGTHS: Final = (0, 100, 1_000, 5_000)
MOST_REQUESTS: Final = 2
MOST_UNCHANGED: Final = 1
MOST_OF_PEER: Final = 0.10
MOST_OF_PEER_SHORT: Final = 2.0
"""At 100 comments, where the peer needs two requests as well and renders no report between."""
ROUNDS: Final = 5
_ROUND_TRIP_S: Final = 0.05
_PAGE: Final = 100
_OTHER_LOG: Final = LOG.replace("BucketAlreadyExists: The name is taken", "AccessDenied: no")


class Run(NamedTuple):
    exchanges: list[Exchange]

    @property
    def requests(self) -> int:
        return len(self.exchanges)

    @property
    def seconds(self) -> float:
        """From the first request's arrival to the last reply, the round trips included."""
        return self.exchanges[-1].answered_s - self.exchanges[0].arrived_s


class Bench:
    """One conversation, and the two actions that write to it."""

    def __init__(self, python: str, server: Loopback, thread: Conversation) -> None:
        self.thread = thread
        self._server = server
        self._step = Step(python, cloud_url=server.url, github_url=server.url)
        self._run_id = 1_000

    def close(self) -> None:
        self._step.__exit__()

    def ours(self, log: str) -> Run:
        """Runs Upshot on this console log; each report is of a run of its own."""
        self._run_id += 1
        self._step.write_log(log)
        self._server.exchanges.clear()
        self._step.run(
            env={"GITHUB_RUN_ID": str(self._run_id)},
            github_token="ghs_bench0000000000000000",
            backend="local",
            outcome="failure",
        )
        return Run(list(self._server.exchanges))

    def peer(self, command: list[str]) -> Run:
        """Runs the action that reads page by page."""
        self._server.exchanges.clear()
        folder = self._step.folder
        env = {
            "INPUT_GITHUB-TOKEN": "ghs_bench",
            "INPUT_MESSAGE": "The update failed.",
            "GITHUB_API_URL": self._server.url,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
        }
        subprocess.run(command, check=True, env=without_node_options() | env, capture_output=True)
        return Run(list(self._server.exchanges))


def counts(bench: Bench, seed: str) -> list[Figure]:
    """Requests by length of the conversation and place of our comment; what was counted is checked."""
    figures = []
    for length in LENGTHS:
        most: dict[str, int] = {}
        for place in ("none", "first", "last"):
            if place != "none" and not length:
                continue
            bench.thread.begin(length, ours="" if place == "none" else seed, first=place == "first")
            most[place] = bench.ours(LOG).requests
            assert len(bench.thread.ours) == 1, f"{length}, {place}: a second comment"
            most["unchanged"] = max(most.get("unchanged", 0), bench.ours(LOG).requests)
        for place, requests in most.items():
            limit = MOST_UNCHANGED if place == "unchanged" else MOST_REQUESTS
            if place == "none":
                limit = most_to_create(length)
            figures.append(Figure(f"upsert.requests.{length}.{place}", requests, limit))
    return figures


def most_to_create(length: int) -> int:
    """A create is exact: it reads what no window shows, once, and looks afterwards whether another
    job created one at the same time.
    """
    unseen_pages = max(0, length // _PAGE - 2)
    return MOST_REQUESTS + unseen_pages + (2 if length >= _PAGE else 1)


def times(bench: Bench, seed: str, peer: list[str] | None) -> list[Figure]:
    figures = []
    for length, limit in ((100, MOST_OF_PEER_SHORT), (5_000, MOST_OF_PEER)):
        ratios, ours_s, theirs_s = [], [], []
        for _ in range(ROUNDS):
            bench.thread.begin(length, ours=seed)
            ours_s.append(bench.ours(LOG).seconds)
            if peer:
                bench.thread.begin(length, ours="<!-- page by page -->")
                theirs_s.append(bench.peer(peer).seconds)
                ratios.append(ours_s[-1] / theirs_s[-1])
        note = f"{statistics.median(ours_s) * 1_000:.0f} ms at round trips of 50 ms"
        if peer:
            note += f"; page by page: {statistics.median(theirs_s) * 1_000:.0f} ms"
            value = round(statistics.median(ratios), 3)
            figures.append(Figure(f"upsert.of_page_by_page.{length}", value, limit, "x", note))
        else:
            value = round(statistics.median(ours_s) * 1_000)
            figures.append(Figure(f"upsert.time.{length}", value, unit="ms", note=note))
    return figures


def main() -> int:
    thread = Conversation()
    with Loopback(thread.answer, round_trip_s=lambda _: _ROUND_TRIP_S) as server:
        thread.url = server.url
        bench = Bench(interpreter().python, server, thread)
        try:
            thread.begin(0)
            bench.ours(_OTHER_LOG)
            seed = thread.ours[0]
            figures = [*counts(bench, seed), *times(bench, seed, bundle())]
        finally:
            bench.close()
    return hand_over(figures)


if __name__ == "__main__":
    sys.exit(main())
