"""A stack, a project, a job or a folder whose name holds a secret: names are redacted as text is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace
from tests.process.conftest import Start
from tests.security.world import all_sinks

from upshot_sandbox.scenario import load_scenario

SHAPED = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
"""Known by its shape."""
KNOWN = "hunter2-hunter2-x9"
"""Known by its value: an environment variable of the job holds it."""
LOG = """\
Updating ({stack})

View Live: https://app.pulumi.com/acme/{project}/{stack}/updates/41

Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): AccessDenied: no

Resources:
    3 unchanged
"""
INPUTS = {"log-file": "up.log", "outcome": "failure", "stack-name": "", "pulumi-access-token": ""}


def renamed(value: Any, name: str) -> Any:
    """A stored report about a stack of another name."""
    if isinstance(value, list):
        return [renamed(item, name) for item in value]
    if isinstance(value, dict):
        return {key: name if key == "stack" and isinstance(item, str) else renamed(item, name)
                for key, item in value.items()}  # fmt: skip
    return value


@pytest.mark.parametrize("secret", [SHAPED, KNOWN])
def test_t9_a_name_that_holds_a_secret_is_in_no_marker_heading_link_file_or_output(
    start: Start, secret: str
) -> None:
    scenario = replace(load_scenario("log-only"), env={"DEPLOY_PASSWORD": KNOWN})
    job = start(scenario)
    several = LOG.format(project="shop", stack="dev") + LOG.format(project=secret, stack="prod")
    matrix = json.dumps({"account": secret, "region": "eu"})
    nameless = b"Diagnostics:\n  aws:s3:Bucket (a):\n    error: AccessDenied: no\n"
    runs = [
        job.run(inputs=INPUTS, files={"up.log": LOG.format(project="shop", stack=secret).encode()}),
        job.run(inputs=INPUTS, files={"up.log": several.encode()}),
        job.run(
            inputs={**INPUTS, "matrix-values": matrix},
            files={"up.log": nameless},
            env={"GITHUB_JOB": f"deploy-{secret}"},
        ),
    ]
    stored = next((runs[0].machine.temp / "upshot").rglob("report.json"))
    foreign = json.dumps(renamed(json.loads(stored.read_bytes()), secret)).encode()
    folder = {f"reports/{secret}/report.json": foreign, f"reports/x{secret}/report.json": b"?"}
    runs.append(job.run(inputs={"mode": "collect", "reports-folder": "reports"}, files=folder))
    for run in runs:
        assert run.comments
        said = {name for name, text in all_sinks(run).items() if secret in text}
        assert said == set()
        assert not [path for path in run.machine.temp.rglob("*") if secret in path.name]
