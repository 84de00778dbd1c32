"""A file for one secret, which only a later step of the job can read.

What another step put in its place is neither written nor followed (`runner.places`; threats T37, T66).
Reports lie in another folder, which jobs hand on as an artifact: a token must not go with them.
"""

from __future__ import annotations

from upshot.runner.places import GiveTo, write_file
from upshot.secret import Secret

FOLDER = "upshot-secrets"


def write_token_file(
    temp: str, key: str, name: str, secret: Secret, *, give_to: GiveTo | None = None
) -> str:
    """Writes the secret alone to `upshot-secrets/<key>/<name>` below `temp` (RUNNER_TEMP), mode 0600.

    Returns that relative path: a container's path is not the host's. `key` and `name` are ours (ids).
    `give_to` changes the owner of a descriptor; the system's own unless given. Raises OSError as `places.write_file` does.
    """
    relative = f"{FOLDER}/{key}/{name}"
    write_file(f"{temp}/{relative}", secret.reveal().encode(), mode=0o600, give_to=give_to)
    return relative
