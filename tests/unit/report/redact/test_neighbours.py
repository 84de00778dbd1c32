"""A token is found whatever touches it: each shape of token beside each kind of neighbour."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from typing import Final

import pytest

from upshot.report.redact.patterns import LONGEST_MATCH, PIECE
from upshot.report.redact.redact import MASK, Redactor
from upshot.secret import Secret

_HEX: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
_MIXED: Final = "Zk3XvW9qLmT2rB7yHc5NdF8jPaE1uGs4KoQiA6wV0xYb"
_JWT_HEAD: Final = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
TOKENS: Final = {
    "Pulumi": f"pul-{_HEX}",
    "GitHub": f"ghp_{_MIXED[:36]}",
    "GitHub, app": f"ghs_{_MIXED[:36]}",
    "GitHub, fine-grained": f"github_pat_11ABCDEFG0{_MIXED}_{_MIXED[:20]}",
    "npm": f"npm_{_MIXED[:36]}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{_MIXED}{_MIXED}",
    "Vault": f"hvs.CAES{_MIXED}",
    "Slack": f"xoxb-{_HEX[:12].translate(str.maketrans('abcdef', '123456'))}-{_MIXED[:24]}",
    "AWS": "AKIAZ5QX7RT2LMN4PKVW",
    "JWT": f"{_JWT_HEAD}.eyJzdWIiOiI{_MIXED[:20]}.{_MIXED}",
    "Anthropic": f"sk-ant-api03-{_MIXED}",
    "Stripe": f"sk_live_{_MIXED[:24]}",
}
BEFORE: Final = (
    "",
    " ",
    "\\n",
    "\\r\\n",
    "%3D",
    "%0A",
    "TOKEN_",
    "x",
    "/",
    "=",
    "+",
    '\\"',
    "&quot;",
)
AFTER: Final = ("", " ", "\\n", "%0A", "/", "=", "+", '\\"', ",", ")", "&amp;", "</b>", "é")


def _left_over(text: str, token: str) -> str:
    """The longest piece of the token that is still readable, white space left out."""
    plain = re.sub(r"\s", "", text)
    for size in range(len(token), 11, -1):
        for at in range(len(token) - size + 1):
            if token[at : at + size] in plain:
                return token[at : at + size]
    return ""


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_t9_a_token_is_found_whatever_touches_it(token: str) -> None:
    redactor = Redactor([])
    for before, after in itertools.product(BEFORE, AFTER):
        shown = redactor.redact(f"see {before}{token}{after} there")
        assert _left_over(shown, token) == "", (before, after)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("indent", ["", "    "])
def test_t10_a_token_that_a_terminal_wrapped_is_found(token: str, indent: str) -> None:
    for at in range(1, len(token) - 1):
        text = f"see {token[:at]}\n{indent}{token[at:]}\nand go on"
        shown = Redactor([]).redact(text)
        parts = [part for part in (token[:at], token[at:]) if len(part) >= 16 and part in shown]
        assert [part for part in parts if part.startswith(token[:8]) or len(part) > 30] == []
        assert shown.endswith("\nand go on")


def test_t10_the_sentence_after_a_token_stays() -> None:
    token = TOKENS["GitHub"]
    assert Redactor([]).redact(f"{token}\nNext sentence.") == f"{MASK}\nNext sentence."


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_t10_full_width_and_mathematical_letters_hide_no_token(token: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in token)
    bold = "".join(
        chr(0x1D400 + ord(char) - ord("A"))
        if "A" <= char <= "Z"
        else chr(0x1D41A + ord(char) - ord("a"))
        if "a" <= char <= "z"
        else char
        for char in token
    )
    for styled in (wide, bold):
        for redactor in (Redactor([]), Redactor([Secret(token)])):
            assert redactor.redact(f"see {styled} there") == f"see {MASK} there"


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_t9_a_known_token_unmasks_none_that_begins_like_it(token: str) -> None:
    """All spans are found in the original text: what one rule takes hides nothing from the next."""
    cut = len(token) * 2 // 3
    other = token[:cut] + token[cut:][::-1]
    if other == token:
        other = token[:cut] + token[cut + 1 :] + token[cut]
    shown = Redactor([Secret(token)]).redact(f"one {token} two {other} three")
    assert shown == f"one {MASK} two {MASK} three"


@pytest.mark.parametrize(
    "text",
    [
        r"{\"SecretAccessKey\":\"%s\"}",
        r"{\\\"SecretAccessKey\\\":\\\"%s\\\"}",
        "{&quot;SecretAccessKey&quot;:&quot;%s&quot;}",
        "%%22SecretAccessKey%%22%%3A%%22%s%%22",
        "aws_secret_access_key=%s",
        "aws_secret_access_key%%3D%s",
        r"\"secret_access_key\" : \"%s\"",
    ],
)
def test_t9_a_key_in_escaped_json_is_found(text: str) -> None:
    key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzEXAMPLE4"
    assert key not in Redactor([]).redact(text % key)


def test_t10_windows_of_a_password_with_marks_in_it_are_found() -> None:
    secret = "ab'Kd/e9+fG&h\"1jk;lm,No[pq]rs\\tU{vw}X2yz"
    redactor = Redactor([Secret(secret)])
    for at in range(len(secret) - 12):
        window = secret[at : at + 12]
        assert window not in redactor.redact(f"see <{window}> there"), window


@pytest.mark.parametrize("offset", range(PIECE - LONGEST_MATCH - 50, PIECE + 200, 97))
def test_t9_a_users_pattern_matches_across_the_pieces_of_a_line(offset: int) -> None:
    match = "corp-" + "7" * (LONGEST_MATCH - 10)
    text = "y" * offset + match + "z" * 5000
    shown = Redactor([], ["corp-[0-9]+"]).redact(text)
    assert shown == "y" * offset + MASK + "z" * 5000


BACKTRACKING: Final = {
    "bounded, many times": "a{0,99}" * 9 + "b",
    "optional, a chain": "a?" * 40 + "a" * 40 + "b",
    "lazy, a chain": ".*?" * 9 + "Q",
    "lazy and bounded": "a{1,99}?" * 9 + "b",
    "alternatives, a chain": "(a|a)" * 40 + "b",
    "nested": "(a+)+b",
    "four runs": ".*.*.*.*Q",
}


@pytest.mark.parametrize("pattern", BACKTRACKING.values(), ids=BACKTRACKING)
def test_t38_no_pattern_backtracks_on_a_hostile_line(pattern: str) -> None:
    """In Python's engine each of them runs for hours here: this test would not end."""
    text = "first\n" + "a" * 300_000
    assert Redactor([], [pattern]).redact(text) == text


def test_t38_patterns_that_used_up_the_time_of_the_run_mask_what_is_left() -> None:
    ticks = itertools.count(step=0.9)
    redactor = Redactor([], ["needle"], monotonic=lambda: next(ticks))
    shown = [redactor.redact("hay") for _ in range(9)]
    assert shown[0] == "hay"
    assert shown[-1] == MASK


def test_t9_an_encoded_known_token_touching_letters_is_found() -> None:
    token = TOKENS["npm"]
    encoded = b64encode(token.encode()).decode().rstrip("=")
    assert encoded[4:-4] not in Redactor([Secret(token)]).redact(f"x{encoded}y")
