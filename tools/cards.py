"""Pictures of what Teams would show: build/gallery/card-*.png.

Cards of real runs: each scenario that sends one is run by its entry point (`make try`), and Microsoft's own
renderer (npm `adaptivecards`, installed by `make judges`) draws it; headless Chromium takes the picture.

    python tools/cards.py            the scenarios `teams` and `slack`
    python tools/cards.py NAME ...   these, with a Teams webhook beside their own inputs
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "gallery"
MODULES = ROOT / "build" / "judges" / "node_modules"
DRAW = ROOT / "tests" / "judges" / "chats" / "cards.mjs"
WIDTH, HEIGHT = 680, 760
PAGE = '<!doctype html><meta charset="utf-8"><body style="width: 640px; margin: 12px">'
TEAMS = {"teams-webhook-url": "${{ sandbox.teams }}", "announce-on": "always"}


def find_card(scenario: str) -> dict[str, Any]:
    """The card that a run of the scenario has sent to Teams."""
    from upshot_sandbox.runner import run_action
    from upshot_sandbox.scenario import load_scenario
    from upshot_sandbox.server import Sandbox

    with Sandbox(load_scenario(scenario)) as sandbox, tempfile.TemporaryDirectory() as folder:
        result = run_action(sandbox, Path(folder), inputs=TEAMS)
    [sent] = [message.body for message in result.messages if message.to == "teams"]
    card: dict[str, Any] = sent["attachments"][0]["content"]
    return card


def draw(card: dict[str, Any], picture: Path) -> None:
    page = picture.with_suffix(".html")
    subprocess.run(
        [str(Path(sys.executable).with_name("node")), str(DRAW), str(page)],
        input=json.dumps(card),
        env=os.environ | {"UPSHOT_MODULES": str(MODULES)},
        text=True,
        check=True,
    )
    page.write_text(PAGE + page.read_text(encoding="utf-8"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    size = f"--window-size={WIDTH},{HEIGHT}"
    command = ["chromium", *options, size, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def main(names: list[str]) -> int:
    if not MODULES.is_dir():
        sys.exit("cards: the renderer is not installed: run make judges")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or ["teams", "slack"]:
        picture = OUT / f"card-{name}.png"
        draw(find_card(name), picture)
        print(picture.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
