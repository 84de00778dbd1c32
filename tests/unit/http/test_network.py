"""Proxies come from the environment, and loopback never goes through one."""

from __future__ import annotations

import pytest

from upshot.errors import InputError
from upshot.http.network import find_proxy

API = "https://api.pulumi.com"


def test_without_the_variables_there_is_no_proxy() -> None:
    assert find_proxy(API, {}) == ""


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_proxy_of_the_environment_is_honoured(name: str) -> None:
    assert find_proxy(API, {name: "http://proxy.corp:3128"}) == "http://proxy.corp:3128"


def test_lower_case_wins_also_when_it_is_empty() -> None:
    upper = {"HTTPS_PROXY": "http://upper:1"}
    assert find_proxy(API, upper | {"https_proxy": "http://lower:1"}) == "http://lower:1"
    assert find_proxy(API, upper | {"https_proxy": ""}) == ""


def test_a_proxy_without_a_scheme_is_plain_http() -> None:
    assert find_proxy(API, {"HTTPS_PROXY": "proxy.corp:3128"}) == "http://proxy.corp:3128"


@pytest.mark.parametrize("exempt", [".pulumi.com", "pulumi.com", "api.pulumi.com", "*", "x, .com"])
def test_no_proxy_is_honoured(exempt: str) -> None:
    env = {"HTTPS_PROXY": "http://proxy.corp:3128", "NO_PROXY": exempt}
    assert find_proxy(API, env) == ""
    assert find_proxy(API, env | {"NO_PROXY": "ulumi.com"}) != ""


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:9", "[::1]:9"])
def test_t31_loopback_in_plain_http_never_leaves_the_machine(host: str) -> None:
    assert find_proxy(f"http://{host}", {"http_proxy": "http://proxy.corp:3128"}) == ""


def test_a_proxy_that_cannot_be_used_is_named_without_its_password() -> None:
    with pytest.raises(InputError, match="socks5") as caught:
        find_proxy(API, {"HTTPS_PROXY": "socks5://me:secret@proxy.corp:1080"})
    assert "secret" not in caught.value.message
