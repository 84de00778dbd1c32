"""What a run really did, where the engine's words alone say something else, and several forms in one log."""

from __future__ import annotations

import json
from typing import Final

from tools.judges.cli.programs.forms import (
    ACCOUNT,
    BUCKET,
    DATABASE,
    IN_USE,
    QUEUE,
    ROLE,
    UP,
    Program,
    Resources,
    Run,
    Truth,
    failed,
    good,
    made,
    one,
    series,
    then,
)

_DESTROY: Final = "destroy --yes --skip-preview"
_TAKEN: Final = "creating SQS Queue (jobs): api error QueueNameExists: taken"
_NO_TAGS: Final = "error: reading IAM Role (role) tags: api error AccessDenied: not authorized"
_BROKEN: Final = {"jobs": made(QUEUE, fault=f"create: {_TAKEN}")}
_MENDED: Final = {"jobs": made(QUEUE)}
_FAILS: Final = failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"))
_ANSWER: Final = json.dumps(
    {
        "status": "Failed",
        "error": {
            "code": "DeploymentFailed",
            "message": "At least one resource deployment operation failed. Please see details.",
            "details": [
                {"code": "Skipped", "target": "a", "message": "not evaluated"},
                {"code": "Skipped", "target": "b", "message": "not evaluated"},
                {
                    "code": "QuotaExceeded",
                    "message": "The quota of 10 cores in westeurope would be exceeded: 8 are in use, 4 are needed.",
                },
            ],
        },
    },
    indent=2,
)
_POLLING: Final = f"polling failed: the Azure API returned the following error: {_ANSWER}"
_WAITS: Final = (
    "Error waiting for queue to create: the region has not enough of them, out of capacity"
)
_NOT_SET: Final = "unable to validate AWS credentials.\nDetails: api error ExpiredToken: no"
_WEST: Final = {
    "west": made("pulumi:providers:aws", broken=_NOT_SET),
    "jobs": made(QUEUE, options={"provider": "${west}"}),
}
_IMPORT: Final = {"type": QUEUE, "name": "jobs", "id": "there"}


def _chain(replace: str, **db: str) -> Resources:
    """A database that is deleted before it is replaced, and a role that is replaced with it."""
    return {
        "db": made(DATABASE, replace=replace, early=True, **db),
        "role": made(ROLE, replace="${db.replace}", early=True),
    }


def _import(name: str, text: str, truth: Truth) -> Program:
    command = "import --file import.json --yes --skip-preview --generate-code=false"
    return one(name, {}, truth, command=command, files={"import.json": text})


