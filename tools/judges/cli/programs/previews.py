"""Previews: what they plan, and how they fail before anything was changed."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.basics import JOBS
from tools.judges.cli.programs.changes import _MIXED, _MIXED_AFTER
from tools.judges.cli.programs.forms import (
    ACCOUNT,
    BUCKET,
    DATABASE,
    DEPLOYMENT,
    QUEUE,
    Run,
    failed,
    good,
    made,
    one,
    then,
)

_PLANNED: Final = {"create": 1, "update": 1, "delete": 1, "replace": 1}
_DRY: Final = (
    'preview create: 1 error occurred:\n\t* the Kubernetes API server reported that "shop/web" '
    'is invalid: Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: '
    '"api": `selector` does not match template `labels`'
)
_CHECK: Final = "check: accountName must be between 3 and 24 characters @accountName"
_DRIFTED: Final = {
    "assets": made(BUCKET, value="a", drift="changed"),
    "jobs": made(QUEUE, vanished=True),
}

PREVIEWS: Final = (
    then("preview-mixed", _MIXED, Run(resources=_MIXED_AFTER, command="preview"), good(kind="preview", replaced=("swapped",), deleted=("dropped",), counts=_PLANNED)),
    then("preview-mixed-diff", _MIXED, Run(resources=_MIXED_AFTER, command="preview --diff"), good(kind="preview", replaced=("swapped",), deleted=("dropped",), counts=_PLANNED)),
    then("preview-mixed-json", _MIXED, Run(resources=_MIXED_AFTER, command="preview --json"), good(kind="preview", replaced=("swapped",), deleted=("dropped",), counts=_PLANNED)),
    then("preview-mixed-terminal", _MIXED, Run(resources=_MIXED_AFTER, command="preview", terminal=True), good(kind="preview", replaced=("swapped",), deleted=("dropped",), counts=_PLANNED)),
    then("preview-mixed-steps", _MIXED, Run(resources=_MIXED_AFTER, command="preview --show-replacement-steps --color always"), good(kind="preview", replaced=("swapped",), deleted=("dropped",), counts=_PLANNED)),
    then("preview-no-changes", JOBS, Run(resources=JOBS, command="preview --expect-no-changes"), good(kind="preview", replaced=(), deleted=(), counts={})),
    then("preview-refresh", _DRIFTED, Run(resources=_DRIFTED, command="preview --refresh"), good(kind="preview", replaced=(), deleted=())),
    then("preview-of-refresh", _DRIFTED, Run(resources=_DRIFTED, command="refresh --preview-only"), good(kind="refresh", replaced=(), deleted=())),
    then("preview-of-destroy", JOBS, Run(resources=JOBS, command="destroy --preview-only"), good(kind="preview", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("preview-of-protected-destroy", {"db": made(DATABASE, options={"protect": True})}, Run(resources={}, command="destroy --preview-only"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="preview")),
    one("preview-create-fails", {"web": made(DEPLOYMENT, fault=_DRY)}, failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "create"), kind="preview"), command="preview"),
    one("preview-create-fails-diff", {"web": made(DEPLOYMENT, fault=_DRY)}, failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "create"), kind="preview"), command="preview --diff"),
    one("preview-create-fails-json", {"web": made(DEPLOYMENT, fault=_DRY)}, failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "create"), kind="preview"), command="preview --json"),
    one("preview-create-fails-terminal", {"web": made(DEPLOYMENT, fault=_DRY)}, failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "create"), kind="preview"), command="preview", terminal=True),
    one("preview-before-update-fails", {"web": made(DEPLOYMENT, fault=_DRY), "jobs": made(QUEUE)}, failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "create"), kind="preview"), command="up --yes"),
    then("preview-update-fails", {"web": made(DEPLOYMENT, value="1")}, Run(resources={"web": made(DEPLOYMENT, value="2", fault=_DRY.replace("preview create", "preview update"))}, command="preview"), failed("Invalid value", "invalid-value", (DEPLOYMENT, "web", "update"), kind="preview")),
    one("preview-check-fails", {"store": made(ACCOUNT, fault=_CHECK)}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), kind="preview", also=("invalid-value",)), command="preview"),
    one("preview-check-fails-json", {"store": made(ACCOUNT, fault=_CHECK)}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), kind="preview", also=("invalid-value",)), command="preview --json"),
    then("preview-diff-fails", {"store": made(ACCOUNT, value="1")}, Run(resources={"store": made(ACCOUNT, value="2", fault="diff: Status=404 Code=\"ResourceGroupNotFound\" Message=\"Resource group 'rg' could not be found.\"")}, command="preview"), failed("ResourceGroupNotFound", "not-found", (ACCOUNT, "store", ""), kind="preview")),
    one("preview-invoke-fails", {"x": made(QUEUE)}, failed("NoSuchEntity", "not-found", kind="preview"), top={"variables": {"found": {"fn::invoke": {"function": "aws:index:find", "arguments": {"name": "api error NoSuchEntity: the role ci cannot be found"}}}}}, command="preview"),
    one("preview-import-missing", {"old": made(BUCKET, options={"import": "missing-bucket"})}, failed("does not exist", "not-found", (BUCKET, "old", "import"), kind="preview", also=("import-mismatch",)), command="preview"),
    then("preview-protected", {"db": made(DATABASE, options={"protect": True})}, Run(resources={}, command="preview"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="preview")),
    then("preview-protected-replace", {"db": made(DATABASE, replace="1", options={"protect": True})}, Run(resources={"db": made(DATABASE, replace="2", options={"protect": True})}, command="preview"), failed("unable to replace resource", "protected-resource", (DATABASE, "db", "replace"), kind="preview")),
    one("preview-duplicate-urn", {"a": {**made(QUEUE), "name": "same"}, "b": {**made(QUEUE, options={"dependsOn": ["${a}"]}), "name": "same"}}, failed("Duplicate resource URN", "duplicate-urn", (QUEUE, "same", "create"), kind="preview"), command="preview"),
    one("preview-unknown-type", {"x": made("aws:sqs/kueue:Kueue")}, failed("unable to find resource type", "schema-validation", kind="preview", also=("program-exception", "program-build")), command="preview"),
    one("preview-crash", {"web": made(DEPLOYMENT, fault="crash check: assignment to entry in nil map")}, failed("assignment to entry in nil map", "provider-crash", (DEPLOYMENT, "web", ""), kind="preview"), command="preview"),
)  # fmt: skip
