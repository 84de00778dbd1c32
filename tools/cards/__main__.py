"""Pictures of what Teams and Slack would show: build/gallery/teams-*.png, build/gallery/slack-*.png.

Messages of real runs: each scenario is run by its entry point, with both chats beside its own inputs.
Microsoft's own renderer (npm `adaptivecards`) draws the cards, npm `slack-blocks-to-jsx` the blocks; headless
Chromium takes the pictures. `make cards` installs both.

    python -m tools.cards            the scenarios `teams` and `slack`
    python -m tools.cards NAME ...   these
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
OUT: Final = ROOT / "build" / "gallery"
WIDTH, HEIGHT = 680, 760
PAGE: Final = '<!doctype html><meta charset="utf-8"><body style="width: 640px; margin: 12px">'
INPUTS: Final = {
    "teams-webhook-url": "${{ sandbox.teams }}",
    "slack-webhook-url": "${{ sandbox.slack }}",
    "announce-on": "always",
}


class Renderer(NamedTuple):
    """What draws a chat's messages: a program for node, and the packages that it needs."""

    program: Path
    modules: Path


RENDERERS: Final = {
    "teams": Renderer(
        ROOT / "tests" / "judges" / "chats" / "cards.mjs",
        ROOT / "build" / "judges" / "node_modules",
    ),
    "slack": Renderer(
        ROOT / "tools" / "cards" / "slack.mjs", ROOT / "build" / "cards" / "node_modules"
    ),
}


def find_messages(scenario: str) -> dict[str, Any]:
    """Chat -> what a run of the scenario has sent there."""
    from upshot_sandbox.runner import run_action
    from upshot_sandbox.scenario import load_scenario
    from upshot_sandbox.server import Sandbox

    with Sandbox(load_scenario(scenario)) as sandbox, tempfile.TemporaryDirectory() as folder:
        result = run_action(sandbox, Path(folder), inputs=INPUTS)
    sent = {message.to: message.body for message in result.messages}
    return {"teams": sent["teams"]["attachments"][0]["content"], "slack": sent["slack"]}


def draw(chat: str, message: dict[str, Any], picture: Path) -> None:
    page = picture.with_suffix(".html")
    program, modules = RENDERERS[chat]
    subprocess.run(
        [str(Path(sys.executable).with_name("node")), str(program), str(page)],
        input=json.dumps(message),
        env=os.environ | {"UPSHOT_MODULES": str(modules)},
        text=True,
        check=True,
    )
    page.write_text(PAGE + page.read_text(encoding="utf-8"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    size = f"--window-size={WIDTH},{HEIGHT}"
    command = ["chromium", *options, size, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def main(names: list[str]) -> int:
    missing = [chat for chat, renderer in RENDERERS.items() if not renderer.modules.is_dir()]
    if missing:
        sys.exit(f"cards: what draws {' and '.join(missing)} is not installed: run make cards")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or ["teams", "slack"]:
        for chat, message in find_messages(name).items():
            picture = OUT / f"{chat}-{name}.png"
            draw(chat, message, picture)
            print(picture.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
