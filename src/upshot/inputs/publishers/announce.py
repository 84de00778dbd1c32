"""The inputs of the chats and the webhook. Pure; loaded only where an address is given.

Each address is a secret: whoever has it may post. It is never shown (threat T68).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from upshot.address import LONGEST, is_ip_address, is_loopback
from upshot.errors import InputError
from upshot.inputs.reader import Reader
from upshot.secret import Secret

SLACK_HOSTS: Final = ("hooks.slack.com",)
TEAMS_HOSTS: Final = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com")
"""Connectors, and the two forms of the addresses of Workflows; each is a suffix."""
_GIVE_AGAIN: Final = "Store the address again: gh secret set NAME --body 'ADDRESS'"
_HTTPS: Final = 443


class AnnounceOn(StrEnum):
    """When a message is sent."""

    FAILURE = "failure"
    VERDICT_CHANGE = "verdict-change"
    ALWAYS = "always"


class AnnounceInputs(Struct, frozen=True):
    on: AnnounceOn = AnnounceOn.FAILURE
    slack: Secret | None = None
    teams: Secret | None = None
    webhook: Secret | None = None
    webhook_secret: Secret | None = None


def parse_announce(read: Reader) -> AnnounceInputs:
    return AnnounceInputs(
        on=read.choice("announce-on", AnnounceOn.FAILURE),
        slack=_address(read, "slack-webhook-url", SLACK_HOSTS),
        teams=_address(read, "teams-webhook-url", TEAMS_HOSTS),
        webhook=_address(read, "webhook-url", ()),
        webhook_secret=read.secret("webhook-secret"),
    )


def _address(read: Reader, name: str, hosts: tuple[str, ...]) -> Secret | None:
    address = read.secret(name)
    if address is None:
        return None
    problem = address_problem(address.reveal(), hosts)
    if problem:
        given = "an address that no message may go to (it is not shown)"
        read.problems.append(InputError(name, given, problem, hint=_GIVE_AGAIN, stops=True))
        return None
    return address


def address_problem(text: str, hosts: tuple[str, ...]) -> str:
    """What an address must be that this one is not; empty where it is right.

    `hosts`: the host, or with a leading dot the end of it; empty for any public name.
    """
    such = f"https://{hosts[0].lstrip('.')}/…" if hosts else "https://HOST/…"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"an address such as {such}"
    if len(text) > LONGEST or set(text) & set('\\"<>^`{|}#') or "@" in parts.netloc or not host:
        return f"an address such as {such}"
    if is_loopback(host):
        return "" if parts.scheme in {"http", "https"} else f"an address such as {such}"
    if parts.scheme != "https" or port not in {None, _HTTPS}:
        return f"an address such as {such}, by https (plain http is for this machine only)"
    if not hosts:
        is_name = "." in host.strip(".") and not is_ip_address(text)
        return "" if is_name else "an address with a host name of more than one part"
    if any(host.endswith(end) if end.startswith(".") else host == end for end in hosts):
        return ""
    shown = ", ".join(f"*{end}" if end.startswith(".") else end for end in hosts)
    return f"an address at {shown}"
