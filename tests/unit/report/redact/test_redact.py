"""No secret leaves, in any spelling; and nothing that is none is taken out."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.redact.patterns import PIECE
from upshot.report.redact.redact import MASK, Redactor
from upshot.secret import Secret

TOKEN = "pul-4f9a1c7e2b8d0653a1f4e9c87b2d6053e1a9f4c7"
TRICKY = 'k3y/with+"odd"&signs=ünd\\more~7'
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEowIBAAKCAQEAx1Yz3kQ9ZbW7dHq2Vt5uJ8sKfLmN0pRaTgXyCwEoIhBvDrMj\n"
    "Q4nF6eU1iO8pA2sD5fG7hJ9kL0zX3cV6bN8mQ1wE4rT7yU2iO5pA8sD1fG4hJ7kL\n"
    "-----END RSA PRIVATE KEY-----"
)


def redacted(text: str, *secrets: str) -> str:
    return Redactor([Secret(secret) for secret in secrets]).redact(text)


def spellings(secret: str) -> Iterator[tuple[str, str]]:
    raw = secret.encode()
    yield "plain", secret
    yield "json", json.dumps(secret)[1:-1]
    yield "json in json", json.dumps(json.dumps(secret))[3:-3]
    yield "json, not ascii", json.dumps(secret, ensure_ascii=False)[1:-1]
    yield "url", quote(secret, safe="")
    yield "url, lower case", quote(secret, safe="").lower() if secret.islower() else quote(secret)
    yield "xml", secret.replace("&", "&amp;").replace("<", "&lt;")
    yield "hex", raw.hex()
    yield "HEX", raw.hex().upper()
    yield "reversed", secret[::-1]
    for lead in range(3):
        whole = base64.b64encode(b"u:" * 3 + b"x" * lead + raw + b"tail").decode()
        yield f"base64 after {6 + lead} bytes", whole
        yield f"base64url after {6 + lead} bytes", whole.translate(str.maketrans("+/", "-_"))
    for hidden in "\u200b\u00ad\u2060\ufeff\u202e\U000e0041":
        yield f"split by {hidden!r}", hidden.join(secret)
    yield "split by colours", "\x1b[1m".join([secret[:9], secret[9:]])


@pytest.mark.parametrize("secret", [TOKEN, TRICKY])
def test_t09_every_spelling_of_a_known_secret_is_taken_out(secret: str) -> None:
    for name, written in spellings(secret):
        text = redacted(f"before {written} after", secret)
        assert MASK in text, name
        assert secret not in text, name
        assert written not in text, name
        assert text.startswith("before "), name
        assert text.endswith(" after"), name


@given(st.integers(0, len(TOKEN) - 12), st.integers(12, len(TOKEN)))
@settings(max_examples=100)
def test_t10_every_window_of_twelve_is_taken_out(start: int, length: int) -> None:
    piece = TOKEN[start : start + length]
    text = redacted(f"a {piece} z", TOKEN)
    if len(piece) >= 12:
        assert piece not in text
        assert text.startswith("a ")
        assert text.endswith(" z")


def test_t10_a_known_secret_without_any_shape_loses_its_windows_too() -> None:
    secret = "Zq7-Xw9_Lp3.Vb5Nm1Kt8"
    assert "Xw9_Lp3.Vb5N" not in redacted("xx Xw9_Lp3.Vb5N xx", secret)


def test_t12_each_line_of_a_key_of_many_lines_is_taken_out() -> None:
    for line in PEM.splitlines()[1:-1]:
        assert line not in redacted(f"log: {line}!", PEM)


def test_field_names_of_a_structured_secret_stay() -> None:
    key = json.dumps({"type": "service_account", "private_key_id": "9f8e7d6c5b4a39281706"})
    text = redacted('"type": "service_account", "private_key_id": ""', key)
    assert text == '"type": "service_account", "private_key_id": ""'


@pytest.mark.parametrize("value", ["e", "dev", "1234567", "password", "us-east-1", "--------"])
def test_t11_short_and_common_values_are_refused_with_a_reason(value: str) -> None:
    redactor = Redactor([Secret(value)])
    text = f"the {value} environment in us-east-1 has a password"
    assert redactor.redact(text) == text
    assert len(redactor.refused) == 1


SHAPED = {
    "github classic": "ghp_" + "aB3dE5gH7jK9" * 3,
    "github oauth": "gho_" + "aB3dE5gH7jK9" * 3,
    "github old app": "ghs_" + "aB3dE5gH7jK9" * 3,
    "github new app": "ghs_12345_" + "aB3d.E5gH-7jK9_" * 6,
    "github fine-grained": "github_pat_" + "11ABCDEFG0aB3dE5gH7jK9_" + "x7" * 25,
    "pulumi": TOKEN,
    "aws key id": "AKIA" + "Z7Q2W4E6R8T1Y3U5",
    "gcp key": "AIza" + "SyD3x_9Qw-7Er5Ty3Ui1Op9As8Df7Gh6Jk5",
    "slack bot": "xoxb-" + "123456789012-1234567890123-" + "aB3dE5gH7jK9lM1nO3pQ5rS7",
    "jwt": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUifQ.c2lnbmF0dXJlLWhlcmU",
    "npm": "npm_" + "aB3dE5gH7jK9" * 3,
    "vault": "hvs." + "CAESIJ" + "aB3dE5gH7jK9" * 4,
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "anthropic": "sk-ant-api03-" + "aB3dE5gH7jK9" * 7 + "AA",
    "azure client secret": "abc8Q~" + "aB3dE5gH7jK9lM1nO3pQ5rS7tU9vW1xY3z",
    "private key": PEM,
    "private key in json": json.dumps(PEM),
    "cut private key": PEM.partition("-----END")[0],
}


@pytest.mark.parametrize("name", SHAPED)
def test_t09_token_shapes_are_taken_out(name: str) -> None:
    text = redacted(f"error: got {SHAPED[name]}\nnext line")
    assert SHAPED[name] not in text
    assert "aB3dE5gH7jK9" not in text
    assert "MIIEowIBAAKCAQEA" not in text
    assert text.startswith("error: got ")
    assert text.endswith("next line")


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("postgres://app:s3cr3t@db.acme.io:5432/x", "postgres://app:", "s3cr3t"),
        ("AccountName=acme;AccountKey=Zm9vYmFyYmF6cXV4cXV1eA==;x", "AccountName=acme", "Zm9vYmFy"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzkeyA", "aws_secret", "wJalr"),
        ("https://b.s3.amazonaws.com/k?X-Amz-Signature=0f1e2d3c4b5a69788796", "s3.amaz", "0f1e2d"),
        ("Authorization: Basic YWRtaW46aHVudGVyMg==", "Authorization: Basic ", "YWRtaW4"),
        ('{"password": "Tr0ub4dor.and.3"}', '"password": "', "Tr0ub4dor"),
        ("https://hooks.slack.com/services/T0A1B2C3D/B4E5F6G7H/i8J9k0L1m2N3", "slack.com", "T0A1B"),
        ("https://app.pulumi.com/claim/clm_9f8e7d6c5b4a", "https://app.pulumi.com/claim/", "clm_"),
        ("CLAIM_URL=https://app.pulumi.com/claim/abcdef123456", "CLAIM_URL=", "abcdef"),
    ],
)
def test_t09_secrets_in_their_places_are_taken_out_and_the_place_stays(
    text: str, kept: str, gone: str
) -> None:
    result = redacted(text)
    assert kept in result
    assert gone not in result


@pytest.mark.parametrize(
    "text",
    [
        "creating S3 Bucket (acme-assets): BucketAlreadyExists",
        "token: expired and could not be refreshed",
        "password authentication failed for user app",
        "secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        "clientToken: 123e4567-e89b-12d3-a456-426614174000",
        "urn:pulumi:prod::webshop::random:index/randomPassword:RandomPassword::db-password",
        "https://app.pulumi.com/acme/webshop/prod/updates/41",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 3f9c2a71d5b84e60a1c7f2e8b9d0546372819fae",
        "secret/production/database/credentials",
        "subnet-0a1b2c3d4e5f60718 in vpc-0123456789abcdef0",
        "secretName: my-tls-certificate-2026",
    ],
)
def test_t11_ordinary_text_stays(text: str) -> None:
    redactor = Redactor([Secret(TOKEN)])
    assert redactor.redact(text) == text
    assert redactor.count == 0


def test_the_same_secret_counts_once() -> None:
    redactor = Redactor([Secret(TOKEN)])
    assert redactor.redact(f"{TOKEN} and again {TOKEN}") == f"{MASK} and again {MASK}"
    redactor.redact(f"{SHAPED['npm']} {TOKEN}")
    assert redactor.count == 2


def test_a_secret_that_is_minted_later_is_known_from_then_on() -> None:
    redactor = Redactor(())
    assert "opaque-Value-77x" in redactor.redact("opaque-Value-77x")
    redactor.add(Secret("opaque-Value-77x"))
    assert redactor.redact("opaque-Value-77x") == MASK


def test_mask_patterns_are_applied() -> None:
    redactor = Redactor((), [r"acme-int-\d+", r"(?i)host-[a-z]{3}"])
    assert redactor.redact("see ACME acme-int-42 on HOST-abc") == f"see ACME {MASK} on {MASK}"


def test_t38_a_slow_mask_pattern_masks_the_rest_instead_of_hanging() -> None:
    ticks = itertools.count(0.0, 1.1)  # the second piece comes after more than two seconds
    redactor = Redactor((), ["needle"], monotonic=lambda: next(ticks))
    text = f"a needle\n{'b' * (PIECE - 100)}\n{'c' * (PIECE - 100)}\nnever reached"
    shown = redactor.redact(text)
    assert shown.startswith(f"a {MASK}\nbbb")
    assert "never reached" not in shown


def test_a_bad_mask_pattern_is_refused_with_a_reason() -> None:
    redactor = Redactor((), [r"(a)\1", "fine-[0-9]"])
    assert redactor.redact("fine-7") == MASK
    assert "pattern 1 cannot be read by RE2" in redactor.refused[0]


PARTS = [*"ab: =@/.-_\n", TOKEN, TOKEN[3:20], "ghs_", "eyJ", "token", MASK]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
@settings(max_examples=150)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    redactor = Redactor([Secret(TOKEN)])
    once = redactor.redact(text)
    assert redactor.redact(once) == once


WORDS = ["e", "d", "redacted", r"\[", r"\]", r"d\]", "[a-z]+", "^.", ".$", "a|e", ".*", r"\\"]


@pytest.mark.parametrize("expression", WORDS)
@pytest.mark.parametrize(
    "text",
    [
        "the deployment failed",
        f"a {MASK} e",
        "e" * 500,
        r"of \[redacted\] and de]",
        "https://x/%5Bredacted%5D/e",
        "a\nb\n\n[red",
    ],
)
def test_t38_a_pattern_that_matches_a_part_of_the_mask_does_not_feed_on_it(
    expression: str, text: str
) -> None:
    redactor = Redactor((), [expression])
    once = redactor.redact(text)
    again = redactor.redact(once)
    assert len(again) <= len(once)
    assert len(once) <= len(MASK) * len(text)
    assert redactor.redact(again) == again


@pytest.mark.parametrize("value", ["redacted", "redacted]", MASK])
def test_a_value_that_is_a_part_of_the_mask_is_refused(value: str) -> None:
    redactor = Redactor([Secret(value)])
    assert redactor.redact(f"a redacted {MASK}") == f"a redacted {MASK}"
    assert redactor.refused == ("a value is a part of the mask itself",)


def test_a_span_over_a_whole_mask_is_masked_with_it() -> None:
    assert Redactor((), [r"key=\S+"]).redact(f"key={MASK}rest of it") == f"{MASK} of it"


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_any_text_can_be_redacted_and_holds_no_known_secret(text: str) -> None:
    assert TOKEN not in redacted(f"{text}{TOKEN}{text}", TOKEN)


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("a plain text", []),
        (f"x {TOKEN} y", [TOKEN]),
        ("password: hunter2hunter2x and more", ["hunter2hunter2x"]),
        ("https://user:pa55word@host/", ["pa55word"]),
        ("eyJhbGciOiJIUzI1NiJ9 is no JSON web token", []),
        (f"{TRICKY} twice {TRICKY}", [TRICKY, TRICKY]),
        ("first line\nseen-1234 is the user's own", ["seen-1234"]),
    ],
)
def test_spans_say_where_secrets_stand(text: str, secrets: list[str]) -> None:
    redactor = Redactor([Secret(TRICKY)], [r"seen-[0-9]{4}"])
    assert [text[start:end] for start, end in redactor.spans(text)] == secrets


@given(
    st.lists(st.sampled_from([TOKEN, TRICKY, "plain", " ", "\n", "token=", "Bearer "]), max_size=8)
)
def test_spans_are_what_is_masked(parts: list[str]) -> None:
    text, redactor = "".join(parts), Redactor([Secret(TRICKY)])
    spans = redactor.spans(text)
    assert bool(spans) is (MASK in redactor.redact(text))
    assert spans == sorted(spans)


def test_a_pattern_that_takes_too_long_takes_all_that_is_left() -> None:
    ticks = itertools.count(step=2.5)
    redactor = Redactor([], ["[a-z]+1"], monotonic=lambda: next(ticks))
    assert redactor.spans("one two\nthree") == [(0, 7), (8, 13)]
