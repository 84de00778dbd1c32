"""Reading inputs and the event is on the way to the first AI request: it loads little."""

from __future__ import annotations

import subprocess
import sys

import pytest

ROOMS = "import upshot.inputs, upshot.event, upshot.workspace, upshot.subject, sys"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Names of all modules after the rooms of reading were imported, in a fresh interpreter."""
    code = f"{ROOMS}; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    return set(shown.stdout.split())


@pytest.mark.parametrize(
    "heavy",
    ["argparse", "dataclasses", "difflib", "json", "pathlib", "tomllib", "urllib.request", "httpx"],
)
def test_nothing_heavy_is_imported(loaded: set[str], heavy: str) -> None:
    assert heavy not in loaded


def test_the_rest_of_upshot_stays_away(loaded: set[str]) -> None:
    rooms = {name.split(".")[1] for name in loaded if name.startswith("upshot.")}
    assert rooms == {
        "address",
        "errors",
        "event",
        "inputs",
        "lenient",
        "model",
        "registry",
        "secret",
        "subject",
        "text",
        "timing",
        "workspace",
    }
