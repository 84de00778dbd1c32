"""A token travels to these addresses, so nothing about them may be ambiguous."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.errors import InputError
from upshot.http.address import build_path, parse_base_url


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("https://api.pulumi.com", "https://api.pulumi.com"),
        ("https://API.Pulumi.com/", "https://api.pulumi.com"),
        ("https://pulumi.acme.io:8443/cloud/", "https://pulumi.acme.io:8443/cloud"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_a_good_address_is_brought_into_its_plain_form(text: str, parsed: str) -> None:
    assert parse_base_url(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.pulumi.com",
        "ftp://api.pulumi.com",
        "http://api.pulumi.com",
        "http://localhost.evil.io",
        "http://127.0.0.1.evil.io",
        "https://user:pw@api.pulumi.com",
        "http://localhost@evil.io",
        "https://api.pulumi.com\\@evil.io",
        "https://api.pulumi.com/?x=1",
        "https://api.pulumi.com/#x",
        "https://api.pulumi.com\n.evil.io",
        "https://ap\u0131.pulumi.com",
        "https://",
        "https://api.pulumi.com:port",
    ],
)
def test_t31_what_no_token_may_go_to_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_base_url(text)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "10.0.0.5", "2130706433", "0x7f.1", "0x7f000001", "127.1", "[fe80::1]"],
)
def test_t31_ip_literals_in_every_spelling_are_refused(host: str) -> None:
    with pytest.raises(InputError):
        parse_base_url(f"https://{host}")


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        parse_base_url("https://me:hunter2hunter2@api.pulumi.com")
    assert "hunter2" not in caught.value.message


def test_the_error_names_the_input_that_was_wrong() -> None:
    with pytest.raises(InputError, match="input 'console-url'"):
        parse_base_url("nonsense", name="console-url")


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
