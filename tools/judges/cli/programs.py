"""The programs that the real CLI runs, each with the truth that it was made for.

A program is a list of runs of one stack; the last one is the recorded one, unless `whole` says that
all of them make one log. Messages are in the grammar of the providers, their content is ours.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

BUCKET: Final = "aws:s3/bucket:Bucket"
QUEUE: Final = "aws:sqs/queue:Queue"
ROLE: Final = "aws:iam/role:Role"
DATABASE: Final = "aws:rds/instance:Instance"
POD: Final = "kubernetes:core/v1:Pod"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
TOPIC: Final = "gcp:pubsub/topic:Topic"
ACCOUNT: Final = "azure-native:storage:StorageAccount"
COMMAND: Final = "command:local:Command"
TYPES: Final = (BUCKET, QUEUE, ROLE, DATABASE, POD, DEPLOYMENT, TOPIC, ACCOUNT, COMMAND)
VERSIONS: Final = {
    "aws": "7.9.0",
    "kubernetes": "4.24.0",
    "gcp": "9.5.0",
    "azure-native": "3.9.0",
    "command": "1.1.3",
}

Resources = dict[str, dict[str, Any]]
UP: Final = "up --yes --skip-preview"
DENIED: Final = (
    "operation error S3: CreateBucket, https response error StatusCode: 403, RequestID: 7Q1X, "
    "HostID: d2, api error AccessDenied: User: arn:aws:iam::111122223333:user/ci is not authorized "
    "to perform: s3:CreateBucket"
)
IN_USE: Final = (
    "deleting SQS Queue (jobs): operation error SQS: DeleteQueue, https response error StatusCode: "
    "400, RequestID: 11, api error ResourceInUseException: queue is used by a mapping"
)


class Run(Struct, frozen=True, kw_only=True):
    """One command on the stack, after its program was written."""

    resources: Resources = {}
    command: str = UP
    top: dict[str, Any] = {}
    """More keys of Pulumi.yaml: `config`, `outputs`, `variables`, `runtime`."""
    raw: str = ""
    """The whole program as text, instead."""
    env: dict[str, str] = {}
    interrupt_after: tuple[float, ...] = ()
    """Seconds of rest before each SIGINT."""
    kill_after: float = 0.0
    terminal: bool = False
    """On a pseudo terminal: the interactive display."""


class Truth(Struct, frozen=True, kw_only=True, rename={"failure_class": "class"}):
    """What the program was made to show."""

    outcome: str
    failure_class: str
    kind: str = "update"
    also: tuple[str, ...] = ()
    failed: tuple[tuple[str, str, str], ...] = ()
    """Type, name, operation; the operation is empty where the engine had not begun one."""
    cause: str = ""
    """Words of the line that states the cause."""
    kind_of_events: str = ""
    """Where the events alone show another kind: the update ended in its refresh."""
    in_log_only: bool = False
    """The CLI says it after the engine's last event: by the events alone, the run went well."""
    replaced: tuple[str, ...] | None = None
    deleted: tuple[str, ...] | None = None


class Program(Struct, frozen=True, kw_only=True):
    name: str
    runs: tuple[Run, ...]
    truth: Truth
    whole: bool = False
    """All runs make one log."""
    needs: str = ""


def one(name: str, resources: Resources, truth: Truth, **more: Any) -> Program:
    """A program of one run."""
    return Program(name=name, runs=(Run(resources=resources, **more),), truth=truth)


def made(type_: str, **properties: Any) -> dict[str, Any]:
    """A resource of the program; `options` is passed beside its properties."""
    options = properties.pop("options", None)
    return {"type": type_, "properties": properties} | ({"options": options} if options else {})


def failed(cause: str, failure_class: str, *resources: tuple[str, str, str], **more: Any) -> Truth:
    return Truth(
        outcome="failed", failure_class=failure_class, cause=cause, failed=resources, **more
    )


def good(**more: Any) -> Truth:
    return Truth(outcome="succeeded", failure_class="success", **more)


def then(name: str, before: Resources, after: Run, truth: Truth, *, whole: bool = False) -> Program:
    """A first run that goes well, and the recorded one."""
    return Program(name=name, runs=(Run(resources=before), after), truth=truth, whole=whole)


_JOBS: Final = {"assets": made(BUCKET, value="a"), "jobs": made(QUEUE, value="b")}
_STUCK: Final = {
    "assets": made(BUCKET, value="a"),
    "jobs": made(QUEUE, value="b", fault=f"delete: {IN_USE}"),
}

