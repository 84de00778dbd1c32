"""Where a claim address must not stand, and that it is found there in any disguise."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts.places import FORBIDDEN, Place, find_exposed
from tests.unit.accounts.shapes import CLAIM_TOKEN

from upshot.pulumi.agents.accounts import build_claim_address, find_claim_token
from upshot.pulumi.agents.exposure import scrub, shows
from upshot.secret import Secret

TOKEN = Secret(CLAIM_TOKEN)
DISGUISES = {
    "plain": CLAIM_TOKEN,
    "in its address": f"https://app.pulumi.com/claim/{CLAIM_TOKEN}",
    "in capitals": CLAIM_TOKEN.upper(),
    "a part": CLAIM_TOKEN[10:22],
    "percent-encoded": quote(CLAIM_TOKEN, safe=""),
    "hexadecimal": CLAIM_TOKEN.encode().hex(),
    "backwards": CLAIM_TOKEN[::-1],
    "base64": b64encode(CLAIM_TOKEN.encode()).decode(),
    "base64 of its address": b64encode(f"https://x.example/claim/{CLAIM_TOKEN}".encode()).decode(),
    "base64 in a query": urlsafe_b64encode(b"?" + CLAIM_TOKEN.encode()).decode(),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_t66_it_is_found_in_every_place_and_disguise(name: str) -> None:
    text = f"before {DISGUISES[name]} after"
    assert shows(text, TOKEN)
    places = dict.fromkeys(FORBIDDEN, "nothing") | {Place.LOG: text, Place.COMMENT: text}
    assert find_exposed(places, [TOKEN]) == (Place.COMMENT, Place.LOG)
    assert not shows(scrub(text, [TOKEN]), TOKEN)


@pytest.mark.parametrize("text", ["", "nothing", CLAIM_TOKEN[:11], "https://app.pulumi.com/claim/"])
def test_ordinary_text_shows_nothing(text: str) -> None:
    assert not shows(text, TOKEN)
    assert scrub(text, [TOKEN]) == text


def test_every_way_out_is_on_the_list() -> None:
    ways = {
        "comment", "review", "issue", "chat message", "job summary", "annotation", "log",
        "standard error", "output", "saved state", "commit status", "report file", "result file",
        "audit file", "transcript", "error text", "traceback", "prompt to a model",
        "arguments of a process", "environment of a process",
    }  # fmt: skip
    assert set(FORBIDDEN) == ways


def test_t66_the_secret_is_cut_out_and_the_rest_stays() -> None:
    assert scrub(f"no claim {CLAIM_TOKEN} here", [TOKEN]) == "no claim *** here"


def test_t66_where_a_part_is_left_nothing_of_the_text_is() -> None:
    assert scrub(f"no claim {CLAIM_TOKEN[:20]}", [TOKEN], otherwise="HTTP 404") == "HTTP 404"


def test_nothing_is_no_secret() -> None:
    assert scrub("text", [Secret("")]) == "text"
    assert find_exposed({Place.LOG: "text"}, [Secret("")]) == ()


@given(st.text(max_size=30), st.text(min_size=1, max_size=50), st.text(max_size=30))
def test_t66_whatever_the_token_is(before: str, token: str, after: str) -> None:
    secret = Secret(token)
    assert shows(before + token + after, secret)
    assert not shows(scrub(before + token + after, [secret]), secret)


@pytest.mark.parametrize("ending", ["", "/", "?utm=x", "#top"])
def test_a_token_is_found_in_its_address(ending: str) -> None:
    for token in (CLAIM_TOKEN, "a/b c"):
        address = build_claim_address("https://app.pulumi.com", Secret(token))
        assert address
        assert find_claim_token(Secret(address.reveal() + ending)) == Secret(token)
    assert find_claim_token(TOKEN) == TOKEN


def test_t66_the_address_is_a_secret_itself() -> None:
    address = build_claim_address("https://app.pulumi.com", Secret("a/b c"))
    assert address
    assert address.reveal() == "https://app.pulumi.com/claim/a%2Fb%20c"
    assert f"{address} {address!r}" == "<SECRET> <SECRET>"
    assert build_claim_address("", TOKEN) is None
    assert build_claim_address("https://app.pulumi.com", Secret("")) is None
