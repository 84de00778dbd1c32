"""A release changes the last layer and no other: a runner has the others already."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tools.image.engine import BASE, IMAGE
from tools.image.weigh import weigh

from upshot_sandbox.machine import ROOT

if TYPE_CHECKING:
    from tools.image.engine import Engine

pytestmark = pytest.mark.image

NEXT = "localhost/upshot:next"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """What the image is built of, with a line more in a module of ours."""
    names = [".dockerignore", "Dockerfile", "pyproject.toml", "README.md", "LICENSE"]
    for name in (*names, "entrypoint.py", "post.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("requirements", "rootfs", "src/upshot"):
        shutil.copytree(ROOT / name, tmp_path / name)
    with (tmp_path / "src/upshot/text.py").open("a", encoding="utf-8") as module:
        module.write("\nNEXT = 'a release'\n")
    return tmp_path


def test_a_change_of_our_code_alone_changes_the_last_layer_alone(
    engine: Engine, changed: Path
) -> None:
    engine.build(NEXT, changed, "--layers", f"--build-arg=BASE={BASE}")
    before = [layer.digest for layer in weigh(engine, IMAGE)]
    after = [layer.digest for layer in weigh(engine, NEXT)]
    assert len(before) == len(after) == 3
    assert after[:2] == before[:2]
    assert after[2] != before[2]
