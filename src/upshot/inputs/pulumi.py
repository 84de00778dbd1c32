"""How to reach Pulumi Cloud: the group of inputs about addresses and tokens."""

from __future__ import annotations

from collections.abc import Mapping

from upshot.inputs.choices import TokenType
from upshot.inputs.reader import DAY_S, Reader
from upshot.inputs.values import PulumiInputs
from upshot.subject import MANAGED_CONSOLE, console_origin

_SCOPES = {
    TokenType.ORGANIZATION: "admin, or nothing",
    TokenType.TEAM: "team:NAME",
    TokenType.PERSONAL: "user:LOGIN",
    TokenType.RUNNER: "runner:NAME",
}


def parse_pulumi(read: Reader, env: Mapping[str, str]) -> PulumiInputs:
    cloud_url = read.address("cloud-url", PulumiInputs().cloud_url)
    console_url = read.address("console-url")
    if cloud_url == MANAGED_CONSOLE:
        read.refuse(
            "cloud-url",
            cloud_url,
            "the address of the API",
            hint="app.pulumi.com is the console; the API is https://api.pulumi.com, the default.",
        )
    expiration_s = read.seconds("token-expiration", 0.0, at_most=DAY_S)
    return PulumiInputs(
        access_token=read.secret("pulumi-access-token", or_variable="PULUMI_ACCESS_TOKEN"),
        requested_token_type=_token_type(read),
        scope=read.text("scope"),
        token_expiration_s=round(expiration_s) or None,
        cloud_url=cloud_url,
        console_url=console_url,
        console=console_origin(cloud_url, console_url, env),
    )


def _token_type(read: Reader) -> TokenType | None:
    """The kind of token, and whether `scope` has the shape that this kind needs."""
    kind = read.optional_choice("requested-token-type", TokenType)
    if kind is None:
        return None
    scope, shape = read.text("scope"), _SCOPES[kind]
    if kind is TokenType.ORGANIZATION:
        fits = scope in {"", "admin"}
    else:
        prefix = shape.split(":")[0] + ":"
        fits = scope.startswith(prefix) and len(scope) > len(prefix) and " " not in scope
    if not fits:
        read.refuse("scope", scope, f"{shape} (for requested-token-type {kind})")
    return kind
