"""Builds the client for one repository's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from upshot import __version__
from upshot.address import origin, parse_base_url
from upshot.errors import GitHubError
from upshot.publish.github.client import GitHub
from upshot.secret import Secret
from upshot.timing import Deadline

if TYPE_CHECKING:
    from github.Requester import Requester

_NOT_FOLLOWED = (202, 300, 301, 302, 303, 305, 307, 308)
"""PyGithub follows 301 with the token, takes other redirects for replies, and asks again without
end on 202, which nothing that we read answers with."""


def connect(
    token: Secret,
    *,
    api_url: str,
    graphql_url: str,
    repository: str,
    deadline: Deadline,
    jitter: Callable[[], float],
) -> GitHub:
    """A client for `repository` (`owner/name`); makes no request yet.

    `api_url` and `graphql_url` are the runner's GITHUB_API_URL and GITHUB_GRAPHQL_URL, so that
    GitHub Enterprise Server works; an empty `graphql_url` is derived. Plain http is for loopback.
    Raises GitHubError when an address is not allowed, or when both do not have the same origin:
    the token belongs to that host only.
    """
    from github import Auth
    from github.Requester import Requester
    from urllib3.util.retry import Retry

    try:
        api_url = parse_base_url(api_url, with_path=True)
        if graphql_url and origin(parse_base_url(graphql_url, with_path=True)) != origin(api_url):
            raise GitHubError("GITHUB_API_URL and GITHUB_GRAPHQL_URL name different hosts")
    except ValueError as fault:
        raise GitHubError(f"GITHUB_API_URL or GITHUB_GRAPHQL_URL: allowed is {fault}") from None
    if not token:
        raise GitHubError("There is no 'github-token'", anchor="github-token")
    auth = Auth.Token(token.reveal())
    # urllib3's Retry is how requests is told to fail on a status instead of returning it.
    refuse = Retry(
        total=0,
        status_forcelist=_NOT_FOLLOWED,
        allowed_methods=None,
        respect_retry_after_header=False,
    )

    def make_requester(pause_s: int) -> Requester:
        return Requester(
            auth=auth,
            base_url=api_url,
            timeout=pause_s,
            user_agent=f"upshot/{__version__}",
            per_page=100,
            verify=True,
            retry=refuse,
            pool_size=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )

    return GitHub(
        make_requester,
        repository=repository,
        graphql_url=graphql_url or _graphql_path(api_url),
        deadline=deadline,
        jitter=jitter,
    )


def _graphql_path(api_url: str) -> str:
    """`https://api.github.com/graphql`, or `https://HOST/api/graphql` beside `/api/v3`."""
    path = urlsplit(api_url).path.removesuffix("/v3")
    return f"{origin(api_url)}{path}/graphql"