ENDINGS: Final = (
    one("logged-error-while-another-fails", {"role": made(ROLE, log=_NO_TAGS), "jobs": made(QUEUE, fault=f"create: {_TAKEN}", options={"dependsOn": ["${role}"]})}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), replaced=(), deleted=())),
    one("logged-error-while-another-fails-json", {"role": made(ROLE, log=_NO_TAGS), "jobs": made(QUEUE, fault=f"create: {_TAKEN}", options={"dependsOn": ["${role}"]})}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create")), command=f"{UP} --json"),
    one("expect-no-changes-up-json", _MENDED, failed("no changes were expected", "drift", in_log_only=True), command=f"{UP} --json --expect-no-changes"),
    then("terminated-destroy-json", {"slow": made(QUEUE, slow=6)}, Run(command=f"{_DESTROY} --json", terminate_after=3.5), Truth(outcome="cancelled", failure_class="cancelled", kind="destroy")),
    then("terminated-destroy", {"slow": made(QUEUE, slow=6), "early": made(BUCKET, options={"dependsOn": ["${slow}"]})}, Run(command=_DESTROY, terminate_after=3.5), Truth(outcome="cancelled", failure_class="cancelled", kind="destroy", replaced=())),
    then("destroy-retains", {"jobs": made(QUEUE, options={"retainOnDelete": True}), "assets": made(BUCKET)}, Run(command=_DESTROY), good(kind="destroy", replaced=(), deleted=("assets",))),
    then("destroy-retains-preview", {"jobs": made(QUEUE, options={"retainOnDelete": True}), "assets": made(BUCKET)}, Run(command="destroy --preview-only"), good(kind="preview", replaced=(), deleted=("assets",))),
    then("replace-early-chain", _chain("1"), Run(resources=_chain("2")), good(replaced=("db", "role"), deleted=())),
    then("replace-early-chain-fails", _chain("1"), Run(resources=_chain("2", fault="create: creating RDS DB Instance (db): api error StorageQuotaExceeded: too much")), failed("StorageQuotaExceeded", "quota-capacity", (DATABASE, "db", "create-replacement"), replaced=(), deleted=("db", "role"))),
    then("replace-early-chain-fails-json", _chain("1"), Run(resources=_chain("2", fault="create: creating RDS DB Instance (db): api error StorageQuotaExceeded: too much"), command=f"{UP} --json"), failed("StorageQuotaExceeded", "quota-capacity", (DATABASE, "db", "create-replacement"), replaced=(), deleted=("db", "role"))),
    series("left-over-delete-fails-in-destroy", Run(resources={"jobs": made(QUEUE, replace="1", fault=f"delete: {IN_USE}")}), Run(resources={"jobs": made(QUEUE, replace="2")}), Run(command=_DESTROY), truth=failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete-replaced"), kind="destroy", failed_in_log=((QUEUE, "jobs", "delete"),))),
    series("text-then-json", Run(resources=_BROKEN), Run(resources=_MENDED, command=f"{UP} --json"), truth=good(), whole=True),
    series("json-then-text", Run(resources=_BROKEN, command=f"{UP} --json"), Run(resources=_MENDED), truth=good(), whole=True),
    series("json-then-text-fails", Run(resources={"assets": made(BUCKET, fault="create: api error OverLimit: no")}, command=f"{UP} --json"), Run(resources={"assets": made(BUCKET), **_BROKEN}), truth=_FAILS, whole=True),
    one("diff-of-one-name", {"a": {**made(BUCKET), "name": "shop"}, "b": {**made(ROLE, fault="create: creating IAM Role (shop): api error EntityAlreadyExists: Role with name shop already exists."), "name": "shop"}, "c": {**made(QUEUE), "name": "shop"}}, failed("EntityAlreadyExists", "already-exists", (ROLE, "shop", "create")), command=f"{UP} --diff"),
    then("diff-of-an-identifier", {"db": made(DATABASE), "jobs": made(QUEUE, fault="delete: deleting SQS Queue (q-0a1b): api error ResourceInUseException: it is used by a mapping")}, Run(command=f"{_DESTROY} --diff"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), kind="destroy")),
    _import("import-json-cut", '{"resources": [ {"type": ', failed("could not read import file", "schema-validation", kind="unknown")),
    _import("import-of-one-name", json.dumps({"resources": [_IMPORT, {**_IMPORT, "id": "other"}]}), failed("ambiguous URN", "duplicate-urn", kind="unknown")),
    _import("import-under-nothing", json.dumps({"resources": [{**_IMPORT, "parent": "net"}]}), failed("nameTable", "schema-validation", kind="unknown")),
    then("interrupted-preview-refresh", {"slow": made(QUEUE, slow_read=6)}, Run(resources={"slow": made(QUEUE, slow_read=6)}, command="preview --refresh --json", interrupt_after=(3.5,)), Truth(outcome="cancelled", failure_class="cancelled", kind="preview")),
    one("azure-answer-with-details", {"store": made(ACCOUNT, fault=f"create: {_POLLING}")}, failed("quota of 10 cores", "quota-capacity", (ACCOUNT, "store", "create"))),
    one("azure-answer-with-details-diff", {"store": made(ACCOUNT, fault=f"create: {_POLLING}")}, failed("quota of 10 cores", "quota-capacity", (ACCOUNT, "store", "create")), command=f"{UP} --diff"),
    one("diff-of-a-type", {"assets": made(BUCKET), "jobs": made(QUEUE, fault=f"create: {_WAITS}")}, failed("out of capacity", "quota-capacity", (QUEUE, "jobs", "create")), command=f"{UP} --diff"),
    one("diff-of-a-type-and-a-name", {"jobs": made(QUEUE, fault="create: Unable to start queue: endpoint jobs (0b6c): the port is already allocated"), "more": made(QUEUE), "assets": made(BUCKET)}, failed("already allocated", "already-exists", (QUEUE, "jobs", "create"), also=("operation-conflict", "dependency-violation")), command=f"{UP} --diff"),
    one("provider-configure-diff", _WEST, failed("ExpiredToken", "missing-credentials", ("pulumi:providers:aws", "west", "create")), command=f"{UP} --diff"),
    one("provider-configure-preview-diff", _WEST, failed("ExpiredToken", "missing-credentials", ("pulumi:providers:aws", "west", "create"), kind="preview"), command="preview --diff"),
    one("last-words-of-a-provider-diff", {"role": made(ROLE, log="error: update failed"), "jobs": made(QUEUE, options={"dependsOn": ["${role}"]})}, good(), command=f"{UP} --diff"),
    then("preview-refresh-then-check-fails", {"jobs": made(QUEUE)}, Run(resources={"jobs": made(QUEUE), "store": made(ACCOUNT, fault="check: accountName must be between 3 and 24 characters @accountName")}, command="preview --refresh"), failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), also=("invalid-value",), kind="preview")),
)  # fmt: skip
