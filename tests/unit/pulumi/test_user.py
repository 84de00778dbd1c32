"""Who the token belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from upshot.errors import PulumiAuthError
from upshot.pulumi.user import User, find_default_organization, get_user

if TYPE_CHECKING:
    from .conftest import MakeClient


def test_the_owner_and_their_organizations(make_client: MakeClient) -> None:
    reply = {"githubLogin": "ada", "organizations": [{"githubLogin": "acme"}, {"name": "?"}, 7]}
    client = make_client(lambda _: httpx.Response(200, json=reply))
    assert get_user(client) == User("ada", ("acme",))


def test_a_machine_token_is_told_apart(make_client: MakeClient) -> None:
    reply = {"githubLogin": "acme", "tokenInfo": {"name": "ci", "organization": "acme"}}
    assert get_user(make_client(lambda _: httpx.Response(200, json=reply))).is_machine_token


def test_a_token_that_is_not_valid_is_its_owners_business(make_client: MakeClient) -> None:
    with pytest.raises(PulumiAuthError, match="refused the access token"):
        get_user(make_client(lambda _: httpx.Response(401, json={"message": "Unauthorized"})))


@pytest.mark.parametrize(
    ("status", "reply", "organization"),
    [
        (200, {"Organization": "acme", "Messages": []}, "acme"),
        (200, {"gitHubLogin": "acme"}, "acme"),
        (200, {"organization": None}, ""),
        (404, {}, ""),
    ],
)
def test_the_default_organization_in_any_spelling(
    make_client: MakeClient, status: int, reply: object, organization: str
) -> None:
    client = make_client(lambda _: httpx.Response(status, json=reply))
    assert find_default_organization(client) == organization
