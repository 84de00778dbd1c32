"""Proxies come from the environment, and loopback never goes through one."""

from __future__ import annotations

import pytest

from upshot.errors import InputError
from upshot.http.network import find_proxy

API = "https://api.pulumi.com"


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_the_variables_there_is_no_proxy() -> None:
    assert find_proxy(API) == ""


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_honoured(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://proxy.corp:3128")
    assert find_proxy(API) == "http://proxy.corp:3128"


def test_a_proxy_without_a_scheme_is_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.corp:3128")
    assert find_proxy(API) == "http://proxy.corp:3128"


def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp:3128")
    monkeypatch.setenv("NO_PROXY", ".pulumi.com")
    assert find_proxy(API) == ""


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:9", "[::1]:9"])
def test_t31_loopback_in_plain_http_never_leaves_the_machine(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.corp:3128")
    assert find_proxy(f"http://{host}") == ""


def test_a_proxy_that_cannot_be_spoken_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://me:secret@proxy.corp:1080")
    with pytest.raises(InputError, match="socks5") as caught:
        find_proxy(API)
    assert "secret" not in caught.value.message
