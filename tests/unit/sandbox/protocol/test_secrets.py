"""Secrets: encrypted and decrypted by the service, for their stack alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.plain_cli import PlainCli

if TYPE_CHECKING:
    from tests.unit.sandbox.protocol.conftest import Desk

Sit = Callable[..., "Desk"]


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_value_comes_back_and_its_cipher_shows_nothing(desk: Sit) -> None:
    at = desk()
    post, stack = at.clients.cloud.post, at.cli.stack
    closed = post(f"{stack}/encrypt", json={"plaintext": packed("hunter2")}).json()["ciphertext"]
    assert b"hunter2" not in base64.b64decode(closed)
    opened = post(f"{stack}/decrypt", json={"ciphertext": closed}).json()
    assert opened == {"plaintext": packed("hunter2")}


def test_a_value_has_one_cipher_a_stack(desk: Sit) -> None:
    at = desk()
    post = at.clients.cloud.post
    other = PlainCli(at.clients.cloud, "other")
    other.make()
    found = [
        post(f"{stack}/encrypt", json={"plaintext": packed("x")}).json()["ciphertext"]
        for stack in (at.cli.stack, at.cli.stack, other.stack)
    ]
    assert found[0] == found[1] != found[2]


def test_many_at_once_in_their_order_and_by_their_cipher(desk: Sit) -> None:
    at = desk()
    post, stack = at.clients.cloud.post, at.cli.stack
    texts = [packed("a"), packed(""), packed("ü" * 1_000)]
    closed = post(f"{stack}/batch-encrypt", json={"plaintexts": texts}).json()["ciphertexts"]
    opened = post(f"{stack}/batch-decrypt", json={"ciphertexts": closed}).json()["plaintexts"]
    assert opened == dict(zip(closed, texts, strict=True))


def test_the_cipher_of_another_stack_or_of_nobody_is_refused(desk: Sit) -> None:
    at = desk()
    post = at.clients.cloud.post
    other = PlainCli(at.clients.cloud, "other")
    other.make()
    closed = post(f"{other.stack}/encrypt", json={"plaintext": packed("x")}).json()["ciphertext"]
    for cipher in (closed, packed("nobody's"), ""):
        assert post(f"{at.cli.stack}/decrypt", json={"ciphertext": cipher}).status_code == 400
    assert post(f"{at.cli.stack}/decrypt", json={"ciphertext": "%"}).status_code == 400
    assert post(f"{at.cli.stack}/encrypt", json={"plaintext": 7}).status_code == 400


def test_other_providers_decryptions_are_noted(desk: Sit) -> None:
    at = desk()
    path = f"{at.cli.stack}/decrypt/log-batch-decryption"
    body = {"commandName": "stack output"}
    assert at.clients.cloud.post(path, json=body).status_code == 204
