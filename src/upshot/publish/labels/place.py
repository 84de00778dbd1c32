"""The labels on one pull request, by GitHub's interface; only ours are touched.

Wire: GitHub's REST description, `/repos/{owner}/{repo}/issues/{issue_number}/labels` (an issue has at
most 100) and `/repos/{owner}/{repo}/labels`, whose list may have thousands and is never read. Needs
`pull-requests: write`. Labels of one name in other case are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.lenient import as_text, look
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt
from upshot.verdict.labels import Label

_DOING: Final = "label the pull request"


class PullLabels:
    """Every method raises GitHubError."""

    def __init__(self, github: GitHub, number: int) -> None:
        self._github = github
        self._path = f"issues/{number}/labels"

    def read(self) -> dict[Label, str]:
        """Ours that are there, each with its name as GitHub writes it; anything else is left out."""
        items, _ = self._github.get_page(self._path, 1, doing="read the labels")
        names = {name.lower(): name for item in items if (name := as_text(look(item, "name")))}
        return {label: names[label.full_name] for label in Label if label.full_name in names}

    def add(self, labels: Iterable[Label]) -> None:
        """Puts them on; what the repository lacks is made first, in our colours."""
        titles = []
        for label in labels:
            self._make_sure_of(label)
            titles.append(label.full_name)
        body = {"labels": titles}
        self._github.post(self._path, body, doing=_DOING, is_repeatable=True)

    def remove(self, name: str) -> None:
        """Takes one off; it may be off already."""
        path = f"{self._path}/{quote(name, safe='')}"
        self._github.delete(path, doing="take a label off the pull request")

    def _make_sure_of(self, label: Label) -> None:
        """Without this GitHub would make it itself, grey and without a word about it."""
        try:
            self._github.get(f"labels/{quote(label.full_name, safe='')}", doing="look for a label")
        except GitHubError as error:
            if error.status != 404:  # noqa: PLR2004
                raise
        else:
            return
        body = {"name": label.full_name, "color": label.colour, "description": label.about}
        try:
            self._github.post("labels", body, doing="make a label")
        except InDoubt:
            return  # putting it on makes it, too
        except GitHubError as error:
            if error.status != 422:  # noqa: PLR2004 - another job has just made it
                raise
