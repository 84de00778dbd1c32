"""Who the access token belongs to, and the organization that is meant when none is named.

Source: service description (`/api/user`), shipped client 3.259 (default organization).
"""

from __future__ import annotations

from msgspec import Struct

from upshot.errors import PulumiNotFound
from upshot.pulumi.calls import Call, decode_json
from upshot.pulumi.lenient import as_dict, as_list, as_text
from upshot.pulumi.transport import CloudClient


class User(Struct, frozen=True):
    login: str = ""
    organizations: tuple[str, ...] = ()
    is_machine_token: bool = False
    """An organization or team token: Neo tasks run as a person, so a personal one is safer."""


def get_user(client: CloudClient) -> User:
    """The token's owner. Raises PulumiError; PulumiAuthError for a token that is not valid."""
    reply = as_dict(decode_json(client.send(Call(path="/api/user")), object))
    organizations = (as_dict(one) for one in as_list(reply.get("organizations")))
    token = as_dict(reply.get("tokenInfo"))
    return User(
        login=as_text(reply.get("githubLogin")),
        organizations=tuple(filter(None, (as_text(o.get("githubLogin")) for o in organizations))),
        is_machine_token=bool(as_text(token.get("organization")) or as_text(token.get("team"))),
    )


def find_default_organization(client: CloudClient) -> str:
    """The organization that the service takes by default; empty when it does not say.

    The shipped client's reply has no declared spelling for the key, so case is not looked at.
    """
    try:
        response = client.send(Call(path="/api/user/organizations/default"))
    except PulumiNotFound:
        return ""
    reply = {key.lower(): value for key, value in as_dict(decode_json(response, object)).items()}
    return as_text(reply.get("organization")) or as_text(reply.get("githublogin"))
