"""Kinds of failures crossed with the options, forms and histories in which they can happen."""

from __future__ import annotations

import json
from typing import Final

from tools.judges.cli.programs.basics import JOBS
from tools.judges.cli.programs.forms import (
    ACCOUNT,
    BUCKET,
    DATABASE,
    DENIED,
    DEPLOYMENT,
    IN_USE,
    QUEUE,
    ROLE,
    UP,
    Resources,
    Run,
    Truth,
    failed,
    good,
    made,
    one,
    series,
    then,
    urn,
)

_DESTROY: Final = "destroy --yes --skip-preview"
_REFRESH: Final = "refresh --yes --skip-preview"
_TAKEN: Final = "create: creating SQS Queue (jobs): api error QueueNameExists: taken"
_GONE: Final = (
    'read: Status=401 Code="ExpiredAuthenticationToken" Message="The access token has expired."'
)
_EXPIRED: Final = ("ExpiredAuthenticationToken", "missing-credentials")
_TAG: Final = "update: api error InvalidTag: a tag has no value"
_NOT_READY: Final = "init create: 1 error occurred:\n\t* 'web-1' timed out waiting to be Ready | [Pod web-1-x]: containers with unready status: [nginx] -- [ImagePullBackOff] Back-off pulling image"
_PASSING: Final = {"web": made(DEPLOYMENT, fault=_NOT_READY)}


def _chain(fault_at: int = -1, fault: str = "") -> Resources:
    """Eight resources, each of which depends on the one before it."""
    found: Resources = {}
    for n in range(8):
        own = {"fault": fault} if n == fault_at else {}
        after = {"options": {"dependsOn": [f"${{link-{n - 1}}}"]}} if n else {}
        found[f"link-{n}"] = made(QUEUE, **own) | after
    return found


def _cancelled(kind: str, **more: object) -> Truth:
    return Truth(outcome="cancelled", failure_class="cancelled", kind=kind, **more)  # type: ignore[arg-type]


_LINK_BUSY: Final = IN_USE.replace("jobs", "link-3")
_TOP_FAILS: Final = {
    "role": made(ROLE, value="1"),
    "jobs": made(QUEUE, value="${role.value}"),
    "assets": made(BUCKET, value="${jobs.value}"),
}
_TOP_FAILS_AFTER: Final = {
    "role": made(ROLE, value="2", fault=_TAG),
    "jobs": made(QUEUE, value="${role.value}"),
    "assets": made(BUCKET, value="${jobs.value}"),
}
_IMPORTS: Final = json.dumps(
    {
        "resources": [
            {"type": BUCKET, "name": "one", "id": "there"},
            {"type": QUEUE, "name": "two", "id": "missing-two"},
        ]
    }
)

