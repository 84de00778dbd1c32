"""Secrets of a stack: the service's own key encrypts and decrypts them, one or many at a time.

Source: `httpstate/client/client.go` of the shipped client 3.274.1; bytes travel as Base64, and a batch
is answered by a map whose keys are the Base64 of what was sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import read_exactly, stack_of
from upshot_sandbox.cloud.protocol.state import Name
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}"


class Plain(Struct, frozen=True):
    plaintext: bytes = b""


class Plains(Struct, frozen=True):
    plaintexts: list[bytes] = []


class Cipher(Struct, frozen=True):
    ciphertext: bytes


class Ciphers(Struct, frozen=True):
    ciphertexts: list[bytes] = []


class Decryption(Struct, frozen=True, rename="camel"):
    """What is said when another provider's secret was decrypted."""

    secret_name: str = ""
    command_name: str = ""


def routes(world: World) -> Sequence[web.RouteDef]:
    async def encrypt(request: web.Request) -> web.Response:
        box = _box(stack_of(world, request))
        body = await read_exactly(request, Plain, world)
        return web.json_response({"ciphertext": _closed(box, body.plaintext)})

    async def batch_encrypt(request: web.Request) -> web.Response:
        box = _box(stack_of(world, request))
        body = await read_exactly(request, Plains, world)
        return web.json_response({"ciphertexts": [_closed(box, one) for one in body.plaintexts]})

    async def decrypt(request: web.Request) -> web.Response:
        box = _box(stack_of(world, request))
        body = await read_exactly(request, Cipher, world)
        return web.json_response({"plaintext": _opened(box, body.ciphertext)})

    async def batch_decrypt(request: web.Request) -> web.Response:
        box = _box(stack_of(world, request))
        body = await read_exactly(request, Ciphers, world)
        found = {base64.b64encode(one).decode(): _opened(box, one) for one in body.ciphertexts}
        return web.json_response({"plaintexts": found})

    async def noted(request: web.Request) -> web.Response:
        stack_of(world, request)
        await read_exactly(request, Decryption, world)
        return web.Response(status=204)

    return [
        web.post(f"{_STACK}/encrypt", encrypt),
        web.post(f"{_STACK}/batch-encrypt", batch_encrypt),
        web.post(f"{_STACK}/decrypt", decrypt),
        web.post(f"{_STACK}/batch-decrypt", batch_decrypt),
        web.post(f"{_STACK}/decrypt/log-decryption", noted),
        web.post(f"{_STACK}/decrypt/log-batch-decryption", noted),
    ]


def _box(name: Name) -> SecretBox:
    return SecretBox(hashlib.sha256("/".join(("sandbox", *name)).encode()).digest())


def _closed(box: SecretBox, plaintext: bytes) -> str:
    """The same for the same value: the CLI encrypts a state twice and compares the two."""
    nonce = hashlib.blake2b(plaintext, key=bytes(box), digest_size=SecretBox.NONCE_SIZE).digest()
    return base64.b64encode(box.encrypt(plaintext, nonce)).decode()


def _opened(box: SecretBox, ciphertext: bytes) -> str:
    try:
        return base64.b64encode(box.decrypt(ciphertext)).decode()
    except CryptoError as error:
        raise refuse(400, "Bad Request: this ciphertext is not of this stack") from error
