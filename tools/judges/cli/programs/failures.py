"""Runs that fail in a step: alone, together, in replacements, with messages of every shape."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.basics import JOBS
from tools.judges.cli.programs.forms import (
    ACCOUNT,
    BUCKET,
    DATABASE,
    DENIED,
    DEPLOYMENT,
    IN_USE,
    POD,
    QUEUE,
    ROLE,
    TOPIC,
    UP,
    Run,
    failed,
    good,
    made,
    one,
    then,
    urn,
)

_DESTROY: Final = "destroy --yes --skip-preview"
_TAKEN: Final = "create: creating SQS Queue (jobs): api error QueueNameExists: taken"
_QUOTA: Final = "create: creating RDS DB Instance (db): api error StorageQuotaExceeded: too much"
_GONE: Final = (
    'read: Status=401 Code="ExpiredAuthenticationToken" Message="The access token has expired."'
)
_BUSY: Final = "deleting S3 Bucket (assets): api error BucketNotEmpty: The bucket you tried to delete is not empty"
_NOT_READY: Final = (
    "init update: Deployment has failed readiness checks | Minimum number of live Pods was not attained"
    " | [Pod shop/web-7d9]: containers with unready status: [api] -- [CrashLoopBackOff] back-off 40s restarting failed container=api"
)
_LONG: Final = (
    "creating SQS Queue (jobs): api error InvalidAttributeValue: " + "policy is bad; " * 400
)
_FAKE_END: Final = (
    "create: creating SQS Queue (jobs): api error QueueNameExists: taken\n\nResources:\n"
    "    + 3 created\n\nDuration: 1s\n"
)
_DEPENDENT: Final = {
    "jobs": made(QUEUE, replace="1", early=True),
    "user": made(BUCKET, replace="${jobs.replace}", early=True, fault=f"delete: {_BUSY}"),
}
_DEPENDENT_AFTER: Final = {
    "jobs": made(QUEUE, replace="2", early=True),
    "user": made(BUCKET, replace="${jobs.replace}", early=True, fault=f"delete: {_BUSY}"),
}

FAILURES: Final = (
    then("update-fails-diff", {"topic": made(TOPIC, value="1")}, Run(resources={"topic": made(TOPIC, value="2", fault="update: Error updating Topic: googleapi: Error 400: Invalid value at 'topic.labels', badRequest")}, command=f"{UP} --diff"), failed("googleapi: Error 400", "invalid-value", (TOPIC, "topic", "update"), replaced=(), deleted=())),
    then("update-half-ready", {"web": made(DEPLOYMENT, value="1")}, Run(resources={"web": made(DEPLOYMENT, value="2", fault=_NOT_READY)}), failed("CrashLoopBackOff", "not-ready", (DEPLOYMENT, "web", "update"), replaced=(), deleted=())),
    then("deletes-fail-twice", {"assets": made(BUCKET, fault=f"delete: {_BUSY}"), "jobs": made(QUEUE, fault=f"delete: {IN_USE}"), "role": made(ROLE)}, Run(resources={}, command=f"{_DESTROY} --continue-on-error"), failed("api error", "dependency-violation", (BUCKET, "assets", "delete"), (QUEUE, "jobs", "delete"), kind="destroy", replaced=(), deleted=("role",), counts={"delete": 1})),
    then("destroy-fails-json", {"assets": made(BUCKET, fault=f"delete: {_BUSY}")}, Run(resources={}, command=f"{_DESTROY} --json"), failed("BucketNotEmpty", "dependency-violation", (BUCKET, "assets", "delete"), kind="destroy", replaced=(), deleted=())),
    then("destroy-fails-terminal", {"assets": made(BUCKET, fault=f"delete: {_BUSY}")}, Run(resources={}, command="destroy --yes", terminal=True), failed("BucketNotEmpty", "dependency-violation", (BUCKET, "assets", "delete"), kind="destroy", replaced=(), deleted=())),
    then("destroy-refresh-fails", {"store": made(ACCOUNT, value="1", fault=_GONE)}, Run(resources={}, command=f"{_DESTROY} --refresh"), failed("ExpiredAuthenticationToken", "missing-credentials", (ACCOUNT, "store", "refresh"), kind="destroy", kind_of_events="refresh", replaced=(), deleted=())),
    one("read-fails", {"there": {"type": ACCOUNT, "get": {"id": "there", "state": {"fault": _GONE}}}}, failed("ExpiredAuthenticationToken", "missing-credentials", (ACCOUNT, "there", "read"))),
    one("read-missing", {"there": {"type": BUCKET, "get": {"id": "missing-one"}}}, failed("does not exist", "not-found", (BUCKET, "there", "read"))),
    one("child-fails", {"jobs": made(QUEUE, value="1"), "inner": made(BUCKET, fault=f"create: {DENIED}", options={"parent": "${jobs}"})}, failed("AccessDenied", "permission-denied", (BUCKET, "inner", "create"), counts={"create": 2})),
    one("cascade-of-three", {"role": made(ROLE, fault="create: creating IAM Role (role): api error MalformedPolicyDocument: bad principal"), "jobs": made(QUEUE, value="${role.value}"), "assets": made(BUCKET, value="${jobs.value}"), "other": made(DATABASE, value="1")}, failed("MalformedPolicyDocument", "invalid-value", (ROLE, "role", "create")), command=f"{UP} --continue-on-error"),
    one("two-at-once-fail", {"assets": made(BUCKET, fault=f"create: {DENIED}", slow=1), "db": made(DATABASE, fault=_QUOTA, slow=1)}, failed("api error", "permission-denied", (BUCKET, "assets", "create"), (DATABASE, "db", "create"), also=("quota-capacity",))),
    then("mixed-then-fails", {"changed": made(BUCKET, value="1"), "dropped": made(ROLE)}, Run(resources={"changed": made(BUCKET, value="2"), "added": made(POD, fault='create: pods "added" is forbidden: User "ci" cannot create resource "pods" in API group "" in the namespace "shop"', options={"dependsOn": ["${changed}"]})}), failed("forbidden", "permission-denied", (POD, "added", "create"), replaced=(), deleted=(), counts={"update": 1})),
    then("mixed-then-fails-json", {"changed": made(BUCKET, value="1"), "dropped": made(ROLE)}, Run(resources={"changed": made(BUCKET, value="2"), "added": made(POD, fault='create: pods "added" is forbidden: User "ci" cannot create resource "pods" in API group "" in the namespace "shop"', options={"dependsOn": ["${changed}"]})}, command=f"{UP} --json"), failed("forbidden", "permission-denied", (POD, "added", "create"), replaced=(), deleted=(), counts={"update": 1})),
    then("replace-create-fails-diff", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault=_TAKEN)}, command=f"{UP} --diff"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=(), failed_in_log=())),
    then("replace-create-fails-with-preview", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault=_TAKEN)}, command="up --yes"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=())),
    then("replace-create-fails-terminal", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault=_TAKEN)}, command="up --yes", terminal=True), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=())),
    then("replace-early-create-fails-diff", {"jobs": made(QUEUE, replace="1", early=True)}, Run(resources={"jobs": made(QUEUE, replace="2", early=True, fault=_TAKEN)}, command=f"{UP} --diff"), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"))),
    then("replace-early-delete-fails", {"jobs": made(QUEUE, replace="1", early=True, fault=f"delete: {IN_USE}")}, Run(resources={"jobs": made(QUEUE, replace="2", early=True)}), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete-replaced"), replaced=(), deleted=())),
    then("replace-delete-fails-diff", {"jobs": made(QUEUE, replace="1", fault=f"delete: {IN_USE}")}, Run(resources={"jobs": made(QUEUE, replace="2")}, command=f"{UP} --diff"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete-replaced"), replaced=("jobs",))),
    then("replaced-dependent-delete-fails", _DEPENDENT, Run(resources=_DEPENDENT_AFTER), failed("BucketNotEmpty", "dependency-violation", (BUCKET, "user", "delete-replaced"), replaced=(), deleted=())),
    then("protected-replace", {"db": made(DATABASE, replace="1", options={"protect": True})}, Run(resources={"db": made(DATABASE, replace="2", options={"protect": True})}), failed("unable to replace resource", "protected-resource", (DATABASE, "db", "replace"), replaced=(), deleted=())),
    then("protected-among-others", {"db": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE)}, Run(resources={}, command=_DESTROY), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="destroy", replaced=(), deleted=("jobs",))),
    one("checks-fail-twice", {"store": made(ACCOUNT, fault="check: accountName must be between 3 and 24 characters | sku: expected one of [Standard_LRS Premium_LRS] @accountName"), "jobs": made(QUEUE)}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), also=("invalid-value",))),
    one("configure-check-fails", {"west": made("pulumi:providers:aws", broken="check: region: expected a valid region, got moon-1"), "jobs": made(QUEUE, options={"provider": "${west}"})}, failed("expected a valid region", "schema-validation", ("pulumi:providers:aws", "west", ""), also=("invalid-value",))),
    one("invoke-refused", {"x": made(QUEUE)}, failed("must be set", "schema-validation"), top={"variables": {"found": {"fn::invoke": {"function": "aws:index:find", "arguments": {"name": "refused the value must be set"}}}}}),
    one("crash-in-check", {"jobs": made(QUEUE, fault="crash check: assignment to entry in nil map")}, failed("assignment to entry in nil map", "provider-crash", (QUEUE, "jobs", ""))),
    then("crash-in-delete", {"jobs": made(QUEUE, fault="crash delete: index out of range [3] with length 3")}, Run(resources={}, command=_DESTROY), failed("index out of range", "provider-crash", (QUEUE, "jobs", "delete"), kind="destroy", replaced=(), deleted=())),
    then("crash-in-refresh", {"jobs": made(QUEUE, fault="crash read: runtime error: slice bounds out of range")}, Run(command="refresh --yes --skip-preview"), failed("slice bounds out of range", "provider-crash", (QUEUE, "jobs", "refresh"), kind="refresh", replaced=(), deleted=())),
    then("refresh-fails-twice", {"assets": made(ACCOUNT, fault=_GONE), "jobs": made(QUEUE, value="1")}, Run(command="refresh --yes"), failed("ExpiredAuthenticationToken", "missing-credentials", (ACCOUNT, "assets", "refresh"), kind="refresh", replaced=(), deleted=())),
    one("message-long", {"jobs": made(QUEUE, fault=f"create: {_LONG}")}, failed("InvalidAttributeValue", "invalid-value", (QUEUE, "jobs", "create"))),
    one("message-with-an-end", {"jobs": made(QUEUE, fault=_FAKE_END)}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"))),
    one("message-coloured", {"jobs": made(QUEUE, fault="create: \x1b[31mcreating SQS Queue (jobs):\x1b[0m api error \x1b[1mQueueNameExists\x1b[0m: taken")}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"))),
    one("message-of-another-tongue", {"jobs": made(QUEUE, fault="create: creating SQS Queue (jobs): api error QueueNameExists: 名前は既に使われています")}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"))),
    one("message-of-a-list", {"net": made(ACCOUNT, fault="create: 2 errors occurred:\n\t* creating: Code=\"SkuNotAvailable\" Message=\"The requested size is not available in location 'westeurope'.\"\n\t* reading it back: context canceled\n\n")}, failed("SkuNotAvailable", "quota-capacity", (ACCOUNT, "net", "create"))),
    one("name-with-colons-fails", {"a::b/c:d": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "a::b/c:d", "create"))),
    one("name-of-an-error-fails", {"error: update failed": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "error: update failed", "create"))),
    one("name-of-a-status", {"created": made(BUCKET, value="1"), "**creating failed**": made(QUEUE, fault=_TAKEN)}, failed("QueueNameExists", "already-exists", (QUEUE, "**creating failed**", "create"), counts={"create": 2})),
    one("logged-error-then-good", {"jobs": made(QUEUE, log="error: the queue could not be tagged: api error TagPolicyViolation: tag Owner is missing")}, good(outcome_in_log="failed")),
    one("verbose-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} -v 3 --logtostderr"),
    one("debug-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} --debug"),
    one("colour-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "jobs": made(QUEUE)}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command="up --yes --color always"),
    one("quiet-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} --suppress-outputs --suppress-progress --color never"),
    one("urns-fail", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} --urns --show-sames --show-full-output"),
    one("many-fail", {f"queue-{n:02d}": made(QUEUE, fault=_TAKEN.replace("jobs", f"queue-{n:02d}")) for n in range(40)}, failed("QueueNameExists", "already-exists", *((QUEUE, f"queue-{n:02d}", "create") for n in range(40))), command=f"{UP} --continue-on-error"),
    then("target-not-there", JOBS, Run(resources=JOBS, command=f"{UP} --target {urn(QUEUE, 'nothere')}"), failed("nothere", "not-found")),
    one("target-depends", {"role": made(ROLE, value="1"), "jobs": made(QUEUE, value="${role.value}")}, failed("not specified in --target list", "invalid-command", (QUEUE, "jobs", "")), command=f"{UP} --target {urn(QUEUE, 'jobs')}"),
    one("alias-of-no-text", {"jobs": made(QUEUE, options={"aliases": [{"name": "tasks"}]})}, failed("must be a string", "schema-validation", before_events=True, also=("program-build", "invalid-value"))),
    one("import-refused", {}, failed("does not exist", "not-found", (BUCKET, "adopted", "import"), kind="import", also=("import-mismatch",)), command=f"import {BUCKET} adopted missing-one --yes --skip-preview --generate-code=false"),
)  # fmt: skip
