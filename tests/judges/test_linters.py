"""The linters that users of Actions run find nothing, and whatever they are told to ignore has a reason."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from tests.judges.conftest import BIN, find_program

from upshot_sandbox.machine import ROOT

pytestmark = pytest.mark.judges

ACTION: Final = ["action.yml", "composite/action.yml"]
WORKFLOWS: Final = sorted(
    str(path.relative_to(ROOT))
    for folder in ("examples", ".github/workflows")
    for path in (ROOT / folder).glob("*.yml")
)
ISSUES: Final = ".github/ISSUE_TEMPLATE"
FORMS: Final = [f"{ISSUES}/{name}.yml" for name in ("bug", "diagnosis", "idea")]
DEPENDABOT: Final = [".github/dependabot.yml"]
CONFIGURED: Final = [".github/zizmor.yml", ".github/actionlint.yaml"]


def run(program: str, *arguments: str, folder: Path = ROOT) -> tuple[int, str]:
    """Exit code, and everything that it printed."""
    done = subprocess.run(
        [program, *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


def audit(*paths: str, folder: Path = ROOT) -> tuple[int, str]:
    options = ["--offline", "--quiet", "--no-progress", "--format=plain", "--strict-collection"]
    return run(find_program("zizmor"), *options, *paths, folder=folder)


def lint(*paths: str, folder: Path = ROOT) -> tuple[int, str]:
    """`actionlint` with `shellcheck`: also what the scripts in `run:` do wrong."""
    if not (BIN / "actionlint").exists():
        pytest.skip("there is no Go here to build actionlint with")
    shellcheck = find_program("shellcheck")
    return run(
        str(BIN / "actionlint"), "-no-color", "-shellcheck", shellcheck, *paths, folder=folder
    )


def check(schema: str, *paths: str, folder: Path = ROOT) -> tuple[int, str]:
    schema = f"vendor.{schema}"
    return run(find_program("check-jsonschema"), "--builtin-schema", schema, *paths, folder=folder)


def test_zizmor_finds_nothing() -> None:
    code, said = audit(*ACTION, "examples", ".github")
    assert code == 0, said
    assert "No findings to report" in said
    assert "WARN" not in said


def test_actionlint_finds_nothing() -> None:
    assert lint(*WORKFLOWS) == (0, "")


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("github-actions", ACTION),
        ("github-workflows", WORKFLOWS),
        ("dependabot", DEPENDABOT),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [f"{ISSUES}/config.yml"]),
    ],
)
def test_the_published_schemas_are_met(schema: str, paths: list[str]) -> None:
    code, said = check(schema, *paths)
    assert code == 0, said


def test_our_own_scripts_are_sound() -> None:
    code, said = run(find_program("shellcheck"), ".ci/run", "composite/start.sh")
    assert code == 0, said


def test_whatever_is_ignored_has_a_reason() -> None:
    for path in [*WORKFLOWS, *ACTION]:
        for line in (ROOT / path).read_text("utf-8").splitlines():
            if "zizmor: ignore" in line:
                assert re.search(r"zizmor: ignore\[[\w-]+\] \w+( [^ ]+){3,}", line), line
    for path in CONFIGURED:
        lines = (ROOT / path).read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if line.strip() == "ignore:":
                assert lines[number + 1].lstrip().startswith("# "), f"{path}:{number + 1}"


def test_the_judges_see_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(
        "on: pull_request_target\n"
        "jobs:\n"
        "  up:\n"
        "    runs-on: ubuntu-latest\n"
        "    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }} $UNQUOTED\n"
        "      - run: echo ${{ gitub.sha }}\n",
        encoding="utf-8",
    )
    assert "template-injection" in audit("bad.yml", folder=tmp_path)[1]
    said = lint("bad.yml", folder=tmp_path)[1]
    assert "SC2086" in said
    assert "gitub" in said
    (tmp_path / "bad.yml").write_text("on: push\njobs: {up: {steps: []}}\n", encoding="utf-8")
    assert check("github-workflows", "bad.yml", folder=tmp_path)[0] == 1
