"""A line of the user's program becomes a link only where it surely is in the repository."""

from __future__ import annotations

import pytest

from upshot.model import Run, SourceLocation
from upshot.report.source import path_in_repository, source_url

RUN = Run("acme/web", "https://github.com", "1", sha="f" * 40)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/home/runner/work/web/web/infra/index.ts", "infra/index.ts"),
        ("/github/workspace/infra/index.ts", "infra/index.ts"),
        ("/__w/web/web/index.ts", "index.ts"),
        ("D:\\a\\web\\web\\Program.cs", "Program.cs"),
        ("file:///home/runner/work/web/web/index.ts", "index.ts"),
        ("/runner/_work/web/web/main.go", "main.go"),
        ("./main.go", "main.go"),
        ("infra/__main__.py", "infra/__main__.py"),
    ],
)
def test_the_runners_prefix_goes(given: str, path: str) -> None:
    assert path_in_repository(SourceLocation(given, 3)) == SourceLocation(path, 3)


def test_a_relative_path_is_linked_at_the_commit() -> None:
    url = source_url(SourceLocation("infra/index.ts", 14), RUN)
    assert url == f"https://github.com/acme/web/blob/{'f' * 40}/infra/index.ts#L14"


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/node_modules/x.js",
        "../../etc/passwd",
        "a/../b",
        "a](https://evil.example)",
        "",
        "a\nb",
        "a//b",
    ],
)
def test_t40_any_other_path_is_not_linked(path: str) -> None:
    assert source_url(SourceLocation(path, 1), RUN) == ""


def test_nothing_is_linked_without_a_commit_or_a_line() -> None:
    assert source_url(SourceLocation("a.ts", 1), Run("acme/web", "https://github.com", "1")) == ""
    assert source_url(SourceLocation("a.ts", 0), RUN) == ""
