"""Microsoft's validator of SARIF reads what `sarif-file` holds, by the standard's rules and by GitHub's."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.unit.publish.formats.test_sarif import BROKEN, DENIED, THROWN

from upshot.model import Facts, ResourceChange
from upshot.publish.formats.sarif import build_sarif
from upshot.publish.interface import StackFacts
from upshot.verdict.risk import load_rules

pytestmark = pytest.mark.judges

HOSTILE = "a b\u0085\U0001f600/../%00<>&\"'\\"
RISKY = ResourceChange("urn::db", "aws:rds/instance:Instance", "db", "replace", stateful=True)


def sarif(facts: Facts, name: str = "acme/shop/prod") -> dict[str, Any]:
    return build_sarif(
        [StackFacts(name, facts), StackFacts(f"{name}-2", Facts())],
        rules=load_rules(),
        program="infra/Pulumi.yaml",
        relative_path=lambda path: f"infra/{path}",
    )


def faults(modules: Path, log: dict[str, Any], folder: Path) -> list[str]:
    """Rule and level of each thing that is wrong."""
    program = modules / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    if not program.exists():
        pytest.skip("the validator is only there for Linux on x64")
    copy = folder / program.name
    copy.write_bytes(program.read_bytes())
    copy.chmod(0o755)  # npm's package forgets that it is a program
    (folder / "log.sarif").write_text(json.dumps(log), encoding="utf-8")
    subprocess.run(
        [copy, "validate", "log.sarif", "--rule-kind", "Sarif;Ghas", "--output", "found.sarif"],
        cwd=folder,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        check=False,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    found = json.loads((folder / "found.sarif").read_text(encoding="utf-8-sig"))
    return [f"{one['ruleId']} {one.get('level')}" for one in found["runs"][0].get("results", [])]


def test_it_has_nothing_to_say(modules: Path, tmp_path: Path) -> None:
    facts = Facts(failures=(DENIED, THROWN), policy_violations=(BROKEN,), changes=(RISKY,))
    assert faults(modules, sarif(facts), tmp_path) == []


def test_hostile_names_stay_valid(modules: Path, tmp_path: Path) -> None:
    change = ResourceChange(f"urn::{HOSTILE}", HOSTILE, HOSTILE, "delete", stateful=True)
    assert faults(modules, sarif(Facts(changes=(change,)), HOSTILE), tmp_path) == []


def test_it_refuses_a_result_without_a_message(modules: Path, tmp_path: Path) -> None:
    log = sarif(Facts(failures=(DENIED,)))
    del log["runs"][0]["results"][0]["message"]
    assert faults(modules, log, tmp_path)
