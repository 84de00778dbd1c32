"""https as in production: the certificate is always checked, a company's own authority can be added."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.certificates import make_certificate

from upshot.errors import InputError, ServiceUnreachable
from upshot.http.calls import Call
from upshot.http.client import ServiceClient
from upshot.http.network import tls_context
from upshot.http.retry import ONCE
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for `localhost`, in one file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(b"".join(make_certificate("localhost")))
    return path


@pytest.fixture
def https(certificate: Path) -> Iterator[str]:
    """A server that answers one request over TLS, if the client takes its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        plain, _ = listener.accept()
        plain.settimeout(10)
        try:
            with plain, context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65_536)
                connection.sendall(OK)
        except OSError:
            return  # the client refused the certificate

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}"
    thread.join(timeout=10)
    listener.close()


@pytest.fixture(autouse=True)
def _fresh_context() -> Iterator[None]:
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


def ask(url: str) -> bytes:
    clock = SystemClock()
    deadline = Deadline.after(clock, 10)
    with ServiceClient(
        url, Secret("pul-0123456789"), service=pulumi_cloud(), clock=clock, deadline=deadline
    ) as cloud:
        return cloud.send(Call(path="/api/user", retry=ONCE)).body


def test_t33_an_unknown_certificate_is_refused_and_says_how_to_trust_it(
    https: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(ServiceUnreachable, match="CERTIFICATE_VERIFY_FAILED") as caught:
        ask(https)
    assert "SSL_CERT_FILE" in caught.value.hint


def test_t33_a_companys_own_authority_can_be_trusted(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert ask(https) == b"{}"


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_an_authority_that_cannot_be_read_is_a_wrong_input(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(InputError, match=r"SSL_CERT_FILE.*authority\.pem.*workspace"):
        tls_context()


def test_one_context_serves_the_whole_process() -> None:
    assert tls_context() is tls_context()
    assert tls_context().verify_mode is ssl.CERT_REQUIRED
    assert tls_context().check_hostname


@pytest.mark.parametrize("name", VARIABLES)
def test_each_of_the_usual_variables_adds_an_authority(name: str, certificate: Path) -> None:
    """In a process of its own: what is trusted is decided once."""
    script = (
        "from upshot.http.network import tls_context;"
        "print(tls_context().cert_store_stats()['x509_ca'])"
    )
    bare = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    env = {**bare, name: str(certificate)}
    arguments = [sys.executable, "-c", script]
    done = subprocess.run(arguments, env=env, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 100
