"""What a GitHub, or a proxy before it, may cost us: bytes and time are ours to bound (T35)."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.integration.test_copilot_socket import server

from upshot.errors import GitHubError
from upshot.event import parse_addresses
from upshot.publish.comment.thread import from_graphql, from_rest
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import MOST_REPLY_BYTES, connect
from upshot.publish.github.pulls import get_pull_request
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

Answer = Callable[[httpx.Request], httpx.Response]
PULL = json.dumps({"number": 7, "head": {"sha": "a" * 40}}).encode()
BOMB = gzip.compress(b"[" + bytes(80_000_000), 1)
"""80 MB in 350 kB."""


def github_at(
    url: str, *, within_s: float = 60.0, asks_again: bool = True, answer: Answer | None = None
) -> GitHub:
    """A client that asks again at once, or (longer than there is time for) never."""
    return connect(
        Secret("ghs_0123456789"),
        parse_addresses(url),
        repository="acme/shop",
        deadline=Deadline.after(SystemClock(), within_s),
        jitter=lambda: 0.0 if asks_again else 1_000.0,
        http=httpx.MockTransport(answer) if answer else None,
    )


def serve_once(*, body: bytes, coding: str = "") -> Callable[[socket.socket, bytes], None]:
    """The whole reply, then the connection is closed: for a client that gives up early, too."""
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
    head += f"content-encoding: {coding}\r\n" if coding else ""

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(f"{head}\r\n".encode() + body)

    return talk


def test_a_compressed_reply_is_read() -> None:
    with server(serve_once(body=gzip.compress(PULL), coding="gzip")) as url:
        github = github_at(url)
        assert get_pull_request(github, 7).number == 7
        github.close()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (BOMB, "gzip"),
        (gzip.compress(BOMB), "gzip, gzip"),
        (gzip.compress(PULL)[:-9], "gzip"),
        (b"no gzip at all", "gzip"),
        (PULL, "br"),
    ],
    ids=["bomb", "twice", "cut off", "broken", "not asked for"],
)
def test_t35_a_compressed_reply_of_githubs_costs_no_more_than_its_budget(
    body: bytes, coding: str
) -> None:
    talk = serve_once(body=body, coding=coding)
    with server(talk, talk, talk) as url:
        github = github_at(url, asks_again=False)
        with pytest.raises(GitHubError, match="larger than 32 MiB"):
            get_pull_request(github, 7)
        github.close()
        for _ in range(2):
            socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))).close()


def test_t35_a_long_reply_of_githubs_is_not_read_to_its_end() -> None:
    read = 0

    def endless(_request: httpx.Request) -> httpx.Response:
        nonlocal read
        read = 0

        def pieces() -> Iterator[bytes]:
            nonlocal read
            for _ in range(10_000):
                read += 1_000_000
                yield bytes(1_000_000)

        return httpx.Response(200, content=pieces())

    github = github_at("https://api.github.com", asks_again=False, answer=endless)
    with pytest.raises(GitHubError, match="larger than 32 MiB"):
        get_pull_request(github, 7)
    assert MOST_REPLY_BYTES < read < MOST_REPLY_BYTES + 2_000_000


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"],
    ids=["headers", "body"],
)
def test_t35_a_github_that_drips_cannot_hold_us_beyond_the_deadline(start: bytes) -> None:
    closed: list[bool] = []

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(start)
        connection.settimeout(0.02)
        for _ in range(400):  # 8 s; then it hangs up, which would be another error
            try:
                closed.append(connection.recv(1) == b"")
                return
            except TimeoutError:
                connection.sendall(b"x")

    with server(talk) as url:
        github = github_at(url, within_s=0.3)
        with pytest.raises(GitHubError, match="did not answer in time"):
            get_pull_request(github, 7)
        github.close()
    assert closed == [True]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, PULL[:-5], b"\xff\xfe", b'{"number": 7e999}'],
    ids=["deep list", "deep object", "cut off", "no text", "no number"],
)
def test_t35_a_reply_of_githubs_that_is_no_json_is_no_answer(body: bytes) -> None:
    github = github_at(
        "https://api.github.com",
        asks_again=False,
        answer=lambda _: httpx.Response(200, content=body),
    )
    with pytest.raises(GitHubError, match="GitHub"):
        get_pull_request(github, 7)


def test_t35_odd_rate_limits_in_the_headers_stop_nothing() -> None:
    odd = {"x-ratelimit-remaining": "inf", "x-ratelimit-limit": "nan", "x-ratelimit-reset": "1e999"}
    github = github_at(
        "https://api.github.com",
        answer=lambda _: httpx.Response(200, content=PULL, headers=odd),
    )
    assert get_pull_request(github, 7).number == 7


def test_t31_plain_http_to_this_machine_goes_through_no_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The token of GitHub stands in the header of such a request."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens
    with server(serve_once(body=PULL)) as url:
        github = github_at(url)
        assert get_pull_request(github, 7).number == 7
        github.close()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)#issuecomment-5",
        "https://github.com/acme/shop/pull/7#issuecomment-5\nverdict=succeeded",
        "https://github.com/acme/shop/pull/7?x=`y`#issuecomment-5",
        "https://me@evil.example/acme/shop/pull/7#issuecomment-5",
        "https://github.com/acme/shop/pull/7",
        ["https://github.com/acme/shop/pull/7#issuecomment-5"],
    ],
)
def test_t20_what_is_no_address_of_a_comment_becomes_no_output(address: object) -> None:
    by_rest, by_graphql = from_rest({"id": 5, "html_url": address}), from_graphql({"url": address})
    assert by_rest is not None
    assert (by_rest.id, by_rest.url) == (5, "")
    assert by_graphql is not None
    assert (by_graphql.id, by_graphql.url) == (0, "")