PROGRAMS: Final = (
    one("fine", _JOBS, good()),
    one("fine-preview", _JOBS, good(kind="preview"), command="preview"),
    one("fine-terminal", _JOBS, good(), terminal=True),
    one("fine-with-preview", _JOBS, good(), command="up --yes"),
    then("fine-no-changes", _JOBS, Run(resources=_JOBS), good()),
    one("fine-json", _JOBS, good(), command=f"{UP} --json"),
    one("fine-preview-json", _JOBS, good(kind="preview"), command="preview --json"),
    one("fine-secret", {"assets": made(BUCKET, value={"fn::secret": "hunter2-hunter2"})}, good(), top={"outputs": {"it": {"fn::secret": "hunter2-hunter2"}}}),
    one("fine-many", {f"queue-{n:03d}": made(QUEUE, value=str(n)) for n in range(300)}, good()),
    one("fine-printing-errors", {"jobs": made(QUEUE, log="info: error: exit status 1: a tool said\npanic: not really\nerror: boom")}, good()),
    one("fine-names", {"schöne Warteschlange 7": made(QUEUE, value="ü")}, good()),
    then("fine-destroy", _JOBS, Run(resources=_JOBS, command="destroy --yes --skip-preview"), good(kind="destroy", deleted=("assets", "jobs"))),
    then("fine-refresh", _JOBS, Run(resources=_JOBS, command="refresh --yes --skip-preview"), good(kind="refresh", deleted=())),
    then("refresh-drift", {"assets": made(BUCKET, value="a", drift="changed"), "jobs": made(QUEUE, vanished=True)}, Run(command="refresh --yes --skip-preview", resources={"assets": made(BUCKET, value="a", drift="changed"), "jobs": made(QUEUE, vanished=True)}), good(kind="refresh", deleted=())),
    then("refresh-expect-no-changes", {"assets": made(BUCKET, value="a", drift="changed")}, Run(command="refresh --yes --skip-preview --expect-no-changes", resources={"assets": made(BUCKET, value="a", drift="changed")}), failed("no changes were expected", "drift", kind="refresh", in_log_only=True)),
    one("expect-no-changes", _JOBS, failed("no changes were expected", "drift", in_log_only=True), command=f"{UP} --expect-no-changes"),
    one("expect-no-changes-preview", _JOBS, failed("no changes were expected", "drift", kind="preview", in_log_only=True), command="preview --expect-no-changes"),
    then("fine-replace", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2")}), good(replaced=("jobs",), deleted=())),
    then("fine-replace-diff", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2")}, command=f"{UP} --diff"), good(replaced=("jobs",), deleted=())),
    then("fine-replace-early", {"jobs": made(QUEUE, replace="1", early=True)}, Run(resources={"jobs": made(QUEUE, replace="2", early=True)}), good(replaced=("jobs",), deleted=())),
    then("replace-create-fails", {"jobs": made(QUEUE, replace="1")}, Run(resources={"jobs": made(QUEUE, replace="2", fault="create: creating SQS Queue (jobs): api error QueueNameExists: taken")}), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"), replaced=(), deleted=())),
    then("replace-early-create-fails", {"jobs": made(QUEUE, replace="1", early=True)}, Run(resources={"jobs": made(QUEUE, replace="2", early=True, fault="create: creating SQS Queue (jobs): api error QueueNameExists: taken")}), failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create-replacement"))),
    then("replace-delete-fails", {"jobs": made(QUEUE, replace="1", fault=f"delete: {IN_USE}")}, Run(resources={"jobs": made(QUEUE, replace="2")}), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete-replaced"), replaced=("jobs",))),
    one("create-fails", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "jobs": made(QUEUE)}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create"))),
    one("create-fails-terminal", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "jobs": made(QUEUE)}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), terminal=True),
    one("create-fails-diff", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} --diff"),
    one("create-fails-json", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command=f"{UP} --json"),
    one("create-fails-cascade", {"role": made(ROLE, fault="create: creating IAM Role (role): api error MalformedPolicyDocument: bad principal"), "jobs": made(QUEUE, value="${role.value}")}, failed("MalformedPolicyDocument", "invalid-value", (ROLE, "role", "create"))),
    one("create-fails-twice", {"assets": made(BUCKET, fault=f"create: {DENIED}"), "db": made(DATABASE, fault="create: creating RDS DB Instance (db): api error StorageQuotaExceeded: too much")}, failed("api error", "permission-denied", (BUCKET, "assets", "create"), (DATABASE, "db", "create"), also=("quota-capacity",)), command=f"{UP} --continue-on-error"),
    one("create-fails-with-preview", {"assets": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "assets", "create")), command="up --yes"),
    one("name-with-spaces-fails", {"mein schöner Eimer": made(BUCKET, fault=f"create: {DENIED}")}, failed("AccessDenied", "permission-denied", (BUCKET, "mein schöner Eimer", "create"))),
    then("update-fails", {"topic": made(TOPIC, value="1")}, Run(resources={"topic": made(TOPIC, value="2", fault="update: Error updating Topic \"projects/p/topics/topic\": googleapi: Error 429: Quota exceeded for quota metric 'writes'., rateLimitExceeded")}), failed("googleapi: Error 429", "service-error", (TOPIC, "topic", "update"), also=("quota-capacity",))),
    then("delete-fails", _STUCK, Run(resources={}, command="destroy --yes --skip-preview"), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), kind="destroy", deleted=("assets",))),
    then("delete-in-update-fails", _STUCK, Run(resources={"assets": made(BUCKET, value="a")}), failed("ResourceInUseException", "dependency-violation", (QUEUE, "jobs", "delete"), deleted=())),
    one("check-fails", {"store": made(ACCOUNT, fault="check: accountName must be between 3 and 24 characters @accountName")}, failed("accountName must be", "schema-validation", (ACCOUNT, "store", ""), kind="update", also=("invalid-value",))),
    then("diff-fails", {"store": made(ACCOUNT, value="1")}, Run(resources={"store": made(ACCOUNT, value="2", fault="diff: Status=404 Code=\"ResourceGroupNotFound\" Message=\"Resource group 'rg' could not be found.\"")}), failed("ResourceGroupNotFound", "not-found", (ACCOUNT, "store", ""))),
    then("refresh-fails", {"store": made(ACCOUNT, value="1", fault='read: autorest/azure: Service returned an error. Status=401 Code="ExpiredAuthenticationToken" Message="The access token has expired."')}, Run(resources={}, command="refresh --yes --skip-preview"), failed("ExpiredAuthenticationToken", "missing-credentials", (ACCOUNT, "store", "refresh"), kind="refresh")),
    then("up-refresh-fails", {"store": made(ACCOUNT, value="1", fault="read: Status=403 Code=\"AuthorizationFailed\" Message=\"The client does not have authorization to perform action 'read'.\"")}, Run(resources={"store": made(ACCOUNT, value="1")}, command=f"{UP} --refresh"), failed("AuthorizationFailed", "permission-denied", (ACCOUNT, "store", "refresh"), kind_of_events="refresh")),
    one("import-missing", {"old": made(BUCKET, options={"import": "missing-bucket"})}, failed("does not exist", "not-found", (BUCKET, "old", "import"), also=("import-mismatch",))),
    one("import-then-update", {"old": made(BUCKET, value="other", options={"import": "there"})}, good()),
    one("warned", {"jobs": made(QUEUE, log="warning: 9 of 10 errors are ignored")}, good()),
    one("logged-and-returned", {"jobs": made(QUEUE, log="error: creating SQS Queue (jobs): api error QueueNameExists: taken", fault="create: creating SQS Queue (jobs): api error QueueNameExists: taken")}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"))),
    one("bucket-exists", {"assets": made(BUCKET, fault="create: 1 error occurred:\n\t* creating S3 Bucket (assets): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 1, HostID: 2, BucketAlreadyOwnedByYou: yours already\n\n")}, failed("BucketAlreadyOwnedByYou", "already-exists", (BUCKET, "assets", "create"))),
    one("fine-import", {}, good(kind="import"), command=f"import {BUCKET} adopted there --yes --skip-preview --generate-code=false"),
    one("init-fails", {"web": made(DEPLOYMENT, fault="init create: 1 error occurred:\n\t* the Kubernetes API server reported that \"default/web-1\" failed to fully initialize or become live: 'web-1' timed out waiting to be Ready | [Pod web-1-x]: containers with unready status: [nginx] -- [ImagePullBackOff] Back-off pulling image \"nginx:nope\"")}, failed("ImagePullBackOff", "not-ready", (DEPLOYMENT, "web", "create"))),
    then("protected", {"db": made(DATABASE, options={"protect": True})}, Run(resources={}), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"))),
    then("protected-destroy", {"db": made(DATABASE, options={"protect": True})}, Run(resources={"db": made(DATABASE, options={"protect": True})}, command="destroy --yes --skip-preview"), failed("cannot be deleted", "protected-resource", (DATABASE, "db", "delete"), kind="destroy")),
    one("duplicate-urn", {"a": {**made(QUEUE), "name": "same"}, "b": {**made(QUEUE), "name": "same"}}, failed("Duplicate resource URN", "duplicate-urn", (QUEUE, "same", ""))),
    one("missing-config", {"jobs": made(QUEUE)}, failed("missing configuration value", "missing-config", kind="unknown"), top={"config": {"size": {"type": "string"}}}),
    one("unknown-type", {"x": made("aws:sqs/kueue:Kueue")}, failed("unable to find resource type", "schema-validation", kind="update", also=("program-exception", "program-build"))),
    one("unknown-property", {"x": made(QUEUE, colour="red")}, failed("Property colour does not exist", "schema-validation", also=("program-build",))),
    one("unknown-variable", {"x": made(QUEUE, value="${nowhere.id}")}, failed('"nowhere" not found', "program-build", also=("schema-validation", "program-exception"))),
    one("unknown-variable-preview", {"x": made(QUEUE, value="${nowhere.id}")}, failed('"nowhere" not found', "program-build", kind="preview", also=("schema-validation", "program-exception")), command="preview"),
    one("broken-yaml", {}, failed("yaml", "program-build", kind="unknown", also=("schema-validation", "backend-access", "program-exception")), raw="name: judged\nruntime: yaml\nresources:\n  x: [unclosed\n"),
    one("invoke-fails", {"x": made(QUEUE)}, failed("NoSuchEntity", "not-found"), top={"variables": {"found": {"fn::invoke": {"function": "aws:index:find", "arguments": {"name": "api error NoSuchEntity: the role ci cannot be found"}}}}}),
    one("provider-crash", {"jobs": made(QUEUE, fault="crash create: runtime error: invalid memory address or nil pointer dereference")}, failed("panic: runtime error", "provider-crash", (QUEUE, "jobs", "create"))),
    one("provider-configure", {"aws9": made("pulumi:providers:aws", broken="unable to validate AWS credentials.\nDetails: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 2, api error ExpiredToken: The security token included in the request is expired"), "jobs": made(QUEUE, options={"provider": "${aws9}"})}, failed("ExpiredToken", "missing-credentials", ("pulumi:providers:aws", "aws9", "create"))),
    one("plugin-missing", {"x": made("nosuch:index:Thing")}, failed("nosuch", "plugin-unavailable")),
    one("command-fails", {"run": made(COMMAND, fault="create: exit status 3: running \"make deploy\":\nmake: *** No rule to make target 'deploy'.  Stop.")}, failed("exit status 3", "command-failed", (COMMAND, "run", "create"))),
    one("unreachable-cluster", {"pod": made(POD, fault='create: configured Kubernetes cluster is unreachable: unable to load schema information from the API server: Get "https://10.0.0.1:6443/openapi/v2?timeout=32s": dial tcp 10.0.0.1:6443: connect: connection refused')}, failed("configured Kubernetes cluster is unreachable", "cluster-unreachable", (POD, "pod", "create"))),
    Program(name="wrong-passphrase", runs=(Run(resources={"a": made(BUCKET, value={"fn::secret": "x"})}), Run(resources={"a": made(BUCKET)}, env={"PULUMI_CONFIG_PASSPHRASE": "other"})), truth=failed("incorrect passphrase", "secrets-decryption", kind="unknown")),
    Program(name="locked", runs=(Run(resources=_JOBS), Run(resources=_JOBS, command="LOCK " + UP)), truth=failed("the stack is currently locked by", "state-locked", kind="unknown")),
    one("interrupted", {"slow": made(QUEUE, slow=8), "after": made(BUCKET, value="${slow.value}", options={"dependsOn": ["${slow}"]})}, Truth(outcome="cancelled", failure_class="cancelled"), interrupt_after=(3.5,)),
    one("interrupted-twice", {"slow": made(QUEUE, slow=20)}, Truth(outcome="cancelled", failure_class="cancelled"), interrupt_after=(3.5, 1.5)),
    one("killed", {"fast": made(BUCKET), "slow": made(QUEUE, slow=30)}, Truth(outcome="unknown", failure_class="unknown"), kill_after=4.0),
    Program(name="pending", runs=(Run(resources={"slow": made(QUEUE, slow=30)}, kill_after=4.0), Run(resources={"slow": made(QUEUE)}, command="CANCEL " + UP)), truth=good()),
    then("plan-violation", {"assets": made(BUCKET)}, Run(resources={"assets": made(BUCKET), "jobs": made(QUEUE)}, command=f"PLAN {UP} --plan plan.json"), failed("not allowed by the plan", "plan-violation", (QUEUE, "jobs", "create"))),
    one("state-error", {}, failed("failed to load checkpoint", "state-integrity", also=("backend-access", "unknown")), command="BREAK " + UP),
    Program(name="retry", runs=(Run(resources={"jobs": made(QUEUE, fault="create: dial tcp: lookup sqs.eu-west-1.amazonaws.com: no such host")}), Run(resources={"jobs": made(QUEUE)})), truth=good(), whole=True),
    one("unknown-stack", {}, failed("no stack named", "backend-access", kind="unknown"), command="up --yes --stack nowhere"),
)  # fmt: skip
