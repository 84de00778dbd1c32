"""`act` runs workflows on the real action.yml and Dockerfile; started by tools/judges/act.py."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace
from tests.judges.conftest import BIN
from tests.process.examples import FOLDER

from upshot_sandbox.machine import ROOT
from upshot_sandbox.scenario import EventPlan, load_scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

QUESTION: Final = "Would the random suffix change when we run it again?"
LISTED: Final = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
REFUSED: Final = """\
on: workflow_dispatch
jobs:
  explain:
    runs-on: ubuntu-latest
    steps:
      - uses: pulumi-upshot/upshot@v1
        id: upshot
        continue-on-error: true
        with:
          mode: explian
      - run: echo "$OUTCOME because $REASON"
        env:
          OUTCOME: ${{ steps.upshot.outcome }}
          REASON: ${{ steps.upshot.outputs.reason-code }}
"""


WITHOUT_DOCKER: Final = """\
on: {workflow_dispatch: {inputs: {question: {type: string}}}}
jobs:
  ask:
    runs-on: ubuntu-latest
    steps:
      - uses: pulumi-upshot/upshot/composite@v1
        id: upshot
        if: always()
        with:
          mode: ask
          cloud-url: CLOUD
          console-url: https://app.pulumi.com
          prompt: ${{ inputs.question }}
          pr-number: 7
          stack-name: acme/web/prod
          pulumi-access-token: ${{ secrets.PULUMI_ACCESS_TOKEN }}
          labels: true
      - run: echo "answer=$ANSWER"
        env:
          ANSWER: ${{ steps.upshot.outputs.answer }}
"""


class Act:
    """Runs a workflow of a checkout whose GitHub and Pulumi Cloud are the sandbox's."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._checkout = folder / "checkout"
        self._action = folder / "action"
        self._home = folder / "home"
        for name in self._git(ROOT, *LISTED).split("\0"):
            if (ROOT / name).is_file():
                target = self._action / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)

    def run(
        self,
        workflow: str,
        inputs: Mapping[str, str] | None = None,
        *,
        is_in_container: bool = True,
    ) -> tuple[int, str]:
        """Exit code and log of a `workflow_dispatch`; its job runs in a container, or right here."""
        world = self.sandbox.world
        path = self._checkout / ".github" / "workflows" / "run.yml"
        path.parent.mkdir(parents=True)
        path.write_text(workflow, encoding="utf-8")
        event = self._checkout / "event.json"
        event.write_text(json.dumps({"inputs": dict(inputs or {})}), encoding="utf-8")
        self._git(self._checkout, "init", "--quiet", "--initial-branch=main")
        self._git(self._checkout, "remote", "add", "origin", "https://github.com/acme/shop.git")
        self._git(self._checkout, "add", "--all")
        author = ["-c", "user.name=judge", "-c", "user.email=judge@localhost"]
        self._git(self._checkout, *author, "commit", "--quiet", "--message=Run")
        image = os.environ["UPSHOT_ACT_IMAGE"] if is_in_container else "-self-hosted"
        # Right here pip needs what HOME says of its index.
        home = {"HOME": str(self._home)} if is_in_container else {}
        done = subprocess.run(
            [
                str(BIN / "act"),
                "workflow_dispatch",
                "--workflows=.github/workflows/run.yml",
                f"--eventpath={event}",
                f"--platform=ubuntu-latest={image}",
                f"--local-repository=pulumi-upshot/upshot@v1={self._action}",
                "--pull=false",
                "--rm",
                "--network=host",
                "--container-daemon-socket=-",
                f"--secret=PULUMI_ACCESS_TOKEN={world.cloud.workflow_token}",
                f"--secret=GITHUB_TOKEN={world.github.workflow_token}",
                f"--env=GITHUB_API_URL={world.github_url}",
                f"--env=GITHUB_GRAPHQL_URL={world.github_url}/graphql",
            ],
            cwd=self._checkout,
            env={**os.environ, **home, "XDG_CACHE_HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        return done.returncode, done.stdout

    def _git(self, folder: Path, *arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


@pytest.fixture
def act(tmp_path: Path) -> Iterator[Act]:
    scenario: Any = load_scenario("ask")
    event = EventPlan(name="workflow_dispatch")
    scenario = replace(scenario, event=event, cloud=replace(scenario.cloud, project="web"))
    with Sandbox(scenario) as sandbox:
        yield Act(sandbox, tmp_path)


def test_an_example_runs_as_it_is_but_for_pulumi_clouds_address(act: Act) -> None:
    sandbox = act.sandbox
    example = (FOLDER / "ask.yml").read_text("utf-8")
    address = f"cloud-url: {sandbox.cloud_url}\n          console-url: https://app.pulumi.com"
    workflow = example.replace("mode: ask\n", f"mode: ask\n          {address}\n")
    assert workflow != example
    code, log = act.run(workflow, {"question": QUESTION, "pr-number": "7"})
    assert code == 0, log
    (comment,) = [comment.body for comment in sandbox.world.github.by_bot()]
    assert "chooses the suffix once" in comment
    assert "answer=No. Pulumi chooses the suffix once" in log
    assert sandbox.world.journal.violations == []
    for token in (sandbox.world.cloud.workflow_token, sandbox.world.github.workflow_token):
        assert token not in log


def test_the_composite_action_runs_without_a_container(act: Act) -> None:
    sandbox = act.sandbox
    code, log = act.run(
        WITHOUT_DOCKER.replace("CLOUD", sandbox.cloud_url),
        {"question": QUESTION},
        is_in_container=False,
    )
    assert code == 0, log
    (comment,) = [comment.body for comment in sandbox.world.github.by_bot()]
    assert "chooses the suffix once" in comment
    assert "answer=No. Pulumi chooses the suffix once" in log
    assert sandbox.world.github.pull_labels == {"upshot:failed"}
    assert sandbox.world.journal.violations == []
    for token in (sandbox.world.cloud.workflow_token, sandbox.world.github.workflow_token):
        assert token not in log


def test_its_last_step_runs_after_one_that_failed(act: Act) -> None:
    refused = REFUSED.replace("upshot@v1", "upshot/composite@v1")
    code, log = act.run(refused, is_in_container=False)
    assert code == 0, log
    assert "failure because bad-input" in log
    assert re.search(r"Success - Main exec bash .*/start\.sh\" post", log)


def test_a_wrong_input_fails_the_step_and_says_why(act: Act) -> None:
    code, log = act.run(REFUSED)
    assert code == 0, log
    assert "failure because bad-input" in log
    assert "explian" in log
    assert act.sandbox.world.journal.requests == []
