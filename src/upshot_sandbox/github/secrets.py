"""Secrets of a repository and of its environments: a public key, and values that only we can open."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from msgspec import Struct, field
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from upshot_sandbox.github.access import in_repository, must_write, refuse
from upshot_sandbox.wire import line_of, read_body
from upshot_sandbox.world import World

_NAME: Final = re.compile(r"(?!GITHUB_|[0-9])[A-Z0-9_]+", re.IGNORECASE)
KEY_ID: Final = "568250167242549743"


class Vault(Struct):
    """What is stored: `world.extensions["secrets"]`. Tests name the environments that exist."""

    environments: set[str] = field(default_factory=lambda: {"production"})
    stored: dict[tuple[str, str], str] = field(default_factory=dict)
    """(environment or empty, name in capitals) -> value, opened."""


class _Sealed(Struct):
    encrypted_value: str
    key_id: str


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    vault: Vault = world.extensions.setdefault("secrets", Vault())
    private = PrivateKey(hashlib.sha256(b"sandbox secrets").digest())
    repository = f"{prefix}/repos/{{owner}}/{{repo}}"

    async def public_key(request: web.Request) -> web.Response:
        _admit(world, vault, request)
        key = base64.b64encode(bytes(private.public_key)).decode()
        return web.json_response({"key_id": KEY_ID, "key": key})

    async def store(request: web.Request) -> web.Response:
        environment = _admit(world, vault, request)
        body = await read_body(request, _Sealed, world.journal)
        name = request.match_info["name"]
        if not _NAME.fullmatch(name):
            raise refuse(422, "Secret names can only contain alphanumeric characters ([a-z], [A-Z], "
                         "[0-9]) or underscores (_).")  # fmt: skip
        if body.key_id != KEY_ID:
            raise refuse(422, "The key ID does not match the current public key")
        try:
            value = SealedBox(private).decrypt(
                base64.b64decode(body.encrypted_value, validate=True)
            )
        except (CryptoError, ValueError) as error:
            world.journal.violation(line_of(request), "the value is not sealed with our key")
            raise refuse(422, "Bad value for encrypted_value") from error
        is_new = (environment, name.upper()) not in vault.stored
        vault.stored[environment, name.upper()] = value.decode()
        return web.json_response({}, status=201) if is_new else web.Response(status=204)

    found = []
    for folder in ("actions/secrets", "environments/{environment}/secrets"):
        found.append(web.get(f"{repository}/{folder}/public-key", public_key))
        found.append(web.put(f"{repository}/{folder}/{{name}}", store))
    return found


def _admit(world: World, vault: Vault, request: web.Request) -> str:
    """The environment of the path, empty for the repository. A job's own token never may."""
    access = in_repository(world, request)
    environment = request.match_info.get("environment", "")
    must_write(access, "environments" if environment else "secrets")
    if environment and environment not in vault.environments:
        raise refuse(404, "Not Found")
    return environment
