"""Since when a stack has drifted, by the drift runs that Pulumi Cloud keeps."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from upshot.http.client import ServiceClient
from upshot.model import StackRef
from upshot.pulumi.fleet import find_drift_since, read_time
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

REF = StackRef("acme", "shop", "prod")


def run(day: int, *, drifted: bool, status: str = "succeeded") -> dict[str, Any]:
    return {
        "created": f"2026-11-{day:02}T03:00:00Z",
        "driftDetected": drifted,
        "status": status,
    }


def since(*runs: dict[str, Any], status: int = 200) -> float | None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.raw_path, "ascii"))
        return httpx.Response(status, json={"driftRuns": list(runs), "total": len(runs)})

    clock = SystemClock()
    client = ServiceClient(
        "https://api.pulumi.com",
        Secret("pul-0"),
        service=pulumi_cloud(""),
        clock=clock,
        deadline=Deadline.after(clock, 60.0),
        http=httpx.MockTransport(answer),
    )
    with client:
        found = find_drift_since(client, REF)
    assert asked == ["/api/stacks/acme/shop/prod/drift/runs?page=1&pageSize=100"]
    return found


def at(day: int) -> float:
    found = read_time(f"2026-11-{day:02}T03:00:00Z")
    assert found is not None
    return found


def test_it_is_the_first_of_the_newest_runs_that_all_found_it() -> None:
    runs = [run(20, drifted=True), run(21, drifted=False), run(22, drifted=True)]
    assert since(*runs, run(23, drifted=True), run(24, drifted=True)) == at(22)
    assert since(*reversed(runs)) == at(22), "the order is asked for and not relied on"


def test_a_run_that_failed_says_nothing() -> None:
    assert since(run(22, drifted=True), run(23, drifted=False, status="failed")) == at(22)


def test_where_no_run_is_known_nothing_is_said() -> None:
    assert since() is None
    assert since(run(23, drifted=False)) is None
    assert since(status=404) is None


@pytest.mark.parametrize("text", ["", "yesterday", "9" * 60, "2026-13-01T00:00:00Z"])
def test_a_time_that_is_none_is_left_out(text: str) -> None:
    assert read_time(text) is None
