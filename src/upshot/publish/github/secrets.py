"""Stores a value as a secret of a repository or of an environment, sealed before it leaves.

GitHub gives a public key (REST, "Actions secrets"); only GitHub can open what is sealed with it. The
key is read first: a token without the permission, or a missing environment, is found before anything
is made that needs the secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.inputs.secret_name import NAME, SecretName
from upshot.lenient import as_dict
from upshot.secret import Secret

_REFUSED = frozenset({401, 403, 404})


class Repository(Protocol):
    """The part of `client.GitHub` that is used here."""

    def get(self, path: str, *, doing: str) -> Any: ...
    def put(self, path: str, body: Mapping[str, Any], *, doing: str) -> Any: ...


class SecretStore(Struct, frozen=True):
    """Where one secret goes, and the key that it is sealed with."""

    name: SecretName
    key_id: str
    key: str
    """Base64 of 32 bytes: a public key of Curve25519."""


def open_store(github: Repository, name: SecretName) -> SecretStore:
    """Asks for the public key; nothing is changed. Raises GitHubError."""
    doing = f"read the public key for the secret {str(name)!a}"
    try:
        found = as_dict(github.get(f"{_folder(name)}/public-key", doing=doing))
    except GitHubError as error:
        fault = _with_advice(error, name)
    else:
        key, key_id = (found.get(part) for part in ("key", "key_id"))
        if isinstance(key, str) and isinstance(key_id, str | int):
            _seal(key, "")
            return SecretStore(name, str(key_id), key)
        fault = _unreadable()
    raise fault


def store_secret(github: Repository, store: SecretStore, value: Secret) -> None:
    """Creates or replaces the secret. May be done twice, so it is repeated. Raises GitHubError."""
    sealed = _seal(store.key, value.reveal())
    body = {"encrypted_value": sealed, "key_id": store.key_id}
    path = f"{_folder(store.name)}/{store.name.name}"
    try:
        github.put(path, body, doing=f"store the secret {str(store.name)!a}")
        return
    except GitHubError as error:
        fault = _with_advice(error, store.name)
    raise fault


def _folder(name: SecretName) -> str:
    if name.environment:
        return f"environments/{quote(name.environment, safe='')}/secrets"
    return "actions/secrets"


def _seal(key: str, value: str) -> str:
    from github.PublicKey import encrypt

    try:
        return encrypt(key, value)
    except (ValueError, TypeError, RuntimeError):  # PyNaCl's own errors are of these, too
        raise _unreadable() from None


def _unreadable() -> GitHubError:
    return GitHubError(
        "GitHub sent something else than a public key",
        hint="GitHub must act if every run says this; leave `account-secret` out meanwhile.",
        anchor="account-secret",
    )


def _with_advice(error: GitHubError, name: SecretName) -> GitHubError:
    """What a refusal means here: the job's own token can never store a secret."""
    if error.status not in _REFUSED or error.anchor == "github-rate-limit":
        return error
    right = "Environments" if name.environment else "Secrets"
    there = f", and that the environment {name.environment!a} exists" * bool(name.environment)
    return GitHubError(
        error.message,
        status=error.status,
        hint="The workflow's author must act: the job's own token cannot store secrets, whatever "
        "its permissions. Give `github-token` a token of a GitHub App, or a fine-grained personal "
        f'access token, with the repository permission "{right}: Read and write"{there}; or '
        f"leave `{NAME}` out and use the file.",
        anchor="account-secret",
    )
