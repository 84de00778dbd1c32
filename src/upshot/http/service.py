"""A service as a value: what every request to it carries, and what its refusals mean.

One transport serves them all: Pulumi Cloud, GitHub's token service, a workflow builder, a webhook.
Must not know HTTP clients, nor what a service is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct, field

from upshot import __version__
from upshot.errors import InputError, ServiceError
from upshot.secret import Secret, is_token

USER_AGENT: Final = f"upshot/{__version__}"


class Refusal(Struct, frozen=True):
    """What an HTTP status means when one service sends it."""

    kind: type[ServiceError]
    found: str
    """What was found, as the start of a sentence: `Pulumi Cloud refused the access token`."""
    hint: str
    """Who acts first, and how: `The owner of the token must act: …`, `No action needed: …`."""
    anchor: str = ""
    """Heading of docs/troubleshooting.md; empty for the service's, else the error's own."""


def _no_hint(body: Mapping[str, Any]) -> str:  # noqa: ARG001 - the form of `find_hint`
    return ""


class Service(Struct, frozen=True, kw_only=True):
    """Who is asked. Everything that messages say of a service comes from here."""

    name: str
    """How messages call it: `Pulumi Cloud`."""
    address_input: str
    """The input or variable that its address comes from; errors name it."""
    token_input: str
    """The same for its token."""
    accept: str = "application/json"
    """The `Accept` header, unless a call brings its own."""
    auth: Mapping[str, str] = field(default_factory=lambda: {"Authorization": "Bearer {}"})
    """Headers that carry the token; `{}` stands for it."""
    warning_header: str = ""
    """The header in which it warns its clients; empty when it has none."""
    request_id_header: str = ""
    """The header with the id that its support asks for; empty when it has none."""
    refusals: Mapping[int, Refusal] = {}
    """Its own words for a status; for any other the general ones of `faults` hold."""
    status_page: str = ""
    """Where its outages are announced."""
    anchor: str = ""
    """Heading of docs/troubleshooting.md for all errors; empty: each error's own."""
    is_path_secret: bool = False
    """The path is a right in itself, as with webhooks: no message shows it."""
    is_quoted: bool = True
    """Messages may show what it says; not of a host that anybody may have named (threat T68)."""
    find_hint: Callable[[Mapping[str, Any]], str] = _no_hint
    """Reads a better hint from the JSON object of a refusal; empty when there is none."""

    def headers(self, token: Secret | None) -> dict[str, str]:
        """What each request carries; the headers of `auth` only with a token.

        Raises InputError for a token that no header may hold, without showing it.
        """
        common = {"User-Agent": USER_AGENT, "Accept": self.accept, "Accept-Encoding": "gzip"}
        if not token:
            return common
        value = token.reveal()
        if not is_token(value):
            raise InputError(
                self.token_input,
                "a value with white space or characters that no token has (it is not shown)",
                "one line of printable ASCII",
            )
        return common | {name: form.format(value) for name, form in self.auth.items()}