CROSSINGS: Final = (
    then("destroy-of-a-chain-fails", _chain(3, f"delete: {_LINK_BUSY}"), Run(command=_DESTROY), failed("ResourceInUseException", "dependency-violation", (QUEUE, "link-3", "delete"), kind="destroy", replaced=(), deleted=("link-4", "link-5", "link-6", "link-7"), counts={"delete": 4})),
    then("destroy-of-a-chain-fails-diff", _chain(3, f"delete: {_LINK_BUSY}"), Run(command=f"{_DESTROY} --diff"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "link-3", "delete"), kind="destroy", replaced=(), deleted=("link-4", "link-5", "link-6", "link-7"), counts={"delete": 4})),
    then("destroy-of-a-chain-fails-continued", _chain(3, f"delete: {_LINK_BUSY}"), Run(command=f"{_DESTROY} --continue-on-error"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "link-3", "delete"), kind="destroy", replaced=(), counts={"delete": 4})),
    one("create-of-a-chain-fails", _chain(4, _TAKEN.replace("jobs", "link-4")), failed("QueueNameExists", "already-exists", (QUEUE, "link-4", "create"), counts={"create": 5})),
    then("update-of-the-first-fails", _TOP_FAILS, Run(resources=_TOP_FAILS_AFTER), failed("InvalidTag", "invalid-value", (ROLE, "role", "update"), replaced=(), deleted=(), counts={})),
    then("update-of-the-first-fails-diff", _TOP_FAILS, Run(resources=_TOP_FAILS_AFTER, command=f"{UP} --diff --continue-on-error"), failed("InvalidTag", "invalid-value", (ROLE, "role", "update"), replaced=(), deleted=(), counts={})),
    then("update-of-the-first-fails-json", _TOP_FAILS, Run(resources=_TOP_FAILS_AFTER, command=f"{UP} --json"), failed("InvalidTag", "invalid-value", (ROLE, "role", "update"), replaced=(), deleted=(), counts={})),
    then("up-refresh-fails-diff", {"store": made(ACCOUNT, value="1", fault=_GONE)}, Run(resources={"store": made(ACCOUNT, value="2")}, command=f"{UP} --refresh --diff"), failed(*_EXPIRED, (ACCOUNT, "store", "refresh"), kind_of_events="refresh", counts={}, failed_in_log=())),
    then("refresh-fails-diff", {"store": made(ACCOUNT, value="1", fault=_GONE)}, Run(command=f"{_REFRESH} --diff"), failed(*_EXPIRED, (ACCOUNT, "store", "refresh"), kind="refresh", counts={}, failed_in_log=())),
    then("refresh-fails-json", {"store": made(ACCOUNT, value="1", fault=_GONE), "jobs": made(QUEUE, value="1")}, Run(command=f"{_REFRESH} --json"), failed(*_EXPIRED, (ACCOUNT, "store", "refresh"), kind="refresh", counts={})),
    then("refresh-preview-fails", {"store": made(ACCOUNT, value="1", fault=_GONE)}, Run(command="refresh --preview-only"), failed(*_EXPIRED, (ACCOUNT, "store", "refresh"), kind="refresh")),
    then("destroy-fails-diff", {"jobs": made(QUEUE, fault=f"delete: {IN_USE}"), "role": made(ROLE)}, Run(command=f"{_DESTROY} --diff --continue-on-error"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), kind="destroy", replaced=(), deleted=("role",), counts={"delete": 1})),
    then("destroy-with-preview-fails", {"jobs": made(QUEUE, fault=f"delete: {IN_USE}"), "role": made(ROLE)}, Run(command="destroy --yes --continue-on-error"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), kind="destroy", replaced=(), deleted=("role",), counts={"delete": 1})),
    one("check-fails-json", {"store": made(ACCOUNT, fault="check: accountName must be between 3 and 24 characters @accountName")}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), also=("invalid-value",)), command=f"{UP} --json"),
    one("check-fails-diff", {"store": made(ACCOUNT, fault="check: accountName must be between 3 and 24 characters @accountName")}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), also=("invalid-value",)), command=f"{UP} --diff"),
    one("unknown-variable-json", {"x": made(QUEUE, value="${nowhere.id}")}, failed('"nowhere" not found', "program-build", also=("schema-validation", "program-exception")), command=f"{UP} --json"),
    one("unknown-property-diff", {"x": made(QUEUE, colour="red")}, failed("Property colour does not exist", "schema-validation", kind="preview", also=("program-build",)), command="preview --diff"),
    one("unknown-type-json", {"x": made("aws:sqs/kueue:Kueue")}, failed("unable to find resource type", "schema-validation", kind="preview", also=("program-exception", "program-build")), command="preview --json"),
    one("crash-json", {"jobs": made(QUEUE, fault="crash create: runtime error: invalid memory address or nil pointer dereference")}, failed("panic: runtime error", "provider-crash", (QUEUE, "jobs", "create")), command=f"{UP} --json"),
    then("protected-json", {"db": made(DATABASE, options={"protect": True})}, Run(command=f"{_DESTROY} --json"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="destroy", replaced=(), deleted=(), counts={})),
    then("protected-diff", {"db": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE)}, Run(command=f"{_DESTROY} --diff"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="destroy", replaced=())),
    then("replace-create-fails-json", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault=_TAKEN)}, command=f"{UP} --json"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=())),
    then("replace-delete-fails-json", {"jobs": made(QUEUE, replace="1", fault=f"delete: {IN_USE}")}, Run(resources={"jobs": made(QUEUE, replace="2")}, command=f"{UP} --json"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete-replaced"), replaced=("jobs",), counts={"replace": 1})),
    then("replace-fails-with-steps", {"jobs": made(QUEUE, replace="1", early=True)}, Run(resources={"jobs": made(QUEUE, replace="2", early=True, fault=_TAKEN)}, command=f"{UP} --show-replacement-steps"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=("jobs",))),
    then("replace-of-two-one-fails", {"jobs": made(QUEUE, replace="1"), "assets": made(BUCKET, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault=_TAKEN), "assets": made(BUCKET, replace="2")}, command=f"{UP} --continue-on-error"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), deleted=())),
    one("one-at-a-time-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "jobs": made(QUEUE, fault=_TAKEN)}, failed("api error", "permission-denied", (BUCKET, "assets", "create"), (QUEUE, "jobs", "create"), also=("already-exists",), counts={"create": 1}), command=f"{UP} --parallel 1 --continue-on-error"),
    one("diff-two-fail", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "jobs": made(QUEUE, fault=_TAKEN, options={"dependsOn": []}), "fine": made(ROLE)}, failed("api error", "permission-denied", (BUCKET, "assets", "create"), (QUEUE, "jobs", "create"), also=("already-exists",), counts={"create": 2}), command=f"{UP} --diff --parallel 1 --continue-on-error"),
    then("retained-while-another-fails", {"jobs": made(QUEUE, options={"retainOnDelete": True}), "assets": made(BUCKET, fault="delete: deleting S3 Bucket (assets): api error BucketNotEmpty: it is not empty")}, Run(command=f"{_DESTROY} --continue-on-error"), failed("BucketNotEmpty", "dependency-violation", (BUCKET, "assets", "delete"), kind="destroy", replaced=(), counts={"delete": 1})),
    then("deleted-with-its-owner", {"db": made(DATABASE), "user": made(ROLE, fault="delete: api error NoSuchEntity: no such user", options={"deletedWith": "${db}"})}, Run(command=_DESTROY), good(kind="destroy", counts={"delete": 3})),
    then("destroy-target-fails", {"role": made(ROLE), "jobs": made(QUEUE, fault=f"delete: {IN_USE}")}, Run(command=f"{_DESTROY} --target {urn(QUEUE, 'jobs')}"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), kind="destroy", replaced=(), deleted=(), counts={})),
    then("destroy-target-depends", {"role": made(ROLE, value="1"), "jobs": made(QUEUE, value="${role.value}")}, Run(command=f"{_DESTROY} --target {urn(ROLE, 'role')}"), failed("--target", "invalid-command", (QUEUE, "jobs", ""), kind="destroy", kind_of_events="update", replaced=(), deleted=(), also=("dependency-violation",))),
    then("destroy-remove", JOBS, Run(command=f"{_DESTROY} --remove"), good(kind="destroy", deleted=("assets", "jobs"), counts={"delete": 3})),
    then("destroy-run-program", JOBS, Run(resources=JOBS, command=f"{_DESTROY} --run-program"), good(kind="destroy", deleted=("assets", "jobs"), counts={"delete": 3})),
    then("refresh-run-program", JOBS, Run(resources=JOBS, command=f"{_REFRESH} --run-program"), good(kind="refresh", deleted=(), counts={})),
    then("refresh-vanished-expect-no-changes", {"jobs": made(QUEUE, vanished=True), "assets": made(BUCKET)}, Run(command=f"{_REFRESH} --expect-no-changes"), failed("no changes were expected", "drift", kind="refresh", in_log_only=True, deleted=())),
    then("up-refresh-then-create-fails", {"jobs": made(QUEUE, vanished=True), "assets": made(BUCKET)}, Run(resources={"jobs": made(QUEUE, fault=_TAKEN), "assets": made(BUCKET)}, command=f"{UP} --refresh"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), replaced=(), deleted=(), counts={})),
    one("policy-advice-and-failure", {"assets": made(BUCKET, note="advisory: owned: Buckets have an owner."), "jobs": made(QUEUE, fault=_TAKEN)}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), counts={"create": 2}), command=f"{UP} --policy-pack POLICY-PACK --continue-on-error"),
    one("policy-twice", {"assets": made(BUCKET, note="stack mandatory: encrypted: Buckets are encrypted at rest."), "jobs": made(QUEUE, note="stack mandatory: named: Queues have a name.")}, failed("e", "policy-violation", (BUCKET, "assets", ""), (QUEUE, "jobs", "")), command=f"{UP} --policy-pack POLICY-PACK --continue-on-error"),
    one("policy-mandatory-diff", {"assets": made(BUCKET, note="mandatory: encrypted: Buckets are encrypted at rest.")}, failed("Buckets are encrypted", "policy-violation", (BUCKET, "assets", "")), command=f"{UP} --diff --policy-pack POLICY-PACK"),
    one("policy-mandatory-up-json", {"assets": made(BUCKET, note="mandatory: encrypted: Buckets are encrypted at rest.")}, failed("Buckets are encrypted", "policy-violation", (BUCKET, "assets", "")), command=f"{UP} --json --policy-pack POLICY-PACK"),
    one("import-file-one-missing", {}, failed("does not exist", "not-found", (QUEUE, "two", "import"), kind="import", also=("import-mismatch",)), command="import --file import.json --yes --skip-preview --generate-code=false", files={"import.json": _IMPORTS}),
    then("import-of-a-known-one", {"jobs": made(QUEUE)}, Run(command=f"import {QUEUE} jobs there --yes --skip-preview --generate-code=false"), failed("already exists", "already-exists", (QUEUE, "jobs", "import"), kind="import", also=("duplicate-urn", "import-mismatch", "invalid-value"))),
    then("alias-of-two", {"jobs": made(QUEUE)}, Run(resources={"one": made(QUEUE, options={"aliases": [urn(QUEUE, "jobs")]}), "two": made(QUEUE, options={"aliases": [urn(QUEUE, "jobs")], "dependsOn": ["${one}"]})}), failed("alias", "duplicate-urn", (QUEUE, "two", ""), also=("schema-validation", "invalid-value"))),
    then("made-half-then-again", _PASSING, Run(resources={"web": made(DEPLOYMENT, value="mended")}), good(replaced=(), deleted=(), counts={"update": 1})),
    then("made-half-then-again-whole", _PASSING, Run(resources={"web": made(DEPLOYMENT, value="mended")}), good(replaced=(), deleted=()), whole=True),
    then("made-half-then-fails", _PASSING, Run(resources={"web": made(DEPLOYMENT, fault='update: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version')}), failed("the object has been modified", "operation-conflict", (DEPLOYMENT, "web", "update"), counts={})),
    series("two-stacks", Run(resources={"jobs": made(QUEUE, fault=_TAKEN)}), Run(resources={"jobs": made(QUEUE)}, command="INIT other up --yes --skip-preview --stack other"), truth=failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create")), whole=True),
    series("two-stacks-good", Run(resources=JOBS), Run(resources=JOBS, command="INIT other up --yes --skip-preview --stack other"), truth=good(counts={"create": 6}), whole=True),
    series("destroy-fails-then-good", Run(resources={"jobs": made(QUEUE, fault=f"delete: {IN_USE}")}), Run(command=_DESTROY), Run(resources={"jobs": made(QUEUE, value="mended")}), truth=good(counts={"update": 1}), whole=True),
    series("pending-then-fails", Run(resources={"slow": made(QUEUE, slow=30)}, kill_after=4.0), Run(resources={"slow": made(QUEUE), "jobs": made(BUCKET, fault=f"create: {DENIED}")}, command=f"CANCEL {UP} --continue-on-error"), truth=failed("AccessDenied", "permission-denied", (BUCKET, "jobs", "create"), also=("pending-operations",))),
    then("new-one-of-a-deleted-name-fails", {"old": {**made(ROLE, value="1"), "name": "same"}}, Run(resources={"top": made(QUEUE, value="1"), "new": {**made(ROLE, fault="create: api error LimitExceededException: too many roles"), "name": "same", "options": {"parent": "${top}"}}}, command=f"{UP} --continue-on-error"), failed("LimitExceededException", "quota-capacity", (ROLE, "same", "create"), replaced=(), deleted=("same",), counts={"create": 1, "delete": 1})),
    then("protected-name-of-spaces-diff", {"old news (2)": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE)}, Run(resources={"jobs": made(QUEUE, value="1")}, command=f"{UP} --diff"), failed("cannot be deleted", "protected-resource", (DATABASE, "old news (2)", "delete"), replaced=(), deleted=(), counts={"update": 1})),
    then("preview-urns-diff-protected", {"db": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2")}, command="preview --diff --urns"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="preview", replaced=("jobs",), deleted=(), counts={"replace": 1})),
    then("preview-of-destroy-protected", {"db": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE)}, Run(command="destroy --yes"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="preview", replaced=(), deleted=("jobs",), counts={"delete": 1})),
    then("delete-at-last-fails-diff", {"user": made(ROLE, fault="delete: api error DeleteConflict: it has policies"), "assets": made(BUCKET, value="1")}, Run(resources={"assets": made(BUCKET, value="2")}, command=f"{UP} --diff"), failed("DeleteConflict", "dependency-violation", (ROLE, "user", "delete"), replaced=(), deleted=(), counts={"update": 1}, also=("operation-conflict",), failed_in_log=())),
    one("two-begin-one-fails-diff", {"assets": made(BUCKET, slow=1, fault=f"create: {DENIED}"), "jobs": made(QUEUE, slow=2)}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create"), counts={"create": 2}), command=f"{UP} --diff"),
    one("interrupted-preview", {"there": {"type": BUCKET, "get": {"id": "there", "state": {"slow_read": 6}}}, "jobs": made(QUEUE, value="${there.value}")}, _cancelled("preview"), command="preview", interrupt_after=(3.5,)),
    then("interrupted-destroy-of-a-chain", {"last": made(BUCKET, value="1"), "slow": made(QUEUE, slow=6, options={"dependsOn": ["${last}"]})}, Run(command=_DESTROY, interrupt_after=(3.5,)), _cancelled("destroy", replaced=(), deleted=("slow",))),
)  # fmt: skip
