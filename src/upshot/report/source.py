"""Where in the repository a line of the user's program is, and its address on GitHub.

Logs name files as the runner saw them. Only a plain relative path becomes a link (threat T40).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from upshot.model import Run, SourceLocation


@lru_cache(maxsize=1)
def _checkout() -> re.Pattern[str]:
    """What GitHub's runners, and a container on them, put before a repository's path."""
    return re.compile(
        r"(?:file://)?(?:/github/workspace/|/__w/[^/]+/[^/]+/|(?:/[^/]+){1,6}?/_?work/[^/]+/[^/]+/"
        r"|[A-Za-z]:/a/[^/]+/[^/]+/)"
    )


def path_in_repository(location: SourceLocation) -> SourceLocation:
    """The location with a path relative to the checkout, where the runner's prefix shows it."""
    path = location.file[:1_000].replace("\\", "/")
    match = _checkout().match(path)
    path = path[match.end() :] if match else path
    return SourceLocation(path.removeprefix("./") or location.file, location.line)


def source_url(location: SourceLocation, run: Run) -> str:
    """The line on GitHub at the commit of the report, or empty when that cannot be known."""
    path = location.file
    is_plain = re.fullmatch(r"[\w.@+-][\w.@+ /-]{0,400}", path) is not None
    if not is_plain or ".." in path.split("/") or "//" in path or location.line < 1:
        return ""
    if not (run.server_url and run.repository and run.sha):
        return ""
    return f"{run.server_url}/{run.repository}/blob/{run.sha}/{quote(path)}#L{location.line}"
