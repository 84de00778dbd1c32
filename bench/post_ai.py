"""From the AI's answer to the posted comment: one request, and nothing but its round trip.

The AI takes 600 ms, GitHub 100 ms a request. Our earlier comment is looked up, and the libraries
of the report are loaded, while the AI is thinking.
"""

from __future__ import annotations

import statistics
import sys
from typing import Final

from bench.action import LOG, Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Exchange, Loopback, Reply, Request
from bench.thread import Conversation

ROUNDS: Final = 11
MOST_REQUESTS: Final = 1
AI_S: Final = 0.6
GITHUB_S: Final = 0.1
MOST_S: Final = 1.2 * GITHUB_S + 0.010
_TOKEN: Final = "pul-" + "0" * 40
_ANSWER: Final = b"""{"conversationId": "c", "messages": [{"role": "assistant", "kind": "response",
"content": "**The bucket name is taken.** Leave `bucket` out, and Pulumi adds a suffix:\\n\\n```ts
new aws.s3.Bucket(\\"receipts\\");\\n```\\n\\n1. Change the program.\\n2. Run `pulumi up`."}]}""".replace(
    b"\n", b" "
)


class Services:
    """Pulumi Cloud with Copilot, and GitHub, on one address."""

    def __init__(self) -> None:
        self.thread = Conversation()

    def answer(self, request: Request) -> Reply:
        if "/api/ai/" in request.target:
            return Reply(_ANSWER)
        if request.target.startswith("/api/"):
            return Reply(b'{"code": 404, "message": "not found"}', 404)
        return self.thread.answer(request)

    @staticmethod
    def round_trip_s(line: str) -> float:
        if "/api/ai/" in line:
            return AI_S
        return 0.0 if " /api/" in line else GITHUB_S


def measure(step: Step, server: Loopback, *, run_id: int) -> tuple[int, float]:
    """Requests that end after the AI's answer, and seconds from it to the last one's reply."""
    server.exchanges.clear()
    step.run(
        env={"GITHUB_RUN_ID": str(run_id)},
        github_token="ghs_bench0000000000000000",
        pulumi_access_token=_TOKEN,
        outcome="failure",
    )
    asked = [n for n, exchange in enumerate(server.exchanges) if "/api/ai/" in exchange.line]
    answer = server.exchanges[asked[-1]]
    later: list[Exchange] = [
        exchange for exchange in server.exchanges if exchange.arrived_s > answer.answered_s
    ]
    return len(later), later[-1].answered_s - answer.answered_s


def main() -> int:
    services = Services()
    with Loopback(services.answer, round_trip_s=services.round_trip_s) as server:
        services.thread.url = server.url
        with Step(interpreter().python, cloud_url=server.url, github_url=server.url) as step:
            services.thread.begin(100)
            step.run(github_token="ghs_bench0000000000000000", backend="local", outcome="failure")
            seed = services.thread.ours[0]
            step.write_log(LOG.replace("name is taken", "name is not available"))
            results = []
            for number in range(ROUNDS):
                services.thread.begin(100, ours=seed)
                results.append(measure(step, server, run_id=2_000 + number))
    requests, seconds = zip(*results, strict=True)
    took_s = statistics.median(seconds)
    note = f"limit: 1.2 round trips of {GITHUB_S * 1_000:.0f} ms and 10 ms; least {min(seconds) * 1_000:.0f}"
    figures = [
        Figure("post_ai.requests", max(requests), MOST_REQUESTS),
        Figure("post_ai.time", round(took_s * 1_000), round(MOST_S * 1_000), "ms", note),
    ]
    return hand_over(figures)


if __name__ == "__main__":
    sys.exit(main())
