"""One host, one token, one deadline: what every client of a service may rely on."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from upshot.errors import (
    InputError,
    ServiceBadReply,
    ServiceConnectionLost,
    ServiceError,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.http.calls import Call, decode_json
from upshot.http.client import REPLY_WITHIN_S
from upshot.http.retry import ASK, CREATE, ONCE, READ

if TYPE_CHECKING:
    from .conftest import FakeClock, MakeClient

TOKEN = "key-0123456789abcdef"
GET = Call(path="/api/user")


def replies(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """A service that gives these answers in turn, and then fails the test."""
    left = list(answers)

    def service(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return service


class Bytes(httpx.SyncByteStream):
    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks()


def test_a_request_carries_the_token_our_name_and_explicit_time_outs(
    make_client: MakeClient,
) -> None:
    seen: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    make_client(service).send(Call(path="/api/a%2Fb", params=(("x", "1"), ("x", "2"))))
    request = seen[0]
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["apikey"] == TOKEN
    assert request.headers["user-agent"].startswith("upshot/")
    assert str(request.url) == "https://api.builder.example/api/a%2Fb?x=1&x=2"
    timeouts: dict[str, float] = request.extensions["timeout"]
    assert all(timeouts[key] > 0 for key in ("connect", "read", "write", "pool"))


def test_without_a_token_there_is_no_authorization(make_client: MakeClient) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        assert not {"authorization", "apikey"} & set(request.headers)
        return httpx.Response(200, json={})

    assert make_client(service, token="").send(GET).status == 200


@pytest.mark.parametrize("token", ["pul-abc\r\nX-Evil: 1", "pul abc", "pul-\u00e9", "pul-abc\x00"])
def test_t34_a_token_that_no_header_may_hold_is_refused_unseen(
    make_client: MakeClient, token: str
) -> None:
    with pytest.raises(InputError, match="input 'builder-key'") as caught:
        make_client(replies(), token=token)
    assert token not in caught.value.message


@pytest.mark.parametrize(
    "base_url",
    ["http://api.builder.example", "https://169.254.169.254", "https://me:hunter2@api.example"],
)
def test_t31_an_address_that_no_token_may_go_to_is_refused(
    make_client: MakeClient, base_url: str
) -> None:
    with pytest.raises(InputError, match="input 'builder-url'") as caught:
        make_client(replies(), base_url=base_url)
    assert "hunter2" not in caught.value.message


def test_t32_a_redirect_is_not_followed(make_client: MakeClient) -> None:
    elsewhere = httpx.Response(302, headers={"location": "https://evil.example/x?token=1"})
    with pytest.raises(ServiceBadReply, match=r"evil\.example") as caught:
        make_client(replies(elsewhere)).send(GET)
    assert "token=1" not in caught.value.message


def test_t32_a_redirect_to_no_address_is_a_bad_reply(make_client: MakeClient) -> None:
    nowhere = httpx.Response(302, headers={"location": "javascript:alert(1)"})
    with pytest.raises(ServiceBadReply, match="redirects are not followed") as caught:
        make_client(replies(nowhere)).send(GET)
    assert "alert" not in caught.value.message


def test_a_call_that_wants_an_address_gets_it_and_nothing_is_followed(
    make_client: MakeClient,
) -> None:
    address = "https://store.example/x?sig=a%2Bb"
    reply = make_client(replies(httpx.Response(302, headers={"location": address}))).send(
        Call(path="/logs", takes_redirect=True)
    )
    assert (reply.status, reply.headers["location"]) == (302, address)


def test_t33_netrc_adds_no_credentials(
    make_client: MakeClient, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.builder.example login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))

    def service(request: httpx.Request) -> httpx.Response:
        assert not {"authorization", "apikey"} & set(request.headers)
        return httpx.Response(200, json={})

    make_client(service, token="").send(GET)


def test_t34_the_library_does_not_log_addresses(make_client: MakeClient) -> None:
    make_client(replies())
    assert logging.getLogger("httpx").getEffectiveLevel() >= logging.WARNING
    assert logging.getLogger("httpcore").getEffectiveLevel() >= logging.WARNING


def test_t34_an_error_keeps_neither_the_request_nor_its_headers(make_client: MakeClient) -> None:
    with pytest.raises(ServiceUnreachable) as caught:
        make_client(replies(httpx.ConnectError("refused"))).send(Call(path="/x", retry=ONCE))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert TOKEN not in repr(vars(caught.value))


def test_t35_a_reply_larger_than_its_cap_is_dropped(make_client: MakeClient) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1_000

    reply = httpx.Response(200, stream=Bytes(endless))
    with pytest.raises(ServiceBadReply, match="larger than 5,000 bytes"):
        make_client(replies(reply)).send(Call(path="/x", max_bytes=5_000))
    assert taken <= 6


def test_t35_the_cap_counts_bytes_after_decompression(make_client: MakeClient) -> None:
    bomb = httpx.Response(
        200, content=gzip.compress(b"0" * 1_000_000), headers={"content-encoding": "gzip"}
    )
    with pytest.raises(ServiceBadReply, match="larger"):
        make_client(replies(bomb)).send(Call(path="/x", max_bytes=100_000))


def test_t35_broken_compression_is_a_bad_reply(make_client: MakeClient) -> None:
    def garbage() -> Iterator[bytes]:
        yield b"not gzip"

    reply = httpx.Response(200, stream=Bytes(garbage), headers={"content-encoding": "gzip"})
    with pytest.raises(ServiceBadReply, match="compression"):
        make_client(replies(reply)).send(GET)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested too deeply"),
        (b"<html>", "not JSON"),
        (b"", "not JSON"),
        (b'"\xff\xfe"', "not JSON"),
        (b'{"a": 1', "not JSON"),
    ],
)
def test_t35_what_is_no_readable_json_is_a_bad_reply(
    make_client: MakeClient, body: bytes, problem: str
) -> None:
    response = make_client(replies(httpx.Response(200, content=body))).send(GET)
    with pytest.raises(ServiceBadReply, match=problem):
        decode_json(response, object)


def test_json_that_was_cut_off_is_not_called_another_type(make_client: MakeClient) -> None:
    cut_off = httpx.Response(
        200, content=b'{"a": 1', headers={"content-type": "application/json; charset=utf-8"}
    )
    response = make_client(replies(cut_off)).send(GET)
    with pytest.raises(ServiceBadReply, match="cut off") as caught:
        decode_json(response, object)
    assert caught.value.hint.startswith("No action needed")


def test_json_of_another_shape_is_a_bad_reply(make_client: MakeClient) -> None:
    response = make_client(replies(httpx.Response(200, content=b"[1]"))).send(GET)
    with pytest.raises(ServiceBadReply, match="another shape"):
        decode_json(response, dict[str, object])


def test_t35_a_slow_reply_ends_with_the_deadline(make_client: MakeClient, clock: FakeClock) -> None:
    def drips() -> Iterator[bytes]:
        while True:
            clock.at_s += 1.0
            yield b"."

    client = make_client(replies(httpx.Response(200, stream=Bytes(drips))), within_s=10.0)
    with pytest.raises(ServiceTimeout, match="time ran out"):
        client.send(Call(path="/x", retry=ONCE))
    assert clock.at_s == pytest.approx(1_010.0)


def test_t35_a_slow_reply_is_bounded_without_any_deadline_of_its_own(
    make_client: MakeClient, clock: FakeClock
) -> None:
    """A byte every 20 seconds is within every read time-out."""

    def drips() -> Iterator[bytes]:
        while True:
            clock.at_s += 20.0
            yield b"."

    client = make_client(replies(httpx.Response(200, stream=Bytes(drips))), within_s=86_400.0)
    with pytest.raises(ServiceTimeout):
        client.send(Call(path="/x", retry=READ))
    assert clock.at_s == pytest.approx(1_000.0 + REPLY_WITHIN_S)


def test_nothing_is_sent_when_the_time_has_run_out(make_client: MakeClient) -> None:
    with pytest.raises(ServiceTimeout) as caught:
        make_client(replies(), within_s=0.0).send(GET)
    assert caught.value.path == "/api/user"


def test_no_time_out_is_longer_than_what_is_left(make_client: MakeClient) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        assert max(request.extensions["timeout"].values()) <= 3.0
        return httpx.Response(200, json={})

    make_client(service, within_s=3.0).send(Call(path="/x", read_timeout_s=60.0))
    make_client(service).send(Call(path="/x", read_timeout_s=60.0, within_s=3.0))


def test_a_read_is_tried_four_times_with_growing_waits(
    make_client: MakeClient, clock: FakeClock
) -> None:
    service = replies(
        httpx.Response(500), httpx.ReadTimeout(""), httpx.Response(503), httpx.Response(200, json=1)
    )
    response = make_client(service).send(GET)
    assert response.tries == 4
    assert clock.slept == [1.0, 2.0, 4.0]


def test_the_last_failure_is_the_one_that_is_reported(make_client: MakeClient) -> None:
    service = replies(*(httpx.Response(500 + n) for n in range(4)))
    with pytest.raises(ServiceUnavailable) as caught:
        make_client(service).send(GET)
    assert (caught.value.status, caught.value.tries) == (503, 4)


def test_retry_after_is_waited_for(make_client: MakeClient, clock: FakeClock) -> None:
    slow_down = httpx.Response(429, headers={"retry-after": "9"})
    make_client(replies(slow_down, httpx.Response(200, json=1))).send(GET)
    assert clock.slept == [9.0]


def test_a_wait_beyond_the_deadline_is_not_begun(make_client: MakeClient, clock: FakeClock) -> None:
    slow_down = httpx.Response(429, headers={"retry-after": "20"})
    with pytest.raises(ServiceRateLimited) as caught:
        make_client(replies(slow_down), within_s=15.0).send(GET)
    assert clock.slept == []
    assert caught.value.retry_after_s == 20.0


@pytest.mark.parametrize("fault", [httpx.ReadTimeout(""), httpx.ReadError("reset")])
def test_a_create_is_not_repeated_when_its_reply_was_lost(
    make_client: MakeClient, fault: Exception
) -> None:
    with pytest.raises(ServiceTimeout) as caught:
        make_client(replies(fault)).send(Call(method="POST", path="/x", retry=CREATE, body={}))
    assert caught.value.tries == 1


def test_a_create_is_repeated_when_no_server_took_it(make_client: MakeClient) -> None:
    service = replies(
        httpx.ConnectError("refused"),
        httpx.Response(503, headers={"retry-after": "1"}),
        httpx.Response(201, json={}),
    )
    response = make_client(service).send(Call(method="POST", path="/x", retry=CREATE, body={}))
    assert (response.status, response.tries) == (201, 3)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ConnectError("refused"), ServiceUnreachable),
        (httpx.ConnectTimeout("slow"), ServiceUnreachable),
        (httpx.ProxyError("407"), ServiceUnreachable),
        (httpx.ReadTimeout("slow"), ServiceTimeout),
        (httpx.WriteTimeout("slow"), ServiceTimeout),
        (httpx.ReadError("reset"), ServiceConnectionLost),
        (httpx.RemoteProtocolError("closed"), ServiceConnectionLost),
    ],
)
def test_network_faults_tell_whether_it_may_have_been_accepted(
    make_client: MakeClient, fault: Exception, kind: type[ServiceError]
) -> None:
    with pytest.raises(ServiceError) as caught:
        make_client(replies(fault)).send(Call(path="/x", retry=ONCE))
    assert type(caught.value) is kind
    assert caught.value.status == 0


def test_an_unknown_certificate_says_how_to_trust_it(make_client: MakeClient) -> None:
    fault = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    with pytest.raises(ServiceUnreachable) as caught:
        make_client(replies(fault)).send(Call(path="/x", retry=ONCE))
    assert "SSL_CERT_FILE" in caught.value.hint


def test_on_sent_is_called_once_however_many_tries(make_client: MakeClient) -> None:
    sent: list[int] = []
    service = replies(httpx.Response(500), httpx.Response(500), httpx.Response(200, json=1))
    make_client(service).send(GET, on_sent=lambda: sent.append(1))
    assert sent == [1]


def test_on_sent_is_not_called_when_nothing_was_sent(make_client: MakeClient) -> None:
    sent: list[int] = []
    with pytest.raises(ServiceUnreachable):
        make_client(replies(httpx.ConnectError("refused"))).send(
            Call(path="/x", retry=ONCE), on_sent=lambda: sent.append(1)
        )
    assert sent == []


def test_each_warning_of_the_service_is_handed_on_once(make_client: MakeClient) -> None:
    warnings: list[str] = []
    texts = iter(["old", "old", "older", "", *map(str, range(99)), "x" * 9_000])

    def answers(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=1, headers={"x-builder-warning": next(texts)})

    client = make_client(answers, on_warning=warnings.append)
    for _ in range(5):
        client.send(GET)
    assert warnings == ["old", "older", "0"]
    for _ in range(99):
        client.send(GET)
    assert len(warnings) == 20


def test_a_warning_is_cut_and_comes_with_a_refusal_too(make_client: MakeClient) -> None:
    warnings: list[str] = []
    refused = httpx.Response(404, headers={"x-builder-warning": "x" * 9_000})
    with pytest.raises(ServiceNotFound):
        make_client(replies(refused), on_warning=warnings.append).send(GET)
    assert warnings == ["x" * 500]


def test_a_body_is_sent_as_json(make_client: MakeClient) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/json"
        assert request.content == b'{"b":1,"a":"\xc3\xa9"}'
        return httpx.Response(200, json=1)

    make_client(service).send(Call(method="POST", path="/x", body={"b": 1, "a": "é"}, retry=ASK))


def test_json_whose_bytes_were_signed_is_sent_byte_by_byte(make_client: MakeClient) -> None:
    signed = b'{ "b" : 1 }'

    def service(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/json"
        assert request.content == signed
        return httpx.Response(200, text="ok")

    call = Call(method="POST", path="/x", body=msgspec.Raw(signed), retry=ASK)
    assert make_client(service).send(call).body == b"ok"


def test_a_stream_gives_its_chunks_as_they_come(make_client: MakeClient) -> None:
    def events() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        yield b"data: 2\n\n"

    reply = httpx.Response(200, stream=Bytes(events), headers={"content-type": "text/event-stream"})
    with make_client(replies(reply)).stream(Call(path="/x", retry=READ)) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        assert list(stream.chunks) == [b"data: 1\n\n", b"data: 2\n\n"]


def test_a_stream_that_cannot_be_opened_is_an_error_without_a_retry(
    make_client: MakeClient, clock: FakeClock
) -> None:
    client = make_client(replies(httpx.Response(404, json={"message": "no task"})))
    with pytest.raises(ServiceNotFound, match="no task"), client.stream(GET):
        pass
    assert clock.slept == []


def test_a_stream_that_breaks_is_distinguished_from_one_that_is_silent(
    make_client: MakeClient,
) -> None:
    def breaking(fault: Exception) -> Callable[[], Iterator[bytes]]:
        def chunks() -> Iterator[bytes]:
            yield b"data: 1\n\n"
            raise fault

        return chunks

    for fault, kind in (
        (httpx.ReadError("reset"), ServiceConnectionLost),
        (httpx.ReadTimeout("silence"), ServiceTimeout),
    ):
        reply = httpx.Response(200, stream=Bytes(breaking(fault)))
        with make_client(replies(reply)).stream(GET) as stream:
            assert next(stream.chunks) == b"data: 1\n\n"
            with pytest.raises(ServiceError) as caught:
                next(stream.chunks)
            assert type(caught.value) is kind


def test_a_stream_never_outlasts_the_deadline(make_client: MakeClient, clock: FakeClock) -> None:
    def keep_alive() -> Iterator[bytes]:
        while True:
            clock.at_s += 15.0
            yield b": keep-alive\n\n"

    client = make_client(replies(httpx.Response(200, stream=Bytes(keep_alive))), within_s=60.0)
    with client.stream(GET) as stream, pytest.raises(ServiceTimeout):
        list(stream.chunks)
    assert clock.at_s == pytest.approx(1_060.0)
