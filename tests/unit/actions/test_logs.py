"""A job's log: one redirect without the token, waited for, bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.stage import StillClock

from upshot.actions.jobs import RunJob
from upshot.actions.logs import JobLog, JobLogs, split_address
from upshot.actions.service import github_actions, log_store
from upshot.errors import (
    ServiceBadReply,
    ServiceConnectionLost,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.http.client import ServiceClient
from upshot.secret import Secret
from upshot.timing import Deadline

TOKEN = "ghs_0123456789abcdef"
API = "https://api.github.com"
STORE = "https://productionresultssa12.blob.core.windows.net"
SIGNED = f"{STORE}/actions-results/1.txt?rscd=attachment%3B+filename%3D%22a.txt%22&sig=a%2Bb%2F%3D"
JOB = RunJob(1, "deploy", status="completed", ended_at=1_763_720_000.0)

Answer = Callable[[httpx.Request], httpx.Response]


def read(answer: Answer, *, job: RunJob = JOB, clock: StillClock | None = None) -> bytes:
    clock = clock or StillClock()
    deadline = Deadline.after(clock, 60)
    http = httpx.MockTransport(answer)
    api = ServiceClient(
        API, Secret(TOKEN), service=github_actions(), clock=clock, deadline=deadline, http=http
    )

    def store(base_url: str) -> ServiceClient:
        return ServiceClient(
            base_url, None, service=log_store(), clock=clock, deadline=deadline, http=http
        )

    logs = JobLogs(api, "", "acme/web", open_store=store)
    with logs.open(job, within_s=30) as log:
        return b"".join(log)


def redirect(address: str = SIGNED) -> httpx.Response:
    return httpx.Response(302, headers={"location": address})


def is_api(request: httpx.Request) -> bool:
    return request.url.host == "api.github.com"


def test_the_log_comes_from_where_github_redirects_to() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return redirect() if is_api(request) else httpx.Response(200, content=b"Updating (dev)\n")

    assert read(answer) == b"Updating (dev)\n"
    assert str(seen[0].url) == f"{API}/repos/acme/web/actions/jobs/1/logs"
    assert str(seen[1].url) == SIGNED, "the signature is of exactly these characters"


def test_t31_the_log_store_gets_no_token() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if is_api(request):
            assert request.headers["authorization"] == f"Bearer {TOKEN}"
            return redirect()
        assert TOKEN not in repr(request.headers.raw)
        assert "authorization" not in request.headers
        return httpx.Response(200, content=b"")

    assert read(answer) == b""


def test_t32_a_second_redirect_is_not_followed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if is_api(request):
            return redirect()
        assert request.url.host != "evil.example"
        return redirect("https://evil.example/x")

    with pytest.raises(ServiceBadReply, match="redirects are not followed"):
        read(answer)


@pytest.mark.parametrize(
    "address",
    [
        "http://logs.example/1.txt",
        "ftp://logs.example/1.txt",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:secret@logs.example/1.txt",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]:9/x",
        "https://2130706433/x",
        "https://127.0.0.1/x",
        "http://localhost:8080/x",
        "https://logs.example/" + "x" * 9_000,
        "https://logs.example/a b",
        "https://[broken/x",
        "https:///x",
    ],
)
def test_t31_an_address_that_no_log_store_has_is_not_followed(address: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert is_api(request), "followed"
        return redirect(address)

    with pytest.raises(ServiceBadReply, match="not followed") as caught:
        read(answer)
    assert "secret" not in str(caught.value)


def test_the_log_store_is_on_this_machine_only_where_github_is() -> None:
    local = "http://127.0.0.1:8080"
    assert split_address(f"{local}/a?b=%2F", api="http://127.0.0.1:9") == (local, "/a?b=%2F")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_t34_no_error_shows_the_signed_address(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if is_api(request):
            return redirect()
        return httpx.Response(status, text=f"<Error>{request.url}</Error>")

    with pytest.raises(ServiceError) as caught:
        read(answer)
    shown = f"{caught.value} {caught.value.hint} {caught.value.path}"
    assert "sig" not in shown
    assert "actions-results" not in shown


@pytest.mark.parametrize(("status", "tries"), [(404, 3), (503, 2), (403, 2)])
def test_a_log_that_comes_late_is_waited_for_with_a_new_address(status: int, tries: int) -> None:
    addresses: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if is_api(request):
            return redirect(f"{SIGNED}&n={len(addresses)}")
        addresses.append(str(request.url))
        return httpx.Response(status if len(addresses) < tries else 200, content=b"log")

    clock = StillClock()
    assert read(answer, clock=clock) == b"log"
    assert len(set(addresses)) == tries
    assert clock.passed_s == 2 ** (tries - 1) - 1


def test_an_old_log_that_is_not_there_is_not_waited_for() -> None:
    clock = StillClock()
    old = RunJob(1, "deploy", status="completed", ended_at=clock.now() - 3_600)
    with pytest.raises(ServiceNotFound):
        read(lambda _: httpx.Response(404, json={"message": "Not Found"}), job=old, clock=clock)
    assert clock.passed_s == 0


def test_an_expired_log_says_how_long_github_keeps_them() -> None:
    clock = StillClock()
    with pytest.raises(ServiceNotFound, match="deleted or has expired") as caught:
        read(lambda _: httpx.Response(410, json={"message": "Server Error"}), clock=clock)
    assert "Settings > Actions" in caught.value.hint
    assert clock.passed_s == 0


def test_a_missing_permission_is_not_asked_for_again() -> None:
    seen: list[int] = []

    def refused(_: httpx.Request) -> httpx.Response:
        seen.append(1)
        return httpx.Response(403, json={"message": "Must have admin rights to Repository."})

    with pytest.raises(ServiceForbidden) as caught:
        read(refused)
    assert "actions: read" in caught.value.hint
    assert len(seen) == 1


def test_an_answer_without_an_address_is_a_bad_reply() -> None:
    with pytest.raises(ServiceBadReply, match="no address"):
        read(lambda _: httpx.Response(200, json={}))


def test_t35_a_log_is_read_to_a_bound() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1_000

    log = JobLog(endless(), most_bytes=10_000)
    assert sum(map(len, log)) == 10_000
    assert log.is_cut
    assert log.error is None


def test_what_was_read_before_a_break_counts() -> None:
    def broken() -> Iterator[bytes]:
        yield b"Updating (dev)\n"
        raise ServiceConnectionLost("gone")

    log = JobLog(broken())
    assert b"".join(log) == b"Updating (dev)\n"
    assert log.error is not None
