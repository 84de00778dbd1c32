"""`upshot check`: each rule finds what it is about, at its line, and nothing in a workflow that is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.cli.check.command import check_text
from upshot.cli.check.finding import RULES, Finding, Level
from upshot.cli.options import COMMANDS

ROOT = Path(__file__).parents[3]
GOOD = """\
on: pull_request
permissions: {}
jobs:
  up:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      pull-requests: write
    steps:
      - uses: actions/checkout@v6
      - id: up
        shell: bash
        run: |
          cd infra
          pulumi up --yes --event-log "$RUNNER_TEMP/events.json" 2>&1 | tee pulumi.log
        env:
          PULUMI_DEBUG_COMMANDS: "true"
      - uses: pulumi-upshot/upshot@v1
        id: upshot
        if: always()
        with:
          log-file: pulumi.log
          events-file: ${{ runner.temp }}/events.json
          outcome: ${{ steps.up.outcome }}
      - run: echo "$RISK"
        env:
          RISK: ${{ steps.upshot.outputs.risk-level }}
"""
STEP = "      - uses: pulumi-upshot/upshot@v1"


def find(text: str) -> tuple[Finding, ...]:
    return check_text("up.yml", text.encode()).findings


def changed(*pairs: tuple[str, str]) -> str:
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_good_workflow_has_no_findings() -> None:
    assert find(GOOD) == ()


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yml")), ids=lambda p: p.name)
def test_the_examples_are_good(path: Path) -> None:
    checked = check_text(path.name, path.read_bytes())
    assert checked.uses_upshot
    assert checked.findings == ()


error, warning, note = Level.ERROR, Level.WARNING, Level.NOTE
Case = tuple[str, Level, int, str, str]
"""(rule, level, line, words of the finding, workflow)."""


def wiring() -> Iterator[Case]:
    no_if = changed(("        if: always()\n", ""))
    yield "always", error, 18, "is skipped when the Pulumi step fails", no_if
    only = changed(("if: always()", "if: github.actor != 'x'"))
    yield "always", error, 20, "is skipped", only
    failure = changed(("if: always()", "if: failure()"))
    yield "always", warning, 20, "only after a failure", failure
    collect = GOOD.replace("on: pull_request", "on: push") + (
        "  all:\n    needs: [up]\n    steps:\n"
        f"{STEP}\n        with:\n          mode: collect\n          reports-folder: reports\n"
    )
    yield (
        "always",
        error,
        28,
        "the job 'all' is skipped when a job that it needs fails (up)",
        collect,
    )
    yield "pipefail", error, 14, "green when Pulumi fails", changed(("        shell: bash\n", ""))
    yield "pipefail", error, 15, "green", changed(("shell: bash", "shell: sh"))
    yield "stderr", warning, 15, "standard error", changed((" 2>&1 |", " |"))
    yield (
        "event-log",
        error,
        15,
        "--event-log",
        changed(('        env:\n          PULUMI_DEBUG_COMMANDS: "true"\n', "")),
    )
    early = changed(
        ("      - id: up\n", f"{STEP}\n        with:\n          log: x\n      - id: up\n")
    )
    early = early.replace("log: x", "log-file: pulumi.log")
    yield "order", error, 11, "before Pulumi does (line 14)", early
    nothing = (
        "          log-file: pulumi.log\n          events-file: ${{ runner.temp }}/events.json\n"
    )
    yield "evidence", error, 18, "nothing to look at", changed((nothing, ""))
    other = changed(("log-file: pulumi.log", "log-file: out/other.log"))
    yield "log", warning, 22, "names other.log", other


def rights() -> Iterator[Case]:
    told = changed(("          outcome: ${{ steps.up.outcome }}\n", ""))
    yield "outcome", note, 18, "how the Pulumi step ended", told
    yield (
        "outcome",
        warning,
        19,
        "how",
        told.replace("shell: bash", "continue-on-error: true\n        shell: bash"),
    )
    yield (
        "permissions",
        error,
        7,
        "lacks pull-requests: write",
        changed(("      pull-requests: write\n", "")),
    )
    silent = changed(
        ("      pull-requests: write\n", ""),
        ("log-file: pulumi.log", 'labels: true\n          comment-mode: "off"'),
    )
    yield "permissions", error, 7, "lacks pull-requests: write", silent
    unsaid = changed(
        ("permissions: {}\n", ""),
        ("    permissions:\n      contents: read\n      pull-requests: write\n", ""),
    )
    yield "permissions", warning, 3, "nothing grants the job 'up'", unsaid
    read = changed(("pull-requests: write", "pull-requests: read"))
    yield "permissions", error, 7, "lacks pull-requests: write", read
    logs = changed(("outcome: $", "log-from: job:x\n          outcome: $"))
    yield "permissions", error, 7, "lacks actions: read", logs
    kind = "urn:pulumi:token-type:access_token:organization"
    exchange = f"organization: acme\n          requested-token-type: {kind}\n          outcome: $"
    oidc = changed(("outcome: $", exchange))
    yield "permissions", error, 7, "lacks id-token: write", oidc
    asking = changed(("outcome: $", "backend: copilot\n          outcome: $"))
    yield "token", warning, 18, "no access token", asking
    secret = changed(
        (
            "outcome: $",
            "pulumi-access-token: pul-0123456789abcdef0123456789abcdef01234567\n          outcome: $",
        )
    )
    yield "secret", error, 24, "the value of pulumi-access-token stands in the file", secret
    yield (
        "input",
        error,
        22,
        "there is no input log-fil: log-file is meant",
        changed(("log-file:", "log-fil:")),
    )


def names() -> Iterator[Case]:
    moved = changed(("log-file: pulumi.log", "comment-on-pr: true\n          log-file: pulumi.log"))
    yield "input", error, 22, "comment-mode is meant", moved
    value = changed(("outcome: $", "comment-mode: sometimes\n          outcome: $"))
    yield "value", error, 24, "comment-mode is 'sometimes'", value
    asks = changed(
        (
            "outcome: $",
            "mode: ask\n          pulumi-access-token: ${{ secrets.P }}\n          outcome: $",
        )
    )
    yield "value", error, 18, "prompt is missing", asks
    yield (
        "output",
        error,
        27,
        "no output risk: risk-level",
        changed(("outputs.risk-level", "outputs.risk")),
    )
    yield (
        "step",
        error,
        24,
        "no step before this one has the id upp: up is meant",
        changed(("steps.up.outcome", "steps.upp.outcome")),
    )
    target = changed(
        ("on: pull_request", "on: pull_request_target"),
        (
            "checkout@v6\n",
            "checkout@v6\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n",
        ),
    )
    yield "fork", error, 12, "pull_request_target checks out the code of a pull request", target
    title = changed(('echo "$RISK"', 'echo "${{ github.event.pull_request.title }}"'))
    yield "injection", error, 25, "github.event.pull_request.title", title
    answer = changed(
        ('echo "$RISK"', "|\n          true\n          echo ${{ steps.upshot.outputs.answer }}")
    )
    yield "injection", error, 27, "steps.upshot.outputs.answer", answer
    gate = changed(
        ("        id: upshot\n", "        id: upshot\n        continue-on-error: true\n"),
        ("outcome: $", "fail-on: delete\n          outcome: $"),
    )
    yield "swallowed", warning, 20, "whatever `fail-on` says", gate
    mac = changed(("runs-on: ubuntu-latest", "runs-on: macos-latest"))
    yield "runner", error, 18, "does not run on macOS and Windows", mac
    yield "version", warning, 18, "moves with every commit", changed(("upshot@v1", "upshot@main"))
    yield "yaml", error, 3, "this is no workflow", "on: push\njobs: [\n"
    yield "yaml", error, 1, "it has no jobs", "on: push\n"


CASES = [*wiring(), *rights(), *names()]


@pytest.mark.parametrize(
    ("rule", "level", "line", "words", "text"),
    CASES,
    ids=[f"{c[0]}-{c[2]}-{n}" for n, c in enumerate(CASES)],
)
def test_each_rule_finds_what_it_is_about(
    rule: str, level: Level, line: int, words: str, text: str
) -> None:
    found = [each for each in find(text) if each.rule == rule]
    assert [(each.level, each.line) for each in found] == [(level, line)], find(text)
    assert words in found[0].what
    assert found[0].why


@pytest.mark.parametrize("text", [case[4] for case in CASES if case[0] not in {"yaml", "order"}])
def test_nothing_else_is_found_beside_it(text: str) -> None:
    assert len({each.rule for each in find(text)}) == 1


def test_each_rule_has_a_case_and_a_line_in_the_docs() -> None:
    assert {case[0] for case in CASES} == set(RULES)
    page = (ROOT / "docs/command-line.md").read_text("utf-8")
    for rule in RULES:
        assert f"| `{rule}` |" in page
    assert "check" in COMMANDS


@pytest.mark.parametrize(
    "pairs",
    [
        (("if: always()", "if: ${{ !cancelled() }}"),),
        (("if: always()", "if: success() || failure() || always()"),),
        (("        shell: bash\n", ""), ("cd infra", "set -euo pipefail"))
        ,
        (("        shell: bash\n", ""), ("    runs-on", "    defaults: {run: {shell: bash}}\n    runs-on")),
        (("        shell: bash\n", ""), ("permissions: {}", "permissions: {}\ndefaults: {run: {shell: bash}}")),
        (("      pull-requests: write\n", ""), ("log-file: p", "comment-mode: 'off'\n          log-file: p")),
        (
            ("      pull-requests: write\n", ""),
            ("log-file: p", "github-token: ${{ steps.app.outputs.token }}\n          log-file: p"),
            ("      - id: up\n", "      - id: app\n        uses: actions/create-github-app-token@v2\n      - id: up\n"),
        ),
        (("    permissions:\n      contents: read\n      pull-requests: write\n", "    permissions: write-all\n"),),
        (("log-file: pulumi.log", "mode: ${{ inputs.mode }}\n          log-file: pulumi.log"),),
        (("log-file: pulumi.log", "prompt: ${{ inputs.p }}\n          log-file: pulumi.log"),),
        (("log-file: pulumi.log", "LOG-FILE: pulumi.log"),),
        (("ubuntu-latest", "macos-latest"), ("upshot/upshot@v1", "upshot/upshot/composite@v1")),
        (("--event-log", "--yes --stack a/b/c --event-log"),),
    ],
)  # fmt: skip
def test_what_is_right_in_another_way_is_left_alone(pairs: tuple[tuple[str, str], ...]) -> None:
    assert find(changed(*pairs)) == ()


def test_a_secret_is_not_repeated() -> None:
    token = "pul-0123456789abcdef0123456789abcdef01234567"
    text = changed(("outcome: $", f"github-token: {token}\n          outcome: $"))
    assert token not in repr(find(text))


def test_a_workflow_without_upshot_is_left_alone() -> None:
    checked = check_text(
        "ci.yml", GOOD.replace("pulumi-upshot/upshot@v1", "acme/other@v1").encode()
    )
    assert not checked.uses_upshot
    assert checked.findings == ()


def bomb() -> str:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(["on: push", "jobs: {}", *levels]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        "a: " + "[" * 5_000,
        "a: " + "{a: " * 60 + "}" * 60,
        "x" * 300_000,
        "on: push\njobs: &a\n  b: *a\n",
        "",
        "\x00",
        "- - -",
        "jobs: 5",
        "!!python/object/apply:os.system ['true']",
        "on: !!binary x\njobs: {a: !!python/name:os.system {steps: [{uses: pulumi-upshot/upshot@v1}]}}",
        "? [a, b]\n: c\njobs: {}\n",
    ],
    ids=["bomb", "deep", "nested", "big", "circle", "empty", "nul", "list", "number", "tag", "tags", "key"],
)  # fmt: skip
def test_hostile_yaml_ends_soon_and_with_a_finding(text: str) -> None:
    assert find(text), "it is no workflow, or none that is right"


def test_odd_shapes_are_no_fault_of_ours() -> None:
    for shape in ("[]", "{}", "text", "[[], {}, text]", "null"):
        for key in ("steps", "needs", "permissions", "if", "env", "defaults", "runs-on"):
            find(GOOD.replace("    runs-on: ubuntu-latest\n", f"    {key}: {shape}\n"))
        for key in ("with", "run", "uses", "id", "env", "if", "shell", "continue-on-error"):
            find(GOOD.replace("        shell: bash\n", f"        {key}: {shape}\n"))
        find(GOOD.replace("on: pull_request", f"on: {shape}"))


KEYS = st.sampled_from(
    [
        "on",
        "permissions",
        "jobs",
        "steps",
        "uses",
        "run",
        "with",
        "if",
        "id",
        "env",
        "shell",
        "needs",
        "defaults",
        "continue-on-error",
        "up",
        "log-file",
        "mode",
        "backend",
        "fail-on",
        "pull-requests",
        "runs-on",
    ]
)
SCALARS = st.sampled_from(
    [
        *[
            "pull_request",
            "pull_request_target",
            "always()",
            "failure()",
            "explain",
            "gate",
            "true",
            "write",
            "bash",
        ],
        "pulumi-upshot/upshot@v1",
        "actions/checkout@v6",
        "pulumi up | tee x.log",
        "${{ steps.up.outputs.answer }} ${{ github.head_ref }}",
        "",
        None,
        3,
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@given(jobs=st.dictionaries(KEYS, TREES, max_size=3), more=st.dictionaries(KEYS, TREES, max_size=3))
@settings(max_examples=200)
def test_any_yaml_ends_in_findings_whose_lines_are_in_the_file(
    jobs: dict[str, Any], more: dict[str, Any]
) -> None:
    step = {"uses": "pulumi-upshot/upshot@v1", "with": more}
    text = yaml.safe_dump({**more, "jobs": {**jobs, "a": {"steps": [jobs, step, more]}}})
    for found in find(text):
        assert found.rule in RULES
        assert 1 <= found.line <= text.count("\n") + 1
