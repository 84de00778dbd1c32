"""The actions that examples and docs use: one version of each, its commit pinned, in one table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
USED: Final = re.compile(r"uses: ([\w.-]+/[\w./-]+)@(\S+)(?: # (v[\d.]+))?")
VERSIONS: Final = {
    "actions/checkout": 6,
    "actions/download-artifact": 7,
    "actions/upload-artifact": 7,
    "pulumi/actions": 6,
    "pulumi/auth-actions": 1,
}
"""Action -> major version. A new one is written here first, then in every example."""
PAGES: Final = sorted(
    [*(ROOT / "examples").glob("*.yml"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
)


def used(path: Path) -> list[tuple[str, str, str]]:
    """(action, commit, version) of every action but Upshot itself."""
    found = USED.findall(path.read_text("utf-8"))
    return [each for each in found if not each[0].startswith("pulumi-upshot/upshot")]


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_each_action_is_pinned_to_a_version_of_the_table(path: Path) -> None:
    for action, commit, version in used(path):
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action}@{commit} is no commit"
        assert version.startswith(f"v{VERSIONS[action]}."), f"{action} {version}"


def test_each_action_has_one_commit_everywhere() -> None:
    pins = {(action, commit, version) for path in PAGES for action, commit, version in used(path)}
    assert sorted(action for action, _, _ in pins) == sorted(VERSIONS)
