"""Policy packs: advice, refusals of a resource and of a stack, a pack that cannot start."""

from __future__ import annotations

from typing import Any, Final

from tools.judges.cli.programs.forms import (
    BUCKET,
    QUEUE,
    UP,
    Program,
    Run,
    failed,
    good,
    made,
    one,
    then,
)

_WITH: Final = f"{UP} --policy-pack POLICY-PACK"
_RULE: Final = "mandatory: encrypted: Buckets are encrypted at rest."


def _pack(name: str, rule: str, truth: Any, command: str = _WITH, **more: Any) -> Program:
    resources = {"assets": made(BUCKET, note=rule), "jobs": made(QUEUE, value="1")}
    return one(name, resources, truth, command=command, **more)


POLICIES: Final = (
    _pack("policy-fine", "", good(counts={"create": 3})),
    _pack("policy-advisory", "advisory: tagged: Buckets have an owner.", good(counts={"create": 3})),
    _pack("policy-mandatory", _RULE, failed("Buckets are encrypted at rest", "policy-violation", (BUCKET, "assets", ""))),
    _pack("policy-mandatory-preview", _RULE, failed("Buckets are encrypted at rest", "policy-violation", (BUCKET, "assets", ""), kind="preview"), command="preview --policy-pack POLICY-PACK"),
    _pack("policy-mandatory-json", _RULE, failed("Buckets are encrypted at rest", "policy-violation", (BUCKET, "assets", ""), kind="preview", in_events_only=True), command="preview --json --policy-pack POLICY-PACK"),
    _pack("policy-of-stack", "stack mandatory: one-bucket: A stack has one bucket at most.", failed("A stack has one bucket", "policy-violation", (BUCKET, "assets", ""))),
    _pack("policy-crash", "crash: policy", failed("policy", "provider-crash", (BUCKET, "assets", ""), also=("plugin-unavailable", "program-exception", "unknown"))),
    one("policy-missing", {"jobs": made(QUEUE)}, failed("policy", "plugin-unavailable", also=("not-found", "program-build", "missing-config", "unknown"), before_events=True), command=f"{UP} --policy-pack nowhere"),
    one("policy-runtime-missing", {"jobs": made(QUEUE)}, failed("policy", "plugin-unavailable", also=("unknown",), before_events=True), command=f"{UP} --policy-pack policy", files={"policy/PulumiPolicy.yaml": "runtime: cobol\n"}),
    then("policy-mandatory-delete", {"assets": made(BUCKET)}, Run(resources={"jobs": made(QUEUE, note="mandatory: named: Queues have a name.")}, command=_WITH), failed("Queues have a name", "policy-violation", (QUEUE, "jobs", ""), deleted=())),
)  # fmt: skip
