"""Where a line of the user's program is in the repository, and its address on GitHub.

Logs hold the paths of the runner's machine. Only a plain relative path becomes a link (threat T40).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from upshot.model import Run, SourceLocation


@lru_cache(maxsize=1)
def _checkout() -> re.Pattern[str]:
    """The folders before a repository's path on GitHub's runners and in their containers."""
    return re.compile(
        r"(?:file://)?(?:/github/workspace/|/__w/[^/]+/[^/]+/|(?:/[^/]+){1,6}?/_?work/[^/]+/[^/]+/"
        r"|[A-Za-z]:/a/[^/]+/[^/]+/)"
    )


def path_in_repository(location: SourceLocation) -> SourceLocation:
    """The location with its path relative to the checkout, when it is in a runner's checkout."""
    path = location.file[:1_000].replace("\\", "/")
    match = _checkout().match(path)
    path = path[match.end() :] if match else path
    return SourceLocation(path.removeprefix("./") or location.file, location.line)


def source_url(location: SourceLocation, run: Run) -> str:
    """The line on GitHub at the report's commit; empty when the path or the commit is not known."""
    path = location.file
    is_plain = re.fullmatch(r"[\w.@+-][\w.@+ /-]{0,400}", path) is not None
    if not is_plain or ".." in path.split("/") or "//" in path or location.line < 1:
        return ""
    if not (run.server_url and run.repository and run.sha):
        return ""
    return f"{run.server_url}/{run.repository}/blob/{run.sha}/{quote(path)}#L{location.line}"
