"""Addresses that a token may follow."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.address import (
    build_path,
    is_ip_address,
    is_loopback,
    origin,
    parse_base_url,
    parse_service_url,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://api.pulumi.com", "https://api.pulumi.com"),
        ("HTTPS://API.Pulumi.com/", "https://api.pulumi.com"),
        ("https://pulumi.acme.example:8443//", "https://pulumi.acme.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_plain_form(text: str, plain: str) -> None:
    assert parse_base_url(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.pulumi.com",
        "//api.pulumi.com",
        "http://api.pulumi.com",
        "http://127.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.1",
        "http://localhost.evil.example",
        "https://a@b",
        "https://a:b@c",
        "https://@api.pulumi.com",
        "https://api.pulumi.com\\@evil.example",
        "https://api.pulumi.com?",
        "https://api.pulumi.com#",
        "https://api.pulumi.com/path",
        "https://api.pulumi.com:x",
        "https://api.pulumi.com:99999",
        "https://api.pulumi.com\t.evil.example",
        "https://api.pulumi.com\n",
        "https://api.pulumi.c\N{CYRILLIC SMALL LETTER O}m",
        "https://[::1",
        "https://a..b",
        "https://" + "a" * 2_050,
        "javascript:alert(1)",
    ],
)
def test_t31_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(an address|https)"):
        parse_base_url(text)


def test_a_path_only_where_one_is_expected() -> None:
    assert parse_base_url("https://ghe.example/api/v3/", with_path=True).endswith("/api/v3")


@pytest.mark.parametrize(
    ("url", "numeric"),
    [
        ("https://10.0.0.1", True),
        ("https://169.254.169.254", True),
        ("https://2130706433", True),
        ("https://0x7f.1", True),
        ("https://[fe80::1]", True),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]", False),
        ("https://api.pulumi.com", False),
        ("https://10.example", False),
    ],
)
def test_t31_ip_addresses_are_known_in_every_spelling(url: str, *, numeric: bool) -> None:
    assert is_ip_address(url) is numeric


def test_the_origin_leaves_the_path_out() -> None:
    assert origin("https://ghe.example:444/api/v3") == "https://ghe.example:444"


def test_loopback_is_this_machine_alone() -> None:
    assert is_loopback("127.255.255.255")
    assert not is_loopback("127.256.0.1")


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.:@\[\]/%-]{0,30}", fullmatch=True))
@settings(max_examples=300)
def test_what_is_accepted_is_stable_and_holds_no_user_information(text: str) -> None:
    with contextlib.suppress(ValueError):
        plain = parse_base_url(text)
        assert parse_base_url(plain) == plain
        assert "@" not in plain
        assert plain.startswith(("https://", "http://"))


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "10.0.0.5", "2130706433", "0x7f.1", "0x7f000001", "127.1", "[fe80::1]"],
)
def test_t31_no_token_goes_to_an_ip_address_in_any_spelling(host: str) -> None:
    with pytest.raises(ValueError, match="a host name"):
        parse_service_url(f"https://{host}")


def test_a_service_has_no_path() -> None:
    assert parse_service_url("https://API.pulumi.com/") == "https://api.pulumi.com"
    with pytest.raises(ValueError, match="without a path"):
        parse_service_url("https://api.pulumi.com/cloud")


def test_each_part_of_a_path_is_one_segment() -> None:
    assert build_path("/a/{}/b/{}", "x/y?z#", "é %") == "/a/x%2Fy%3Fz%23/b/%C3%A9%20%25"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_part_that_would_name_another_resource_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="segment"):
        build_path("/a/{}", part)


@given(st.text(min_size=1, max_size=40).filter(lambda text: text not in {".", ".."}))
def test_no_part_breaks_out_of_its_segment(part: str) -> None:
    path = build_path("/a/{}/end", part)
    assert path.count("/") == 3
    assert not set(path) & set("?#\\ \n")
