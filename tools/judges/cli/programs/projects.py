"""What fails around the resources: the project, its configuration, the state and the backend."""

from __future__ import annotations

import json
from typing import Final

from tools.judges.cli.programs.basics import JOBS
from tools.judges.cli.programs.forms import (
    BUCKET,
    QUEUE,
    ROLE,
    TOPIC,
    UP,
    Run,
    failed,
    good,
    made,
    one,
    series,
    then,
    urn,
)

_BROKEN_DEPENDENCY: Final = f"EDIT {json.dumps({'dependencies': ['urn:pulumi:dev::judged::aws:sqs/queue:Queue::nowhere']}, separators=(',', ':'))} {UP}"

PROJECTS: Final = (
    one("no-project", JOBS, failed("no Pulumi.yaml project file found", "program-build", kind="unknown", also=("backend-access", "missing-config", "schema-validation", "unknown")), command="--cwd / up --yes --stack dev"),
    one("not-confirmed", JOBS, failed("--yes", "invalid-command", kind="unknown"), command="up"),
    one("not-logged-in", JOBS, failed("PULUMI_ACCESS_TOKEN must be set", "backend-access", kind="unknown", also=("missing-credentials",)), env={"PULUMI_BACKEND_URL": "https://127.0.0.1:9"}),
    one("backend-down", JOBS, failed("connection refused", "network-error", kind="unknown", also=("backend-access",)), env={"PULUMI_BACKEND_URL": "http://127.0.0.1:9", "PULUMI_ACCESS_TOKEN": "pul-0123456789abcdef0123456789abcdef01234567"}),
    one("backend-folder-missing", JOBS, failed("nowhere", "backend-access", kind="unknown", also=("state-integrity", "not-found")), env={"PULUMI_BACKEND_URL": "file:///nowhere/at/all"}),
    series("no-passphrase", Run(resources={"a": made(BUCKET, value={"fn::secret": "x"})}), Run(resources=JOBS, cleared=("PULUMI_CONFIG_PASSPHRASE",)), truth=failed("passphrase must be set", "secrets-decryption", kind="unknown", also=("missing-config",))),
    one("config-broken", JOBS, failed("invalid YAML file", "missing-config", kind="unknown", also=("schema-validation", "program-build", "unknown")), files={"Pulumi.dev.yaml": "config:\n  judged:size: [unclosed\n"}),
    one("config-of-another-type", JOBS, failed("size", "schema-validation", kind="unknown", also=("missing-config", "invalid-value")), top={"config": {"size": {"type": "integer"}}}, files={"Pulumi.dev.yaml": "config:\n  judged:size: many\n"}),
    one("secret-not-decrypted", JOBS, failed("", "secrets-decryption", kind="unknown"), files={"Pulumi.dev.yaml": "encryptionsalt: v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==\nconfig:\n  judged:size:\n    secure: v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA\n"}),
    one("newer-cli-needed", JOBS, failed("9.0.0", "plugin-unavailable", kind="unknown", also=("schema-validation", "program-build", "unknown")), top={"requiredPulumiVersion": ">=9.0.0"}),
    one("runtime-missing", JOBS, failed("", "plugin-unavailable", kind="update", also=("program-build", "program-exception"), before_events=True), raw="name: judged\nruntime: cobol\nresources: {}\n"),
    one("yaml-circle", {"a": made(QUEUE, value="${b.value}"), "b": made(QUEUE, value="${a.value}")}, failed("circular", "program-build", also=("schema-validation", "program-exception"))),
    one("yaml-wrong-type", {"a": made(QUEUE, slow="not a number")}, failed("not assignable", "schema-validation", also=("program-build",))),
    one("yaml-property-of-none", {"a": made(QUEUE), "b": made(BUCKET, value="${a.colour}")}, failed("colour", "schema-validation", also=("program-build",))),
    one("stack-reference-missing", {"net": made("pulumi:pulumi:StackReference"), "b": made(BUCKET)}, failed("", "not-found", ("pulumi:pulumi:StackReference", "net", "read"), also=("backend-access", "schema-validation", "missing-config"))),
    then("state-dependency-missing", {"a": made(BUCKET)}, Run(resources={"a": made(BUCKET)}, command=_BROKEN_DEPENDENCY), failed("nowhere", "state-integrity", kind="update")),
    then("plan-update-not-planned", JOBS, Run(resources={**JOBS, "jobs": made(QUEUE, value="other")}, command=f"PLAN {UP} --plan plan.json"), failed("violates plan", "plan-violation", (QUEUE, "jobs", ""))),
    then("plan-delete-not-planned", JOBS, Run(resources={"assets": made(BUCKET, value="a")}, command=f"PLAN {UP} --plan plan.json"), failed("not allowed by the plan", "plan-violation")),
    then("plan-kept", JOBS, Run(resources=JOBS, command=f"PLAN {UP} --plan plan.json"), good(counts={})),
    one("plan-missing", JOBS, failed("plan.json", "not-found", kind="unknown", also=("plan-violation",)), command=f"{UP} --plan plan.json"),
    one("flag-unknown", JOBS, failed("unknown flag: --colourful", "invalid-command", kind="unknown"), command="up --colourful"),
    one("stack-not-chosen", JOBS, failed("no stack selected", "backend-access", kind="unknown", also=("missing-config",)), command="NOSTACK --non-interactive up --yes"),
    one("provider-version-missing", {"x": made(TOPIC, options={"version": "99.0.0"})}, failed("99.0.0", "plugin-unavailable")),
    one("secret-in-message", {"role": made(ROLE, value={"fn::secret": "hunter2-hunter2"}, fault="create: creating IAM Role (role): api error MalformedPolicyDocument: hunter2-hunter2 is no principal")}, failed("MalformedPolicyDocument", "invalid-value", (ROLE, "role", "create"))),
    then("destroy-of-another", JOBS, Run(resources={}, command=f"destroy --yes --skip-preview --target {urn(QUEUE, 'nothere')}"), failed("nothere", "not-found", kind="destroy", before_events=True)),
)  # fmt: skip
