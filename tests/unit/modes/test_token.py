"""The client for Pulumi Cloud, as a run connects it."""

from __future__ import annotations

import httpx
from tests.stage import Stage

from upshot.http.calls import Call
from upshot.modes.shared.token import Access, connect_cloud
from upshot.secret import Secret

TOKEN = Secret("pul-0123456789abcdef")


def test_without_a_token_there_is_no_client(stage: Stage) -> None:
    assert connect_cloud(stage.job(), Access()) is None


def test_t1_t9_a_warning_of_pulumi_cloud_is_logged_once_as_untrusted_text(stage: Stage) -> None:
    warning = {"x-pulumi-warning": "::error::old CLI, and pul-0123456789abcdef leaked"}
    job = stage.job(lambda _: httpx.Response(200, json={}, headers=warning))
    job.redactor.add(TOKEN)
    cloud = connect_cloud(job, Access(TOKEN))
    assert cloud is not None
    with cloud:
        cloud.send(Call(path="/api/user"))
        cloud.send(Call(path="/api/user"))
    log = stage.out.getvalue()
    assert log.count("old CLI") == 1
    stop, start = "::stop-commands::" + "0" * 32, "::" + "0" * 32 + "::"
    inside = log[log.index(stop) : log.index(start, log.index(stop) + len(stop))]
    assert "old CLI" in inside
    assert "pul-0123456789abcdef" not in log
    assert "\n::error::" not in log
