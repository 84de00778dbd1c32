"""Whether our own token's account wrote something on GitHub (T20, T70)."""

from __future__ import annotations

from typing import Final

from upshot.errors import GitHubError
from upshot.lenient import as_text, look
from upshot.publish.github.client import GitHub

_VIEWER: Final = "query Upshot { viewer { login } }"
_BOT: Final = "[bot]"
_ACTIONS: Final = f"github-actions{_BOT}"
"""The app whose token a job has. It may not always ask who it is."""


class Identity:
    """Asks GitHub once, and only when it must be known, whose the token is."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def is_ours(self, login: str, *, is_bot: bool, app: str = "") -> bool:
        """Whether an account, through an app where GitHub names one, is the token's.

        `app` is the slug of the app that wrote it, as REST tells. Any other bot than the token's
        own is a stranger, whatever marker its text has. Raises GitHubError where nobody answers.
        """
        own = self.own_login() or _ACTIONS
        if is_bot is not own.endswith(_BOT):  # a person may have the name of a bot
            return False
        name = login.removesuffix(_BOT)
        return name == own.removesuffix(_BOT) and app in {"", name if is_bot else ""}

    def own_login(self) -> str:
        """Whose token it is; empty where GitHub does not say."""
        if self._github.own_login is None:
            self._github.own_login = self._by_graphql() or self._by_rest()
        return self._github.own_login

    def _by_graphql(self) -> str:
        try:
            data = self._github.graphql(_VIEWER, {}, doing="read who we are")
        except GitHubError as error:
            if error.status in {0, 401}:
                raise
            return ""
        return as_text(look(data, "viewer", "login"))

    def _by_rest(self) -> str:
        if self._github.is_of_app:  # GitHub answers 403, and whoever answers otherwise is wrong
            return ""
        try:
            return as_text(look(self._github.get_user(doing="read who we are"), "login"))
        except GitHubError:
            return ""
