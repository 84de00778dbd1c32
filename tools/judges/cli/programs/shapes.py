"""Names, values and messages of unusual shape, and texts that look like the display's own."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.forms import (
    ACCOUNT,
    BUCKET,
    DATABASE,
    DENIED,
    DEPLOYMENT,
    QUEUE,
    ROLE,
    TOPIC,
    UP,
    Program,
    Run,
    failed,
    good,
    made,
    one,
    then,
)

_DESTROY: Final = "destroy --yes --skip-preview"
_TAKEN: Final = "create: creating SQS Queue (jobs): api error QueueNameExists: taken"
_HUGE: Final = "queue-" + "of-a-very-long-name-" * 18
_TAGS: Final = {f"key-{n:03d}": f"value {n}" for n in range(100)}
_TAGS_AFTER: Final = {f"key-{n:03d}": f"value {n + n % 3}" for n in range(100)}
_JSON_BODY: Final = (
    'create: 403 Forbidden: {\n  "error": {\n    "code": 403,\n    "message": "Permission '
    "'pubsub.topics.create' denied on resource 'projects/shop'.\",\n    \"status\": "
    '"PERMISSION_DENIED",\n    "errors": [{"reason": "forbidden"}]\n  }\n}'
)
_HTML_BODY: Final = (
    "create: unexpected status 503 Service Unavailable: <!DOCTYPE html>\n<html><head><title>503 Service "
    "Temporarily Unavailable</title></head>\n<body>\n<center><h1>503</h1></center>\n</body></html>"
)
_NESTED: Final = (
    "create: 1 error occurred:\n\t* creating: 2 errors occurred:\n\t\t* the first try: context deadline "
    "exceeded\n\t\t* the second try: api error InvalidParameterValue: the class is not offered\n\n\n"
)
_COLON: Final = 'create: could not make the account:\n\nCode="SkuNotAvailable" Message="The size is not available in location \'westeurope\'.":'
_SPOOFED: Final = (
    "info: ^C received; cancelling. If you would like to terminate immediately, press ^C again."
)
_HEADINGS: Final = (
    "info: Destroying (prod):\n -  aws:sqs:Queue jobs **deleting failed** error: api error Denied: no\n"
    "Diagnostics:\n  aws:sqs:Queue (jobs):\n    error: api error Denied: no\nResources:\n    - 9 deleted\n"
    "Duration: 1m0s"
)


def _named(program: str, name: str) -> Program:
    return one(
        program,
        {name: made(BUCKET, fault=f"create: {DENIED}"), "fine": made(QUEUE, value="1")},
        failed("AccessDenied", "permission-denied", (BUCKET, name, "create"), counts={"create": 2}),
        command=f"{UP} --continue-on-error",
    )


def _said(program: str, text: str, cause: str, failure_class: str, **more: object) -> Program:
    truth = failed(cause, failure_class, (QUEUE, "jobs", "create"), counts={"create": 1}, **more)
    return one(program, {"jobs": made(QUEUE, fault=text)}, truth)


SHAPES: Final = (
    _named("name-of-a-path-fails", "infra/eu-west-1.prod/assets.v2"),
    _named("name-of-quotes-fails", "it's \"quoted\" (twice)"),
    _named("name-of-brackets-fails", "[mandatory] {a}: (b):"),
    _named("name-of-an-arrow-fails", "old -> new => newest"),
    _named("name-of-a-heading-fails", "Diagnostics:"),
    _named("name-of-a-severity-fails", "warning: 2 warnings"),
    _named("name-of-a-verb-fails", "create replacement"),
    _named("name-of-dots-fails", "..."),
    _named("name-of-emoji-fails", "🪣 “assets”"),
    _named("name-huge-fails", _HUGE),
    one("names-of-the-display", {"Resources:": made(BUCKET), "Duration: 3s": made(QUEUE), "+ 7 created": made(ROLE)}, good(counts={"create": 4})),
    then("names-of-the-display-destroyed", {"Resources:": made(BUCKET), "Duration: 3s": made(QUEUE)}, Run(command=_DESTROY), good(kind="destroy", deleted=("Duration: 3s", "Resources:"), counts={"delete": 3})),
    then("hundred-properties", {"jobs": made(QUEUE, tags=_TAGS)}, Run(resources={"jobs": made(QUEUE, tags=_TAGS_AFTER)}, command="up --yes --diff"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("hundred-properties-fail", {"jobs": made(QUEUE, tags=_TAGS)}, Run(resources={"jobs": made(QUEUE, tags=_TAGS_AFTER, fault="update: api error TooManyTagsException: at most 50")}, command="up --yes --diff"), failed("TooManyTagsException", "quota-capacity", (QUEUE, "jobs", "update"), replaced=(), deleted=(), counts={}, also=("invalid-value",))),
    one("tags-of-errors", {"jobs": made(QUEUE, tags={"error": "error: update failed", "Diagnostics": "Diagnostics:", "x": "Resources:\n    1 errored\n"})}, good(counts={"create": 2}), command="up --yes --diff", top={"outputs": {"tags": "${jobs.tags}"}}),
    one("fault-of-json", {"news": made(TOPIC, fault=_JSON_BODY)}, failed("pubsub.topics.create", "permission-denied", (TOPIC, "news", "create"), counts={"create": 1})),
    _said("fault-of-html", _HTML_BODY, "503 Service Unavailable", "service-error"),
    _said("fault-of-nested-lists", _NESTED, "the first try", "invalid-value", also=("network-error",)),
    _said("fault-ends-with-a-colon", _COLON, "could not make the account", "quota-capacity"),
    _said("fault-of-empty-lines", "create: \n\n\napi error QueueNameExists: taken\n\n\n", "QueueNameExists", "already-exists"),
    _said("fault-of-carriage-returns", "create: creating SQS Queue (jobs):\r\napi error QueueNameExists: taken\r\n", "QueueNameExists", "already-exists"),
    _said("fault-begins-with-a-severity", "create: warning: api error QueueNameExists: taken", "QueueNameExists", "already-exists"),
    _said("fault-of-cancel", "create: update canceled: api error QueueNameExists: taken", "QueueNameExists", "already-exists", also=("cancelled",)),
    _said("fault-of-an-interrupt", "create: ^C received; cancelling. api error QueueNameExists: taken", "QueueNameExists", "already-exists", also=("cancelled",)),
    _said("fault-of-rows", "create: api error QueueNameExists: taken\n +  aws:s3:Bucket other **creating failed** error: no\nupdate failed", "QueueNameExists", "already-exists"),
    _said("fault-of-an-urn", "create: api error QueueNameExists: taken by urn:pulumi:prod::other::aws:s3/bucket:Bucket::theirs", "QueueNameExists", "already-exists"),
    _said("fault-of-another-block", "create: api error QueueNameExists: taken\n  aws:s3:Bucket (other):\n    error: not so", "QueueNameExists", "already-exists"),
    _said("timeout-in-create", "create: timeout while waiting for state to become 'available' (last state: 'creating', timeout: 40m0s)", "timeout while waiting", "not-ready", also=("network-error",)),
    _said("tls-fails", 'create: RequestError: send request failed caused by: Post "https://sqs.eu-west-1.amazonaws.com/": x509: certificate signed by unknown authority', "x509", "network-error"),
    one("warned-and-failed", {"jobs": made(QUEUE, log="warning: the name is deprecated, and access is denied for the old one", fault=_TAKEN)}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), counts={"create": 1})),
    one("other-warned", {"assets": made(BUCKET, log="warning: api error AccessDenied: cannot read the tags"), "jobs": made(QUEUE, fault=_TAKEN)}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), counts={"create": 2}), command=f"{UP} --continue-on-error"),
    one("printed-an-interrupt", {"jobs": made(QUEUE, log=_SPOOFED)}, good(counts={"create": 2})),
    one("printed-headings", {"jobs": made(QUEUE, log=_HEADINGS)}, good(replaced=(), deleted=(), counts={"create": 2})),
    one("message-option", {"jobs": made(QUEUE)}, good(counts={"create": 2}), command=f"{UP} --message error:_update_failed"),
    one("outputs-of-secrets", {"jobs": made(QUEUE, value={"fn::secret": "hunter2-hunter2"}, note="plain"), "assets": made(BUCKET, value="${jobs.note}")}, good(counts={"create": 3}), command="up --yes --diff", top={"outputs": {"password": "${jobs.value}", "list": [{"fn::secret": "one"}, "two"], "map": {"a": {"b": "${assets.value}"}}}}),
    one("outputs-of-secrets-fail", {"jobs": made(QUEUE, value={"fn::secret": "hunter2-hunter2"}, fault=_TAKEN)}, failed("QueueNameExists", "already-exists", (QUEUE, "jobs", "create"), counts={"create": 1}), command=f"{UP} --json", top={"outputs": {"password": "${jobs.value}"}}),
    one("database-of-many-words", {"web": made(DEPLOYMENT, fault='create: 1 error occurred:\n\t* Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.template.spec.containers[0].image: Required value]\n\n'), "db": made(DATABASE, value="1")}, failed("spec.replicas", "invalid-value", (DEPLOYMENT, "web", "create"), counts={"create": 2}), command=f"{UP} --continue-on-error"),
    one("account-of-two-codes", {"store": made(ACCOUNT, fault='create: Code="DeploymentFailed" Message="At least one resource deployment operation failed." Details=[{"code":"StorageAccountAlreadyTaken","message":"The storage account named store is already taken."}]')}, failed("StorageAccountAlreadyTaken", "already-exists", (ACCOUNT, "store", "create"), counts={"create": 1})),
)  # fmt: skip
